/**
 * S3 requests -> typed inputs. Each operation is compiled once, at first use. What a handler could only refuse is refused here:
 * numbers that are none, documents that do not fit AWS's schema.
 */
import { AwsError } from "../aws-error.ts";
import { description, type Operations } from "../generated/s3.ts";
import {
  CLOSED_ENUMS,
  EXTRA_MEMBERS,
  LENIENT_NUMBERS,
  LENIENT_TIMES,
  MALFORMED_CODES,
  MISSING_HEADER_MESSAGES,
  NUMBER_MESSAGES,
  TIME_MESSAGES,
  UNCHECKED_STRUCTURES,
} from "../model/overlay.ts";
import type { Parameters } from "../query-string.ts";
import { parseTime } from "./times.ts";
import { memberOf, membersOf, type Kind, type Member } from "./wire-types.ts";
import { createXmlDecoders } from "./xml-decoder.ts";
import { readXml } from "./xml-reader.ts";
import { XmlSyntaxError } from "./xml-syntax.ts";

type S3OperationName = keyof Operations;

/** The parts of a routed request that its input is read from. */
export type InputParts = {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly query: Parameters;
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

const labelReader = ({ name }: Member): Read => {
  if (name === "Bucket") return ({ bucket }, input) => void (bucket !== undefined && (input["Bucket"] = bucket));
  if (name === "Key") return ({ key }, input) => void (key !== undefined && (input["Key"] = key));
  return () => undefined;
};

const xml = createXmlDecoders(description, { closedEnums: CLOSED_ENUMS, unchecked: UNCHECKED_STRUCTURES });
const MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema";

const malformed = (operation: S3OperationName): AwsError =>
  new AwsError(MALFORMED_CODES[operation] ?? "MalformedXML", {}, { status: 400, message: MALFORMED });

const missingBody = (): AwsError =>
  new AwsError("MissingRequestBodyError", {}, { status: 400, message: "Request Body is empty" });

/** Bodies are read as UTF-8; a byte order mark is no part of them. */
const decoder = new TextDecoder("utf-8", { fatal: true });

const documentReader = (operation: S3OperationName, member: Member): Read => {
  if (member.kind.kind === "string") {
    return ({ document }, input) => {
      if (document !== undefined && document.length > 0) input[member.name] = decodeText(document, operation);
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
      const { name, root } = readXml(decodeText(document, operation));
      if (name !== rootName) throw new XmlSyntaxError(`the root is ${name}, not ${rootName}`);
      input[member.name] = xml.structure(kind.name)(root);
    } catch (error) {
      if (error instanceof XmlSyntaxError) throw malformed(operation);
      throw error;
    }
  };
};

const decodeText = (document: Uint8Array, operation: S3OperationName): string => {
  try {
    return decoder.decode(document);
  } catch {
    throw malformed(operation);
  }
};

/** Select's request is a document without a payload member: its members stand in the root. */
const rootReader = (operation: S3OperationName, structure: string): Read => {
  const rootName = description.structures[structure]?.xml?.name ?? structure;
  return ({ document }, input) => {
    if (document === undefined || document.length === 0) throw missingBody();
    try {
      const { name, root } = readXml(decodeText(document, operation));
      if (name !== rootName) throw new XmlSyntaxError(`the root is ${name}, not ${rootName}`);
      Object.assign(input, xml.structure(structure)(root));
    } catch (error) {
      if (error instanceof XmlSyntaxError) throw malformed(operation);
      throw error;
    }
  };
};

const compileMember = (operation: S3OperationName, member: Member): Read | undefined => {
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
      return member.kind.kind === "stream" ? undefined : documentReader(operation, member);
    default:
      return undefined;
  }
};

type Decoder = { readonly reads: readonly Read[]; readonly readsDocument: boolean };

const compile = (operation: S3OperationName): Decoder => {
  const structure = description.operations[operation].input;
  const extra = (EXTRA_MEMBERS[operation] ?? []).map((row) => memberOf(row, { required: false }));
  const members = [...membersOf(description, structure), ...extra];
  const reads = members.map((member) => compileMember(operation, member)).filter((read) => read !== undefined);
  const inRoot = members.some(({ place }) => place === "");
  const payload = members.find(({ place }) => place === "payload");
  return {
    reads: inRoot ? [...reads, rootReader(operation, structure)] : reads,
    readsDocument: inRoot || (payload !== undefined && payload.kind.kind !== "stream"),
  };
};

const decoders = new Map<S3OperationName, Decoder>();

const decoderOf = (operation: S3OperationName): Decoder => {
  let found = decoders.get(operation);
  if (found === undefined) decoders.set(operation, (found = compile(operation)));
  return found;
};

/** True when an operation's body is a document that is read whole before its handler runs. */
export const readsDocument = (operation: S3OperationName): boolean => decoderOf(operation).readsDocument;

/**
 * The input of an operation. A streaming body is not part of it.
 * Errors: InvalidArgument, InvalidRequest, MalformedXML, MalformedACLError, MissingRequestBodyError.
 */
export const decodeS3Input = <Name extends S3OperationName>(
  operation: Name,
  parts: InputParts,
): Operations[Name]["input"] => {
  const input: Input = {};
  for (const read of decoderOf(operation).reads) read(parts, input);
  return input;
};
