/** What a document may be at most, and how its characters and references are read. https://www.w3.org/TR/xml/ */

/** Elements within elements. */
export const XML_DEPTH_MAX = 64;
/** Elements of one document. 10,000 parts, the most that a request names, have at most thirteen each. */
export const XML_ELEMENTS_MAX = 150_000;
/** Characters of one tag with its attributes. */
export const XML_TAG_LENGTH_MAX = 4_096;

/** What could not be read, for the log and the tests; clients get their service's own words. */
export class XmlSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "XmlSyntaxError";
  }
}

/** XML 1.0 has no other control characters but tab, CR and LF either, but keys have, and some SDKs write them as they are. */
const NO_CHARACTER = "\0";

/** Throws `XmlSyntaxError` where a document holds what no XML has a place for. */
export const assertCharacters = (document: string): void => {
  if (document.includes(NO_CHARACTER)) throw new XmlSyntaxError("a character that XML has not");
};

const CODE_POINT_MAX = 0x10_ff_ff;
const isSurrogate = (code: number): boolean => code >= 0xd8_00 && code <= 0xdf_ff;

/** References to control characters are read, though XML 1.0 has none: keys with some are written so. */
const character = (code: number): string => {
  if (code > CODE_POINT_MAX || isSurrogate(code)) throw new XmlSyntaxError("a reference to no character");
  return String.fromCodePoint(code);
};

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

const REFERENCES = /&(?:([a-z]{1,4})|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));|&/g;

const readReference = (_: string, name?: string, decimal?: string, hex?: string): string => {
  if (decimal !== undefined) return character(Number(decimal));
  if (hex !== undefined) return character(Number.parseInt(hex, 16));
  const text = ENTITIES.get(name ?? "");
  if (text === undefined) throw new XmlSyntaxError("an unknown reference");
  return text;
};

/** Reads the references of a stretch of text. Throws `XmlSyntaxError` for one that XML does not know. */
export const readReferences = (raw: string): string =>
  raw.includes("&") ? raw.replaceAll(REFERENCES, readReference) : raw;
