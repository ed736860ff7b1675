/**
 * What a document must be before it is parsed: one element, nothing around it, no document type, no reference that XML does not
 * know, nothing that takes long to parse. The parser itself lets much of that through.
 */

/** Elements within elements. */
export const XML_DEPTH_MAX = 64;
/** Elements of one document. 10,000 parts, the most that a request names, have at most eight each. */
export const XML_ELEMENTS_MAX = 100_000;
/** Characters of one tag with its attributes. */
export const XML_TAG_LENGTH_MAX = 4_096;

/** What could not be read, for the log and the tests; clients get their service's own words. */
export class XmlSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "XmlSyntaxError";
  }
}

/** XML 1.0 has no control characters but tab, CR and LF, not even as references. */
// oxlint-disable-next-line no-control-regex
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/y;

const isCharacter = (code: number): boolean =>
  code <= 0xff_ff
    ? !NO_CHARACTER.test(String.fromCharCode(code)) && (code < 0xd8_00 || code > 0xdf_ff)
    : code <= 0x10_ff_ff;

/** Throws for a reference that XML does not know. */
const assertReference = (document: string, at: number): void => {
  REFERENCE.lastIndex = at;
  const found = REFERENCE.exec(document);
  if (found === null) throw new XmlSyntaxError("an unknown reference");
  const [, decimal, hex] = found;
  if (decimal !== undefined && !isCharacter(Number(decimal))) throw new XmlSyntaxError("a reference to no character");
  if (hex !== undefined && !isCharacter(Number.parseInt(hex, 16))) throw new XmlSyntaxError("a reference to no character");
};

/** Checks the references of one stretch of text after the other; each character is looked at once. */
const createReferenceCheck = (document: string): ((start: number, end: number) => void) => {
  let next = document.indexOf("&");
  return (start, end) => {
    if (next < 0 || next >= end) return;
    if (next < start) next = document.indexOf("&", start);
    while (next >= 0 && next < end) {
      assertReference(document, next);
      next = document.indexOf("&", next + 1);
    }
  };
};

/** The index behind `mark`, which ends what begins before `at`. */
const behind = (document: string, mark: string, at: number): number => {
  const end = document.indexOf(mark, at);
  if (end < 0) throw new XmlSyntaxError(`there is no ${mark}`);
  return end + mark.length;
};

const [QUOTE, APOSTROPHE, SLASH, LESS, GREATER] = [0x22, 0x27, 0x2f, 0x3c, 0x3e];

/** The index of the `>` that ends the tag at `open`; one in quotes does not. */
const tagEnd = (document: string, open: number): number => {
  const end = Math.min(document.length, open + XML_TAG_LENGTH_MAX);
  for (let at = open + 1; at < end; at += 1) {
    const code = document.charCodeAt(at);
    if (code === GREATER) return at;
    if (code === LESS) break;
    if (code === QUOTE) at = behind(document, '"', at + 1) - 1;
    else if (code === APOSTROPHE) at = behind(document, "'", at + 1) - 1;
  }
  throw new XmlSyntaxError("a tag without an end, or too long a one");
};

const CDATA = "<![CDATA[";

/** The index behind a comment, a CDATA section or a declaration; undefined for a tag. */
const behindMarkup = (document: string, open: number): number | undefined => {
  if (document.startsWith("<!--", open)) return behind(document, "-->", open + "<!--".length);
  if (document.startsWith(CDATA, open)) return behind(document, "]]>", open);
  if (document.startsWith("<?", open)) return behind(document, "?>", open);
  if (document.startsWith("<!", open)) throw new XmlSyntaxError("a document type is not allowed");
  return undefined;
};

/** Throws `XmlSyntaxError` for what is not one element with white space, comments and declarations around it. */
export const assertOneElement = (document: string): void => {
  if (NO_CHARACTER.test(document)) throw new XmlSyntaxError("a character that XML has not");
  const checkReferences = createReferenceCheck(document);
  let depth = 0;
  let elements = 0;
  let at = 0;
  for (;;) {
    const next = document.indexOf("<", at);
    const open = next < 0 ? document.length : next;
    const outside = depth === 0 && (document.slice(at, open).trim() !== "" || document.startsWith(CDATA, open));
    if (outside) throw new XmlSyntaxError("text outside the root element");
    checkReferences(at, open);
    if (next < 0) break;
    const end = behindMarkup(document, open);
    if (end !== undefined) {
      at = end;
      continue;
    }
    const close = tagEnd(document, open);
    checkReferences(open, close);
    at = close + 1;
    if (document.charCodeAt(open + 1) === SLASH) {
      depth -= 1;
      continue;
    }
    if (depth === 0 && elements > 0) throw new XmlSyntaxError("there is more than one root element");
    elements += 1;
    if (elements > XML_ELEMENTS_MAX) throw new XmlSyntaxError("too many elements");
    if (document.charCodeAt(close - 1) !== SLASH) depth += 1;
    if (depth > XML_DEPTH_MAX) throw new XmlSyntaxError("too deep");
  }
  if (elements === 0) throw new XmlSyntaxError("there is no root element");
};
