/** SAML documents as trees of elements. The codec of `protocol/` reads only what AWS's model describes. */
import { XMLParser, XMLValidator } from "fast-xml-parser";

export type XmlElement = {
  /** Without its namespace prefix. */
  readonly name: string;
  /** By their names without prefix. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, children's left out. */
  readonly text: string;
};

/** Elements within each other at most. */
export const XML_DEPTH_MAX = 50;

const ATTRIBUTES = ":@";
const TEXT = "#text";

const parser = new XMLParser({
  preserveOrder: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  htmlEntities: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** How the parser answers one node: its name with its children, and its attributes. */
type Node = Readonly<Record<string, unknown>>;

/** The root element of `xml`. Throws for text that is not well-formed, has a DOCTYPE, two roots or is too deep. */
export const readXmlElement = (xml: string): XmlElement => {
  // Entities of a DOCTYPE can grow without bounds.
  if (xml.includes("<!DOCTYPE")) throw new Error("a DOCTYPE is not allowed");
  // The validator lets text after the root element pass.
  if (!/^\s*<[^]*>\s*$/.test(xml)) throw new Error("there must be nothing but one root element");
  const verdict = XMLValidator.validate(xml);
  if (verdict !== true) throw new Error(verdict.err.msg);
  const elements = (parser.parse(xml) as Node[]).filter((node) => !(TEXT in node));
  if (elements.length !== 1) throw new Error("there must be one root element");
  return elementOf(elements[0]!, XML_DEPTH_MAX);
};

const elementOf = (node: Node, depthLeft: number): XmlElement => {
  if (depthLeft === 0) throw new Error(`more than ${XML_DEPTH_MAX} elements within each other`);
  const name = Object.keys(node).find((key) => key !== ATTRIBUTES) ?? "";
  const content = node[name] as readonly Node[];
  return {
    name,
    attributes: (node[ATTRIBUTES] ?? {}) as Record<string, string>,
    children: content.filter((child) => !(TEXT in child)).map((child) => elementOf(child, depthLeft - 1)),
    text: content.map((child) => (child[TEXT] ?? "") as string).join(""),
  };
};
