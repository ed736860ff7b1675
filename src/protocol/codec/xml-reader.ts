/**
 * Reading XML documents into plain trees. Anything that is not one well-formed element, and every document type, is refused.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { assertOneElement, XML_DEPTH_MAX, XmlSyntaxError } from "./xml-scan.ts";

/** An element: its text, attributes by name without prefix, and children by name in order. */
export type XmlElement = {
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Readonly<Record<string, readonly XmlElement[]>>;
};

const ATTRIBUTE = "@";
const TEXT = "#text";

const parser = new XMLParser({
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
  removeNSPrefix: true,
  htmlEntities: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: XML_DEPTH_MAX,
});

type Raw = string | { readonly [name: string]: Raw | readonly Raw[] };

const NO_ATTRIBUTES: Readonly<Record<string, string>> = {};
const NO_CHILDREN: Readonly<Record<string, readonly XmlElement[]>> = {};

const toElement = (raw: Raw): XmlElement => {
  if (typeof raw === "string") return { text: raw, attributes: NO_ATTRIBUTES, children: NO_CHILDREN };
  let text = "";
  const attributes: Record<string, string> = {};
  const children: Record<string, XmlElement[]> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name === TEXT) text = String(value);
    else if (name.startsWith(ATTRIBUTE)) attributes[name.slice(ATTRIBUTE.length)] = String(value);
    else children[name] = (Array.isArray(value) ? (value as readonly Raw[]) : [value as Raw]).map(toElement);
  }
  return { text, attributes, children };
};

/** The root element's name and content. Throws `XmlSyntaxError`. */
export const readXml = (document: string): { readonly name: string; readonly root: XmlElement } => {
  assertOneElement(document);
  const validity = XMLValidator.validate(document);
  if (validity !== true) throw new XmlSyntaxError(validity.err.msg);
  const parsed = parse(document);
  const name = Object.keys(parsed).find((key) => key !== TEXT);
  const raw = name === undefined ? undefined : parsed[name];
  if (name === undefined || raw === undefined || Array.isArray(raw)) throw new XmlSyntaxError("there is no root element");
  return { name, root: toElement(raw as Raw) };
};

const parse = (document: string): Readonly<Record<string, Raw | readonly Raw[]>> => {
  try {
    return parser.parse(document) as Readonly<Record<string, Raw | readonly Raw[]>>;
  } catch (error) {
    throw new XmlSyntaxError(error instanceof Error ? error.message : String(error));
  }
};
