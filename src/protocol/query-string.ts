/** Reading percent-encoded text strictly: what is no UTF-8, or no escape at all, is refused. */
import { AwsError } from "./aws-error.ts";

const invalidUri = (): AwsError =>
  new AwsError("InvalidURI", {}, { status: 400, message: "Couldn't parse the specified URI." });

const BEYOND_ASCII = /[\u0080-\u00ff]/;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Node gives the request line as latin1: raw bytes beyond ASCII must be UTF-8. */
const asUtf8 = (text: string): string => {
  if (!BEYOND_ASCII.test(text)) return text;
  try {
    return strictUtf8.decode(Buffer.from(text, "latin1"));
  } catch {
    throw invalidUri();
  }
};

/** Decodes a path segment or a key; `+` stays a plus. Errors: InvalidURI. */
export const decodePath = (text: string): string => {
  try {
    return text.includes("%") ? decodeURIComponent(asUtf8(text)) : asUtf8(text);
  } catch {
    throw invalidUri();
  }
};

/** Decodes a name or a value of a query or a form; `+` is a blank. Errors: InvalidURI. */
const decodeParameter = (text: string): string => decodePath(text.includes("+") ? text.replaceAll("+", " ") : text);

/** The parameters of a query or of a form. A name given twice keeps its first value; one without `=` is an empty text. */
export type Parameters = ReadonlyMap<string, string>;

const NONE: Parameters = new Map();
/** The most parameters that a query or a form may have: more would not all be looked at. */
export const PARAMETERS_MAX = 10_000;

const pairsOf = (text: string): readonly string[] => {
  const pairs = text.split("&", PARAMETERS_MAX + 1);
  if (pairs.length > PARAMETERS_MAX) throw invalidUri();
  return pairs;
};

/** Errors: InvalidURI for what cannot be decoded, and for more than `PARAMETERS_MAX` parameters. */
export const parseParameters = (text: string): Parameters => {
  if (text === "") return NONE;
  const parameters = new Map<string, string>();
  for (const pair of pairsOf(text)) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decodeParameter(at < 0 ? pair : pair.slice(0, at));
    if (!parameters.has(name)) parameters.set(name, at < 0 ? "" : decodeParameter(pair.slice(at + 1)));
  }
  return parameters;
};

/** All values of each parameter, in their order. Errors: those of {@link parseParameters}. */
export const parseRepeated = (text: string): ReadonlyMap<string, readonly string[]> => {
  const parameters = new Map<string, string[]>();
  for (const pair of pairsOf(text)) {
    if (pair === "") continue;
    const [[name, value] = ["", ""]] = parseParameters(pair);
    parameters.set(name, [...(parameters.get(name) ?? []), value]);
  }
  return parameters;
};
