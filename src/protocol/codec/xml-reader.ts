/**
 * Reading XML documents into plain trees. Anything that is not one well-formed element, and every document type, is refused.
 */
import { XMLParser } from "fast-xml-parser";
import { assertWellFormed } from "./xml-scan.ts";
import { readReferences, XML_DEPTH_MAX, XmlSyntaxError } from "./xml-syntax.ts";

/** An element: its text without its children's, attributes by name without prefix, and children by name in order. */
export type XmlElement = {
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Readonly<Record<string, readonly XmlElement[]>>;
};

const TEXT = "#text";
const ATTRIBUTES = ":@";

const nothing = (): void => undefined;

const parser = new XMLParser({
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  textNodeName: TEXT,
  removeNSPrefix: true,
  htmlEntities: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: XML_DEPTH_MAX,
  // The parser's own decoder drops references to control characters, which keys may have.
  entityDecoder: {
    decode: readReferences,
    addInputEntities: nothing,
    setExternalEntities: nothing,
    setXmlVersion: nothing,
    reset: nothing,
  },
  // Nodes in their order are what the parser builds first; its objects and its paths take half of its time.
  preserveOrder: true,
  jPath: false,
});

/** How the parser answers: an element's name with its nodes, beside its attributes; or a text. */
type Node = Readonly<Record<string, string | readonly Node[] | Readonly<Record<string, string>>>>;

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});

/** The name of a node's element, or `#text`. */
const nameOf = (node: Node): string => {
  for (const name in node) if (name !== ATTRIBUTES) return name;
  return TEXT;
};

const toElement = (node: Node, name: string): XmlElement => {
  let text = "";
  const children: Record<string, XmlElement[]> = {};
  for (const child of node[name] as readonly Node[]) {
    const childName = nameOf(child);
    if (childName === TEXT) {
      text += child[TEXT] as string;
      continue;
    }
    const element = toElement(child, childName);
    if (Object.hasOwn(children, childName)) children[childName]?.push(element);
    else children[childName] = [element];
  }
  const attributes = (node[ATTRIBUTES] as Readonly<Record<string, string>> | undefined) ?? NO_ATTRIBUTES;
  return { text, attributes, children };
};

const parse = (document: string): readonly Node[] => {
  try {
    return parser.parse(document) as readonly Node[];
  } catch (error) {
    if (error instanceof XmlSyntaxError) throw error;
    throw new XmlSyntaxError(error instanceof Error ? error.message : String(error));
  }
};

/** The root element's name and content. Throws `XmlSyntaxError`. */
export const readXml = (text: string): { readonly name: string; readonly root: XmlElement } => {
  const document = text.startsWith("\ufeff") ? text.slice(1) : text;
  assertWellFormed(document);
  for (const node of parse(document)) {
    const name = nameOf(node);
    if (name !== TEXT) return { name, root: toElement(node, name) };
  }
  throw new XmlSyntaxError("there is no root element");
};
