/**
 * What a document must be before it is parsed: one well-formed element, nothing around it, no document type, nothing that takes
 * long to parse. The parser itself lets much of that through, its tags need not even match.
 */
import { assertCharacters, XML_DEPTH_MAX, XML_ELEMENTS_MAX, XML_TAG_LENGTH_MAX, XmlSyntaxError } from "./xml-syntax.ts";

const [EXCLAMATION, SLASH, GREATER, QUESTION] = [0x21, 0x2f, 0x3e, 0x3f];

const NAME = String.raw`[A-Za-z_\u00c0-\ufffd][\w.\-\u00b7-\ufffd]*`;
const TAG = new RegExp(`(?:${NAME}:)?${NAME}`, "y");
const ATTRIBUTE = new RegExp(String.raw`\s+((?:${NAME}:)?${NAME})\s*=\s*(?:"[^"<]*"|'[^'<]*')`, "y");
const TAG_END = /\s*(\/?)>/y;
const CDATA = "<![CDATA[";
const COMMENT = "<!--";
const DECLARATION = /^xml\s/i;

const refuse = (message: string): never => {
  throw new XmlSyntaxError(message);
};

const matchAt = (pattern: RegExp, document: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(document);
};

/** The index behind `mark`, which ends what begins before `at`. */
const behind = (document: string, mark: string, at: number): number => {
  const end = document.indexOf(mark, at);
  return end < 0 ? refuse(`there is no ${mark}`) : end + mark.length;
};

/** The index behind a start tag's attributes, which begin at `at`. */
const behindAttributes = (document: string, at: number): number => {
  const names = new Set<string>();
  let end = at;
  for (;;) {
    const found = matchAt(ATTRIBUTE, document, end);
    if (found === null) return end;
    const [whole, name = ""] = found;
    end += whole.length;
    if (names.has(name)) refuse(`${name} stands more than once`);
    names.add(name);
    if (end - at > XML_TAG_LENGTH_MAX) refuse("too long a tag");
  }
};

type Tag = { readonly name: string; readonly isEmpty: boolean; readonly end: number };

const readTag = (document: string, open: number): Tag => {
  const [name] = matchAt(TAG, document, open + 1) ?? refuse("a tag without a name");
  const behindName = open + 1 + name.length;
  const isBare = document.charCodeAt(behindName) === GREATER;
  const attributesEnd = isBare ? behindName : behindAttributes(document, behindName);
  const [end, slash] = isBare
    ? [">", ""]
    : (matchAt(TAG_END, document, attributesEnd) ?? refuse("a tag without an end"));
  const behindTag = attributesEnd + end.length;
  if (behindTag - open > XML_TAG_LENGTH_MAX) refuse("too long a tag");
  return { name, isEmpty: slash === "/", end: behindTag };
};

/** The index behind a comment, a CDATA section, an instruction or the declaration. */
const behindMarkup = (document: string, open: number): number => {
  if (document.startsWith(COMMENT, open)) return behind(document, "-->", open + COMMENT.length);
  if (document.startsWith(CDATA, open)) return behind(document, "]]>", open + CDATA.length);
  if (document.charCodeAt(open + 1) === EXCLAMATION) return refuse("a document type is not allowed");
  const end = behind(document, "?>", open + 2);
  if (open > 0 && DECLARATION.test(document.slice(open + 2, end))) refuse("a declaration that is not at the start");
  return end;
};

/** The elements that are open, and how many there were. */
const createElements = () => {
  const open: string[] = [];
  let count = 0;
  return {
    isOutside: (): boolean => open.length === 0,
    open({ name, isEmpty }: Tag): void {
      if (open.length === 0 && count > 0) refuse("there is more than one root element");
      count += 1;
      if (count > XML_ELEMENTS_MAX) refuse("too many elements");
      if (open.length === XML_DEPTH_MAX) refuse("too deep");
      if (!isEmpty) open.push(name);
    },
    close(name: string): void {
      if (open.pop() !== name) refuse(`${name} is closed where it is not open`);
    },
    finish(): void {
      if (open.length > 0) refuse(`${open.at(-1)} is not closed`);
      if (count === 0) refuse("there is no root element");
    },
  };
};

/**
 * Throws `XmlSyntaxError` for what is not one well-formed element with white space, comments and instructions around it.
 * References in texts and attributes are left to who reads them.
 */
export const assertWellFormed = (document: string): void => {
  assertCharacters(document);
  const elements = createElements();
  let at = 0;
  for (;;) {
    const next = document.indexOf("<", at);
    const open = next < 0 ? document.length : next;
    const isOutside = elements.isOutside();
    if (isOutside && document.slice(at, open).trim() !== "") refuse("text outside the root element");
    if (next < 0) return elements.finish();
    const code = document.charCodeAt(open + 1);
    if (code === SLASH) {
      at = behind(document, ">", open);
      elements.close(document.slice(open + 2, at - 1).trimEnd());
    } else if (code === EXCLAMATION || code === QUESTION) {
      if (isOutside && document.startsWith(CDATA, open)) refuse("text outside the root element");
      at = behindMarkup(document, open);
    } else {
      const tag = readTag(document, open);
      elements.open(tag);
      at = tag.end;
    }
  }
};
