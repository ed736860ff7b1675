/** Typed values -> XML, by the model. Closures are compiled once for each structure, at first use, and append to one text. */
import type { ServiceDescription } from "../model/description.ts";
import type { InterleavedLists } from "../model/overlay.ts";
import { isoTime } from "./times.ts";
import { membersOf, parseKind, type Kind, type Member } from "./wire-types.ts";

// Markup, control characters but the tab, and what readers take for the end of a line.
// oxlint-disable-next-line no-control-regex
const SPECIAL = /[&<>"\u0000-\u0008\u000a-\u001f\u007f\u0085\u2028\ufffe\uffff]/;
const SPECIALS = new RegExp(SPECIAL, "g");

const escapeOne = (character: string): string => {
  switch (character) {
    case "&":
      return "&amp;";
    case "<":
      return "&lt;";
    case ">":
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return `&#x${character.charCodeAt(0).toString(16)};`;
  }
};

/** Escapes a text for element content or an attribute; control characters, CR and LF leave as character references. */
export const escapeXml = (text: string): string => (SPECIAL.test(text) ? text.replace(SPECIALS, escapeOne) : text);

type Write = (value: unknown) => string;
type Fields = Readonly<Record<string, unknown>>;

const URL_PLAIN = /^[A-Za-z0-9*\-._/]*$/;

/** Encodes as `encoding-type=url` does: a blank is a plus, `/` stays. */
export const urlEncode = (text: string): string =>
  URL_PLAIN.test(text)
    ? text
    : encodeURIComponent(text)
        .replaceAll("%2F", "/")
        .replaceAll("%20", "+")
        .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Texts repeat in a listing, as storage classes and owners do: the element that was written last is kept. */
const remembered = ({ open, write, close }: { open: string; write: Write; close: string }): Write => {
  let lastValue: unknown;
  let element = "";
  return (value) => {
    if (value !== lastValue) {
      element = open + write(value) + close;
      lastValue = value;
    }
    return element;
  };
};

/** Writers of one service's structures. */
export type XmlWriters = {
  /** The content of the structure's element: its members that stand in the document. */
  content(name: string): Write;
};

/** How a service writes what it writes in its own way. */
export type XmlWriterOptions = {
  /** `isoTime`, with milliseconds, unless told otherwise. */
  readonly writeTime?: (time: Date) => string;
  /** Members, wherever they stand, whose texts are URL-encoded. */
  readonly urlEncoded?: ReadonlySet<string> | undefined;
  /** Lists whose elements stand among each other, in whatever structure has them. */
  readonly interleaved?: InterleavedLists | undefined;
};

/** Makes writers from a service's description; nothing is compiled before its first use. */
export const createXmlWriters = (description: ServiceDescription, options: XmlWriterOptions = {}): XmlWriters => {
  const { writeTime = isoTime, urlEncoded, interleaved } = options;
  const contents = new Map<string, Write>();

  const writeText = (name: string): Write =>
    urlEncoded?.has(name) === true
      ? (value) => escapeXml(urlEncode(String(value)))
      : (value) => escapeXml(String(value));

  const writeKind = (kind: Kind, name: string): Write => {
    switch (kind.kind) {
      case "number":
      case "boolean":
        return String;
      case "time":
        return (value) => writeTime(value as Date);
      case "blob":
        return (value) => Buffer.from(value as Uint8Array).toString("base64");
      case "struct":
      case "event":
        return (value) => content(kind.name)(value);
      case "list":
        return writeList(kind.name);
      case "map":
        return writeMap(kind.name);
      default:
        return writeText(name);
    }
  };

  /** One element with its attributes. */
  const writeElement = (
    name: string,
    { kind, memberName, namespace }: { kind: Kind; memberName: string; namespace: string },
  ): Write => {
    const write = writeKind(kind, memberName);
    const [open, close] = [`<${name}${namespace}>`, `</${name}>`];
    const attributes = kind.kind === "struct" ? attributesOf(kind.name) : undefined;
    if (kind.kind === "string" || kind.kind === "enum") return remembered({ open, write, close });
    if (attributes === undefined) return (value) => open + write(value) + close;
    return (value) => `<${name}${namespace}${attributes(value)}>${write(value)}${close}`;
  };

  const writeList = (name: string): Write => {
    const { of, member = "member" } = description.lists[name] ?? { of: "string" };
    const write = writeElement(member, { kind: parseKind(of), memberName: member, namespace: "" });
    return (value) => {
      let text = "";
      for (const item of value as readonly unknown[]) text += write(item);
      return text;
    };
  };

  const writeMap = (name: string): Write => {
    const write = writeKind(parseKind(description.maps[name]?.of ?? "string"), name);
    return (value) =>
      Object.entries(value as Fields)
        .map(([key, item]) => `<entry><key>${escapeXml(key)}</key><value>${write(item)}</value></entry>`)
        .join("");
  };

  const namespaceOf = ({ xml }: Member): string =>
    xml.namespace === undefined ? "" : ` xmlns:${xml.namespace[0]}="${xml.namespace[1]}"`;

  /** One element of a list that has none around it. */
  const writeFlatElement = (member: Member): Write => {
    const { name, kind, xml } = member;
    const list = kind.kind === "list" ? description.lists[kind.name] : undefined;
    const element = xml.name ?? list?.member ?? name;
    const of = parseKind(list?.of ?? "string");
    return writeElement(element, { kind: of, memberName: name, namespace: namespaceOf(member) });
  };

  const writeMember = (member: Member): Write => {
    const { name, kind, xml } = member;
    if (kind.kind === "list" && xml.flat === true) {
      const write = writeFlatElement(member);
      return (value) => {
        let text = "";
        for (const item of value as readonly unknown[]) text += write(item);
        return text;
      };
    }
    return writeElement(xml.name ?? name, { kind, memberName: name, namespace: namespaceOf(member) });
  };

  /** Writes lists among each other in the order that the fields say, or one after the other. */
  const writeInterleaved = (members: readonly Member[], { order }: InterleavedLists): Write => {
    const writers = new Map(members.map((member) => [member.name, writeFlatElement(member)]));
    return (value) => {
      const lists = value as Readonly<Record<string, readonly unknown[] | undefined>>;
      const next = new Map<string, number>();
      let text = "";
      for (const name of lists[order] ?? [...writers.keys()].flatMap((list) => lists[list]?.map(() => list) ?? [])) {
        const list = String(name);
        const at = next.get(list) ?? 0;
        next.set(list, at + 1);
        text += writers.get(list)?.(lists[list]?.[at]) ?? "";
      }
      return text;
    };
  };

  const compile = (structure: string): Write => {
    const all = membersOf(description, structure).filter(({ place, xml }) => place === "" && xml.attribute !== true);
    const among = all.filter(({ name }) => interleaved?.lists.includes(name));
    const mixed = interleaved === undefined || among.length === 0 ? undefined : writeInterleaved(among, interleaved);
    const members = all
      .filter((member) => !among.includes(member))
      .map((member) => ({ name: member.name, write: writeMember(member) }));
    return (value) => {
      let text = "";
      const fields = value as Fields;
      for (const { name, write } of members) {
        const field = fields[name];
        if (field !== undefined) text += write(field);
      }
      return mixed === undefined ? text : text + mixed(fields);
    };
  };

  const content = (structure: string): Write => {
    let write = contents.get(structure);
    if (write === undefined) contents.set(structure, (write = compile(structure)));
    return write;
  };

  const attributesOf = (structure: string): Write | undefined => {
    const members = membersOf(description, structure).filter(({ xml }) => xml.attribute === true);
    if (members.length === 0) return undefined;
    return (value) =>
      members
        .map(({ name, xml }) => {
          const field = (value as Fields)[name];
          return typeof field === "string" ? ` ${xml.name ?? name}="${escapeXml(field)}"` : "";
        })
        .join("");
  };

  return { content };
};
