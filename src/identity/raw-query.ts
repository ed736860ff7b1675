/** The query of a request target, read and written the way signatures need it. Texts hold one byte a character. */

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const UNRESERVED_PATH = /^[A-Za-z0-9\-._~/]*$/;
const TO_ESCAPE = /%[0-9a-fA-F]{2}|[^A-Za-z0-9\-._~]/g;
const TO_ESCAPE_IN_PATH = /%[0-9a-fA-F]{2}|[^A-Za-z0-9\-._~/]/g;
const TO_ESCAPE_AGAIN = /[^A-Za-z0-9\-._~/]/g;

const escapeByte = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** An escape in capitals, or the character itself where none was needed; everything else escaped. */
const canonicalEscape = (match: string): string => {
  if (match.length === 1) return escapeByte(match);
  const character = String.fromCharCode(Number.parseInt(match.slice(1), 16));
  return UNRESERVED.test(character) ? character : match.toUpperCase();
};

/** The path with each byte escaped as SigV4 wants it for S3: once, and slashes left alone. */
export const canonicalPathOnce = (rawPath: string): string =>
  UNRESERVED_PATH.test(rawPath) ? rawPath : rawPath.replace(TO_ESCAPE_IN_PATH, canonicalEscape);

/** Escapes what is already escaped once more, as SigV4 wants it for all services but S3. */
export const escapeAgain = (path: string): string => path.replace(TO_ESCAPE_AGAIN, escapeByte);

const canonicalPart = (part: string): string =>
  UNRESERVED.test(part) ? part : part.replaceAll("+", "%20").replace(TO_ESCAPE, canonicalEscape);

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** JavaScript's `trim` would take the last byte of a UTF-8 `à` for a blank. */
export const withoutBlanksAround = (value: string): string => {
  let from = 0;
  let end = value.length;
  while (from < end && isBlank(value.charCodeAt(from))) from += 1;
  while (end > from && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(from, end);
};

type RawParameter = { readonly name: string; readonly value: string };

const splitQuery = (rawQuery: string): readonly RawParameter[] =>
  rawQuery
    .split("&")
    .filter((parameter) => parameter !== "")
    .map((parameter) => {
      const equals = parameter.indexOf("=");
      return equals < 0
        ? { name: parameter, value: "" }
        : { name: parameter.slice(0, equals), value: parameter.slice(equals + 1) };
    });

const compare = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** The query as SigV4 signs it: escaped, sorted by name and value, without the parameter `except`. */
export const canonicalQuery = (rawQuery: string, options: { readonly except: string | undefined }): string => {
  if (rawQuery === "") return "";
  return splitQuery(rawQuery)
    .map(({ name, value }) => ({ name: canonicalPart(name), value: canonicalPart(value) }))
    .filter(({ name }) => name !== options.except)
    .sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join("&");
};

/** Bytes that are no UTF-8 become U+FFFD, and a lone `%` stays: what matters here is ASCII, and a signature is never made of this. */
const decodePart = (part: string): string => {
  if (!part.includes("%") && !part.includes("+")) return part;
  const bytes = part
    .replaceAll("+", " ")
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
};

/** Decoded parameters; of one that comes twice the first counts. */
export const readQuery = (rawQuery: string): ReadonlyMap<string, string> => {
  const query = new Map<string, string>();
  for (const { name, value } of splitQuery(rawQuery)) {
    const decoded = decodePart(name);
    if (!query.has(decoded)) query.set(decoded, decodePart(value));
  }
  return query;
};
