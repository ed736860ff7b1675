/**
 * Requests of a service that speaks REST and XML -> typed inputs. Each operation is compiled once, at first use. What a handler
 * could only refuse is refused here: numbers that are none, documents that do not fit AWS's schema.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
import { AwsError } from "../aws-error.ts";
import type { MemberRow, ServiceDescription } from "../model/description.ts";
import {
  LENIENT_NUMBERS,
  LENIENT_TIMES,
  MISSING_HEADER_MESSAGES,
  NUMBER_MESSAGES,
  TIME_MESSAGES,
} from "../model/overlay.ts";
import type { Parameters } from "../query-string.ts";
import { parseTime } from "./times.ts";
import { memberOf, membersOf, type Kind, type Member } from "./wire-types.ts";
import { createXmlDecoders, type XmlDecoderOptions, type XmlDecoders } from "./xml-decoder.ts";
import { readXml } from "./xml-reader.ts";
import { XmlSyntaxError } from "./xml-syntax.ts";

/** The parts of a routed request that its input is read from. */
export type InputParts = {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  /** What else stands in the path, by the members' names. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly query: Parameters;
  /** All values of the parameters that may be given more than once. */
  readonly repeated?: ReadonlyMap<string, readonly string[]> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body, for operations that `readsDocument` says take one. */
  readonly document?: Uint8Array | undefined;
};

type Input = Record<string, unknown>;
type Read = (parts: InputParts, input: Input) => void;

const invalidArgument = (name: string, value: string, message: string): AwsError =>
  new AwsError("InvalidArgument", { ArgumentName: name, ArgumentValue: value }, { status: 400, message });

const NUMBER = /^-?\d{1,16}$/;

/** Reads one text of a header or a parameter. Undefined: as if it had not been given. */
const textReader = (kind: Kind, name: string): ((text: string) => unknown) => {
  switch (kind.kind) {
    case "number":
      return (text) => {
        if (NUMBER.test(text)) return Number(text);
        // An empty page size is none.
        if (LENIENT_NUMBERS.has(name) || (text === "" && name.startsWith("max-"))) return undefined;
        const message = NUMBER_MESSAGES[name] ?? `Provided ${name} not an integer or within integer range`;
        throw invalidArgument(name, text, message);
      };
    case "boolean":
      return (text) => {
        const word = text.trim().toLowerCase();
        if (word === "true" || word === "false") return word === "true";
        throw invalidArgument(name, text, `Provided ${name} is not a boolean`);
      };
    case "time":
      return (text) => {
        const time = parseTime(text);
        if (time !== undefined || LENIENT_TIMES.has(name.toLowerCase())) return time;
        throw invalidArgument(name, text, TIME_MESSAGES[name] ?? `Provided ${name} is not a valid date`);
      };
    case "list":
      return (text) => splitList(text);
    default:
      return (text) => text;
  }
};

const splitList = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const headerReader = (member: Member): Read => {
  const name = member.placeName.toLowerCase();
  const read = textReader(member.kind, member.placeName);
  return ({ headers }, input) => {
    const text = headers[name];
    if (text === undefined) {
      if (!member.required) return;
      const message = MISSING_HEADER_MESSAGES[name] ?? `Missing required header for this request: ${name}`;
      throw new AwsError("InvalidRequest", {}, { status: 400, message });
    }
    const value = read(text);
    if (value !== undefined) input[member.name] = value;
  };
};

const prefixReader = ({ name, placeName }: Member): Read => {
  const prefix = placeName.toLowerCase();
  return ({ headers }, input) => {
    let found: Record<string, string> | undefined;
    for (const header in headers) {
      if (!header.startsWith(prefix)) continue;
      found ??= {};
      found[header.slice(prefix.length)] = headers[header] ?? "";
    }
    if (found !== undefined) input[name] = found;
  };
};

/** Parameters of this kind become headers of the answer. */
const OVERRIDE_PREFIX = "response-";
const LATIN_1 = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** Refuses what no header can carry. */
const asHeaderText =
  (name: string, read: (text: string) => unknown): ((text: string) => unknown) =>
  (text) => {
    if (LATIN_1.test(text)) return read(text);
    throw invalidArgument(name, text, "Header value cannot be represented using ISO-8859-1.");
  };

const parameterReader = (member: Member): Read => {
  const readText = textReader(member.kind, member.placeName);
  const read = member.placeName.startsWith(OVERRIDE_PREFIX) ? asHeaderText(member.placeName, readText) : readText;
  if (member.kind.kind === "list") return repeatedReader(member);
  return ({ query }, input) => {
    const text = query.get(member.placeName);
    if (text === undefined) {
      if (!member.required) return;
      throw invalidArgument(member.placeName, "", `Missing required parameter ${member.placeName}`);
    }
    const value = read(text);
    if (value !== undefined) input[member.name] = value;
  };
};

const repeatedReader = ({ name, placeName, required }: Member): Read => {
  return ({ repeated }, input) => {
    const values = repeated?.get(placeName);
    if (values !== undefined) input[name] = values;
    else if (required) throw invalidArgument(placeName, "", `Missing required parameter ${placeName}`);
  };
};

const labelReader = ({ name }: Member): Read => {
  if (name === "Bucket") return ({ bucket }, input) => void (bucket !== undefined && (input["Bucket"] = bucket));
  if (name === "Key") return ({ key }, input) => void (key !== undefined && (input["Key"] = key));
  return ({ labels }, input) => void (labels?.[name] !== undefined && (input[name] = labels[name]));
};

const MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema";

const malformed = (code = "MalformedXML"): AwsError => new AwsError(code, {}, { status: 400, message: MALFORMED });

const missingBody = (): AwsError =>
  new AwsError("MissingRequestBodyError", {}, { status: 400, message: "Request Body is empty" });

/** Bodies are read as UTF-8; a byte order mark is no part of them. */
const decoder = new TextDecoder("utf-8", { fatal: true });

/** How the documents of one operation are read. */
type Documents = {
  readonly xml: XmlDecoders;
  /** What a document is answered with that is none, where that is not MalformedXML. */
  readonly malformedCode: string | undefined;
};

const documentReader = ({ xml, malformedCode }: Documents, member: Member): Read => {
  if (member.kind.kind === "string") {
    return ({ document }, input) => {
      // A text may be empty: what is wrong with that is the operation's to say.
      if (document !== undefined) input[member.name] = decodeText(document, malformedCode);
      else if (member.required) throw missingBody();
    };
  }
  const { kind } = member;
  if (kind.kind === "blob")
    return ({ document }, input) => void (document !== undefined && (input[member.name] = document));
  if (kind.kind !== "struct") return () => undefined;
  const rootName = member.xml.name ?? kind.name;
  return ({ document }, input) => {
    if (document === undefined || document.length === 0) {
      if (member.required) throw missingBody();
      return;
    }
    try {
      const { name, root } = readXml(decodeText(document, malformedCode));
      if (name !== rootName) throw new XmlSyntaxError(`the root is ${name}, not ${rootName}`);
      input[member.name] = xml.structure(kind.name)(root);
    } catch (error) {
      if (error instanceof XmlSyntaxError) throw malformed(malformedCode);
      throw error;
    }
  };
};

const decodeText = (document: Uint8Array, malformedCode: string | undefined): string => {
  try {
    return decoder.decode(document);
  } catch {
    throw malformed(malformedCode);
  }
};

/** A document without a payload member: its members stand in the root. */
const rootReader = (
  { xml, malformedCode }: Documents,
  { structure, rootName }: { readonly structure: string; readonly rootName: string },
): Read => {
  return ({ document }, input) => {
    if (document === undefined || document.length === 0) throw missingBody();
    try {
      const { name, root } = readXml(decodeText(document, malformedCode));
      if (name !== rootName) throw new XmlSyntaxError(`the root is ${name}, not ${rootName}`);
      Object.assign(input, xml.structure(structure)(root));
    } catch (error) {
      if (error instanceof XmlSyntaxError) throw malformed(malformedCode);
      throw error;
    }
  };
};

const compileMember = (documents: Documents, member: Member): Read | undefined => {
  switch (member.place) {
    case "header":
      return headerReader(member);
    case "prefix":
      return prefixReader(member);
    case "query":
      return parameterReader(member);
    case "label":
      return labelReader(member);
    case "payload":
      return member.kind.kind === "stream" ? undefined : documentReader(documents, member);
    default:
      return undefined;
  }
};

type Decoder = { readonly reads: readonly Read[]; readonly readsDocument: boolean };

/** What a service's model leaves out about its requests. */
export type RestXmlReading = XmlDecoderOptions & {
  /** By operation: codes other than MalformedXML for documents that are none. */
  readonly malformedCodes?: Readonly<Partial<Record<string, string>>>;
  /** By operation: members that the model does not have. */
  readonly extraMembers?: Readonly<Partial<Record<string, readonly MemberRow[]>>>;
};

/** Reads the requests of one service. */
export type RestXmlDecoder<Name extends string> = {
  /** True when an operation's body is a document that is read whole before its handler runs. */
  readsDocument(operation: Name): boolean;
  /**
   * The input of an operation. A streaming body is not part of it.
   * Errors: InvalidArgument, InvalidRequest, MalformedXML or what the operation has instead, MissingRequestBodyError.
   */
  decodeInput(operation: Name, parts: InputParts): unknown;
};

/** Makes the decoder of a service from its description. */
export const createRestXmlDecoder = <Name extends string>(
  description: ServiceDescription<Name>,
  { malformedCodes = {}, extraMembers = {}, ...options }: RestXmlReading,
): RestXmlDecoder<Name> => {
  const xml = createXmlDecoders(description, options);
  const decoders = new Map<Name, Decoder>();

  const compile = (operation: Name): Decoder => {
    const structure = description.operations[operation].input;
    const extra = (extraMembers[operation] ?? []).map((row) => memberOf(row, { required: false }));
    const members = [...membersOf(description, structure), ...extra];
    const documents: Documents = { xml, malformedCode: malformedCodes[operation] };
    const reads = members.map((member) => compileMember(documents, member)).filter((read) => read !== undefined);
    const inRoot = members.some(({ place }) => place === "");
    const payload = members.find(({ place }) => place === "payload");
    const rootName = description.structures[structure]?.xml?.name ?? structure;
    return {
      reads: inRoot ? [...reads, rootReader(documents, { structure, rootName })] : reads,
      readsDocument: inRoot || (payload !== undefined && payload.kind.kind !== "stream"),
    };
  };

  const decoderOf = (operation: Name): Decoder => {
    let found = decoders.get(operation);
    if (found === undefined) decoders.set(operation, (found = compile(operation)));
    return found;
  };

  return {
    readsDocument: (operation) => decoderOf(operation).readsDocument,
    decodeInput: (operation, parts) => {
      const input: Input = {};
      for (const read of decoderOf(operation).reads) read(parts, input);
      return input;
    },
  };
};
