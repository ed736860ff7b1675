/**
 * Reading XML documents into plain trees. Anything that is not one well-formed element, and every document type, is refused.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";

/** Elements within elements. */
export const XML_DEPTH_MAX = 64;

/** What could not be read, for the log and the tests; clients get their service's own words. */
export class XmlSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "XmlSyntaxError";
  }
}

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

const DOCTYPE = /<!DOCTYPE/i;

/** The root element's name and content. Throws `XmlSyntaxError`. */
export const readXml = (document: string): { readonly name: string; readonly root: XmlElement } => {
  if (DOCTYPE.test(document)) throw new XmlSyntaxError("a document type is not allowed");
  const validity = XMLValidator.validate(document);
  if (validity !== true) throw new XmlSyntaxError(validity.err.msg);
  let parsed: Readonly<Record<string, Raw | readonly Raw[]>>;
  try {
    parsed = parser.parse(document) as typeof parsed;
  } catch (error) {
    throw new XmlSyntaxError(error instanceof Error ? error.message : String(error));
  }
  const outside = parsed[TEXT];
  if (outside !== undefined && String(outside).trim() !== "") throw new XmlSyntaxError("text outside the root element");
  const names = Object.keys(parsed).filter((name) => name !== TEXT);
  const [name] = names;
  const raw = name === undefined ? undefined : parsed[name];
  if (name === undefined || raw === undefined) throw new XmlSyntaxError("there is no root element");
  if (names.length > 1 || Array.isArray(raw)) throw new XmlSyntaxError("there is more than one root element");
  return { name, root: toElement(raw as Raw) };
};
