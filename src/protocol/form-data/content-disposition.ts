/** The header of a form's part that names it. https://www.rfc-editor.org/rfc/rfc7578#section-4.2 */

export type Disposition = {
  /** `form-data`, in lower case. */
  readonly type: string;
  readonly name: string | undefined;
  /** The file's name as the client said it, which may be a path; undefined where it said none. */
  readonly fileName: string | undefined;
};

/** `; name="value"` or `; name=value`; a quoted value may hold `\"` and `\\`. */
const PARAMETER = /;[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;
/** Browsers leave the backslashes of a path alone: only what must be escaped counts as an escape. */
const ESCAPED = /\\(["\\])/g;
/** `filename*=UTF-8''na%C3%AFve.txt`: not for forms, and yet some clients send nothing else for a name beyond ASCII. */
const EXTENDED = /^utf-8'[^']*'(.*)$/i;

const decodeExtended = (value: string | undefined): string | undefined => {
  const encoded = value === undefined ? undefined : EXTENDED.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
};

/** Reads the value of a `Content-Disposition` header. */
export const parseDisposition = (header: string): Disposition => {
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, plain = ""] of header.matchAll(PARAMETER)) {
    const value = quoted === undefined ? plain : quoted.replaceAll(ESCAPED, "$1");
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return {
    type: (header.split(";", 1)[0] ?? "").trim().toLowerCase(),
    name: parameters.get("name"),
    fileName: parameters.get("filename") ?? decodeExtended(parameters.get("filename*")),
  };
};

const BOUNDARY = /;[ \t]*boundary=(?:"([^"]+)"|([^;\s]+))/i;

/** The boundary that a `Content-Type` names; undefined for none. */
export const boundaryOf = (contentType: string): string | undefined => {
  const found = BOUNDARY.exec(contentType);
  return found?.[1] ?? found?.[2];
};
