/**
 * Reading XML documents into plain trees, in one pass. Anything that is not one well-formed element, and every document type, is
 * refused; what takes long to read is limited by `xml-syntax.ts`.
 */
import {
  assertCharacters,
  readLineEnds,
  readReferences,
  XML_DEPTH_MAX,
  XML_ELEMENTS_MAX,
  XML_TAG_LENGTH_MAX,
  XmlSyntaxError,
} from "./xml-syntax.ts";

/** An element: its text without its children's, attributes by name without prefix, and children by name in order. */
export type XmlElement = {
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Readonly<Record<string, readonly XmlElement[]>>;
};

type OpenElement = {
  /** With its prefix, as the end tag repeats it. */
  readonly tag: string;
  readonly name: string;
  text: string;
  readonly attributes: Readonly<Record<string, string>>;
  children: Record<string, XmlElement[]>;
};

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});
const NO_CHILDREN: Record<string, XmlElement[]> = Object.freeze({}) as Record<string, XmlElement[]>;

const [EXCLAMATION, SLASH, GREATER, QUESTION] = [0x21, 0x2f, 0x3e, 0x3f];

const NAME = String.raw`[A-Za-z_\u00c0-\ufffd][\w.\-\u00b7-\ufffd]*`;
const TAG = new RegExp(`(?:${NAME}:)?(${NAME})`, "y");
const ATTRIBUTE = new RegExp(String.raw`\s+((?:${NAME}:)?(${NAME}))\s*=\s*(?:"([^"<]*)"|'([^'<]*)')`, "y");
const TAG_END = /\s*(\/?)>/y;

const refuse = (message: string): never => {
  throw new XmlSyntaxError(message);
};

const matchAt = (pattern: RegExp, document: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(document);
};

/** The index of `mark`, which ends what begins before `at`. */
const endOf = (document: string, mark: string, at: number): number => {
  const end = document.indexOf(mark, at);
  return end < 0 ? refuse(`there is no ${mark}`) : end;
};

/** A name that an object cannot have as its own; nothing of AWS's is called so. */
const assertName = (name: string): void => {
  if (name === "__proto__") refuse("a name that is none of AWS's");
};

type Tag = {
  readonly tag: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly isEmpty: boolean;
  readonly end: number;
};

/** Reads a start tag's attributes from `at` on; declarations of namespaces are none. */
const readAttributes = (document: string, at: number): { attributes: Record<string, string>; end: number } => {
  const attributes: Record<string, string> = {};
  const seen = new Set<string>();
  let end = at;
  for (;;) {
    const found = matchAt(ATTRIBUTE, document, end);
    if (found === null) return { attributes, end };
    const [whole, full = "", name = "", double, single = ""] = found;
    end += whole.length;
    if (end - at > XML_TAG_LENGTH_MAX) refuse("too long a tag");
    if (seen.has(full)) refuse(`${full} stands more than once`);
    seen.add(full);
    assertName(name);
    const value = readReferences(readLineEnds(double ?? single));
    if (full !== "xmlns" && !full.startsWith("xmlns:")) attributes[name] = value;
  }
};

const readTag = (document: string, open: number): Tag => {
  const found = matchAt(TAG, document, open + 1);
  if (found === null) return refuse("a tag without a name");
  const [tag, name = ""] = found;
  const behindName = open + 1 + tag.length;
  if (document.charCodeAt(behindName) === GREATER) {
    if (tag.length > XML_TAG_LENGTH_MAX) refuse("too long a tag");
    return { tag, name, attributes: NO_ATTRIBUTES, isEmpty: false, end: behindName + 1 };
  }
  const { attributes, end } = readAttributes(document, behindName);
  const closing = matchAt(TAG_END, document, end) ?? refuse("a tag that does not end well");
  const behind = end + closing[0].length;
  if (behind - open > XML_TAG_LENGTH_MAX) refuse("too long a tag");
  return { tag, name, attributes, isEmpty: closing[1] === "/", end: behind };
};

const CDATA = "<![CDATA[";
const COMMENT = "<!--";
const DECLARATION = /^xml\s/i;

/** Builds the tree: elements are opened, filled and closed in the document's order. */
const createBuilder = () => {
  const stack: OpenElement[] = [];
  let top: OpenElement | undefined;
  let root: { readonly name: string; readonly root: XmlElement } | undefined;
  let elements = 0;

  const close = (): void => {
    const closed = stack.pop();
    if (closed === undefined) return;
    const { name, text, attributes, children } = closed;
    const element = { text, attributes, children };
    top = stack.at(-1);
    if (top === undefined) {
      root = { name, root: element };
      return;
    }
    if (top.children === NO_CHILDREN) top.children = {};
    const siblings = Object.hasOwn(top.children, name) ? top.children[name] : undefined;
    if (siblings === undefined) top.children[name] = [element];
    else siblings.push(element);
  };

  return {
    open({ tag, name, attributes, isEmpty }: Tag): void {
      if (top === undefined && root !== undefined) refuse("there is more than one root element");
      elements += 1;
      if (elements > XML_ELEMENTS_MAX) refuse("too many elements");
      if (stack.length === XML_DEPTH_MAX) refuse("too deep");
      assertName(name);
      top = { tag, name, text: "", attributes, children: NO_CHILDREN };
      stack.push(top);
      if (isEmpty) close();
    },
    close(tag: string): void {
      if (top?.tag !== tag) refuse(`${tag} is closed where it is not open`);
      close();
    },
    /** Text with references, `isPlain` without. Outside the root stands white space only. */
    addText(raw: string, { isPlain }: { readonly isPlain: boolean }): void {
      if (top === undefined) {
        if (isPlain || raw.trim() !== "") refuse("text outside the root element");
        return;
      }
      const text = readLineEnds(raw);
      top.text += isPlain ? text : readReferences(text);
    },
    finish(): { readonly name: string; readonly root: XmlElement } {
      if (top !== undefined) return refuse(`${top.tag} is not closed`);
      return root ?? refuse("there is no root element");
    },
  };
};

type Builder = ReturnType<typeof createBuilder>;

/** Reads a comment, a CDATA section or an instruction at `open`; answers the index behind it. */
const readMarkup = (document: string, open: number, builder: Builder): number => {
  if (document.startsWith(COMMENT, open)) return endOf(document, "-->", open + COMMENT.length) + "-->".length;
  if (document.startsWith(CDATA, open)) {
    const end = endOf(document, "]]>", open + CDATA.length);
    builder.addText(document.slice(open + CDATA.length, end), { isPlain: true });
    return end + "]]>".length;
  }
  if (document.charCodeAt(open + 1) === EXCLAMATION) return refuse("a document type is not allowed");
  const end = endOf(document, "?>", open + 2);
  if (open > 0 && DECLARATION.test(document.slice(open + 2, end))) refuse("a declaration that is not at the start");
  return end + "?>".length;
};

/** The root element's name and content. Throws `XmlSyntaxError`. */
export const readXml = (text: string): { readonly name: string; readonly root: XmlElement } => {
  const document = text.startsWith("\ufeff") ? text.slice(1) : text;
  assertCharacters(document);
  const builder = createBuilder();
  let at = 0;
  for (;;) {
    const next = document.indexOf("<", at);
    const open = next < 0 ? document.length : next;
    if (open > at) builder.addText(document.slice(at, open), { isPlain: false });
    if (next < 0) return builder.finish();
    const code = document.charCodeAt(open + 1);
    if (code === SLASH) {
      const end = endOf(document, ">", open);
      builder.close(document.slice(open + 2, end).trimEnd());
      at = end + 1;
    } else if (code === EXCLAMATION || code === QUESTION) {
      at = readMarkup(document, open, builder);
    } else {
      const tag = readTag(document, open);
      builder.open(tag);
      at = tag.end;
    }
  }
};
