/** Trees of XML -> typed values, by the model. Compiled once for each structure, at first use. */
import type { ServiceDescription } from "../model/description.ts";
import { membersOf, parseKind, type Kind, type Member } from "./wire-types.ts";
import type { XmlElement } from "./xml-reader.ts";
import { XmlSyntaxError } from "./xml-syntax.ts";
import { parseTime } from "./times.ts";

type Decode = (element: XmlElement) => unknown;

/** AWS's documents have whole numbers only. */
const NUMBER = /^\s*-?\d{1,16}\s*$/;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}$/;

const refuse = (message: string): never => {
  throw new XmlSyntaxError(message);
};

const decodeNumber: Decode = ({ text }) => (NUMBER.test(text) ? Number(text) : refuse(`${text} is no number`));

const decodeBoolean: Decode = ({ text }) => {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "1") return true;
  return word === "false" || word === "0" ? false : refuse(`${text} is no boolean`);
};

const decodeBlob: Decode = ({ text }) =>
  BASE64.test(text.trimEnd()) ? Buffer.from(text, "base64") : refuse("not base64");

const decodeText: Decode = ({ text, children }) => {
  for (const _ in children) return refuse("elements where a text belongs");
  return text;
};

const decodeWord =
  (words: readonly string[]): Decode =>
  (element) => {
    const word = decodeText(element) as string;
    return words.includes(word) ? word : refuse(`${word} is none of ${words.join(", ")}`);
  };

/** Between elements stands white space only. */
const assertNoText = ({ text }: XmlElement): void => {
  if (text !== "" && text.trim() !== "") refuse("text where elements belong");
};

export type XmlDecoders = {
  /** Decodes the content of an element as the structure of that name. Throws `XmlSyntaxError` for what does not fit. */
  structure(name: string): Decode;
};

export type XmlDecoderOptions = {
  /** Sets of words that admit no other word. */
  readonly closedEnums: ReadonlySet<string>;
  /** Structures whose missing members the operation answers for, by an error of its own. */
  readonly unchecked: ReadonlySet<string>;
};

export const createXmlDecoders = (description: ServiceDescription, options: XmlDecoderOptions): XmlDecoders => {
  const { closedEnums, unchecked } = options;
  const structures = new Map<string, Decode>();

  const decodeKind = (kind: Kind): Decode => {
    switch (kind.kind) {
      case "number":
        return decodeNumber;
      case "boolean":
        return decodeBoolean;
      case "blob":
        return decodeBlob;
      case "time":
        return ({ text }) => parseTime(text.trim()) ?? refuse(`${text} is no time`);
      case "struct":
      case "event":
        // Looked up when it is needed: structures may hold themselves.
        return (element) => structure(kind.name)(element);
      case "list":
        return decodeList(kind.name);
      case "map":
        return decodeMap(kind.name);
      case "enum":
        return closedEnums.has(kind.name) ? decodeWord(description.enums[kind.name] ?? []) : decodeText;
      default:
        return decodeText;
    }
  };

  const decodeList = (name: string): Decode => {
    const { of, member = "member" } = description.lists[name] ?? { of: "string" };
    const decode = decodeKind(parseKind(of));
    return (element) => {
      assertNoText(element);
      for (const child of Object.keys(element.children)) if (child !== member) refuse(`unknown element ${child}`);
      return (element.children[member] ?? []).map(decode);
    };
  };

  const decodeMap = (name: string): Decode => {
    const decode = decodeKind(parseKind(description.maps[name]?.of ?? "string"));
    return (element) => {
      const entries = (element.children["entry"] ?? []).map((entry) => {
        const [key] = entry.children["key"] ?? [];
        const [value] = entry.children["value"] ?? [];
        return key === undefined || value === undefined
          ? refuse("an entry without key or value")
          : [key.text, decode(value)];
      });
      return Object.fromEntries(entries as [string, unknown][]) as unknown;
    };
  };

  const flatListDecoder = (member: Member): ((elements: readonly XmlElement[]) => unknown) => {
    const list = member.kind.kind === "list" ? description.lists[member.kind.name] : undefined;
    const decode = decodeKind(parseKind(list?.of ?? "string"));
    return (elements) => elements.map(decode);
  };

  const compile = (name: string): Decode => {
    const members = membersOf(description, name).filter(({ place }) => place === "");
    const attributes = members.filter(({ xml }) => xml.attribute === true);
    const elements = new Map(
      members
        .filter(({ xml }) => xml.attribute !== true)
        .map((member) => {
          const flat = member.xml.flat === true && member.kind.kind === "list";
          const decodeMany = flat ? flatListDecoder(member) : undefined;
          const decode = decodeKind(member.kind);
          return [elementName(member, description), { member, decodeMany, decode }] as const;
        }),
    );
    const isUnion = description.structures[name]?.union === true;
    const required = unchecked.has(name) ? [] : members.filter((member) => member.required);
    return (element) => {
      assertNoText(element);
      const value: Record<string, unknown> = {};
      for (const { name: memberName, xml } of attributes) {
        const attribute = element.attributes[localName(xml.name ?? memberName)];
        if (attribute !== undefined) value[memberName] = attribute;
      }
      for (const [childName, found] of Object.entries(element.children)) {
        const known = elements.get(childName);
        if (known === undefined) return refuse(`unknown element ${childName}`);
        const { member, decodeMany, decode } = known;
        const [only] = found;
        if (decodeMany !== undefined) value[member.name] = decodeMany(found);
        else if (only === undefined || found.length > 1) return refuse(`${childName} stands more than once`);
        else value[member.name] = decode(only);
      }
      if (isUnion && Object.keys(value).length !== 1) return refuse(`${name} takes one of its members`);
      for (const { name: memberName } of required) {
        if (value[memberName] === undefined) return refuse(`${memberName} is missing`);
      }
      return value;
    };
  };

  const structure = (name: string): Decode => {
    let decode = structures.get(name);
    if (decode === undefined) structures.set(name, (decode = compile(name)));
    return decode;
  };

  return { structure };
};

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

/** The name of a member's element; a flat list's elements may be named by the list. */
const elementName = ({ name, kind, xml }: Member, description: ServiceDescription): string => {
  if (xml.name !== undefined) return xml.name;
  if (xml.flat === true && kind.kind === "list") return description.lists[kind.name]?.member ?? name;
  return name;
};
