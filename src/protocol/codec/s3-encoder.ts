/** Typed outputs of S3 -> answers. Each operation is compiled once, at first use. */
import { description, type Operations } from "../generated/s3.ts";
import {
  BARE_ROOTS,
  CONTENT_TYPES,
  EXTRA_HEADERS,
  INTERLEAVED,
  PARTIAL_MEMBERS,
  S3_XML_NAMESPACE,
  STATUS_CHOSEN,
  STATUSES,
  type StatusMember,
  URL_ENCODED,
} from "../model/overlay.ts";
import type { WireBody, WireResponse } from "../wire.ts";
import { createEventsWriter } from "./events.ts";
import { httpTime, isoTime } from "./times.ts";
import { memberOf, membersOf, type Member } from "./wire-types.ts";
import { createXmlWriters, escapeXml, type XmlWriters } from "./xml-writer.ts";

type S3OperationName = keyof Operations;
type Output = Readonly<Record<string, unknown>>;
type Headers = Record<string, string>;
type WriteHeader = (output: Output, headers: Headers) => void;

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const XML_TYPE = "application/xml";

const headerText = ({ kind }: Member): ((value: unknown) => string) => {
  switch (kind.kind) {
    case "time":
      return kind.format === "iso" ? (value) => isoTime(value as Date) : (value) => httpTime(value as Date);
    case "list":
      return (value) => (value as readonly string[]).join(", ");
    default:
      return String;
  }
};

const headerWriter = (member: Member): WriteHeader => {
  const { name, placeName } = member;
  const text = headerText(member);
  return (output, headers) => {
    const value = output[name];
    if (value !== undefined) headers[placeName] = text(value);
  };
};

const prefixWriter =
  ({ name, placeName }: Member): WriteHeader =>
  (output, headers) => {
    const values = output[name] as Readonly<Record<string, string>> | undefined;
    for (const key in values) headers[placeName + key] = values[key] ?? "";
  };

const plainWriters = createXmlWriters(description);

/** The root element of a document, with S3's namespace. */
const documentOf = (
  writers: XmlWriters,
  { root, structure, value }: { root: string; structure: string; value: unknown },
): string => `${XML_HEAD}<${root} xmlns="${S3_XML_NAMESPACE}">${writers.content(structure)(value)}</${root}>`;

type WriteBody = (output: Output, headers: Headers) => WireBody | undefined;

const payloadWriter = ({ name, kind, xml }: Member): WriteBody => {
  if (kind.kind === "struct") {
    const root = xml.name ?? kind.name;
    return (output, headers) => {
      const value = output[name];
      if (value === undefined) return undefined;
      headers["Content-Type"] = XML_TYPE;
      return documentOf(plainWriters, { root, structure: kind.name, value });
    };
  }
  if (kind.kind === "event") {
    const writeEvents = createEventsWriter(description, { union: kind.name, writers: plainWriters });
    return (output) => {
      const events = output[name] as AsyncIterable<object> | undefined;
      return events && writeEvents(events);
    };
  }
  return (output) => output[name] as WireBody | undefined;
};

const documentWriter = (operation: S3OperationName, structure: string): WriteBody => {
  const root = description.structures[structure]?.xml?.name ?? structure;
  const bare = BARE_ROOTS[operation];
  if (bare !== undefined) {
    return (output, headers) => {
      headers["Content-Type"] = XML_TYPE;
      const text = output[bare];
      const content = typeof text === "string" ? escapeXml(text) : "";
      return `${XML_HEAD}<${root} xmlns="${S3_XML_NAMESPACE}">${content}</${root}>`;
    };
  }
  const urlEncoded = URL_ENCODED[operation];
  const interleaved = INTERLEAVED[operation];
  const ownWriters = interleaved === undefined ? plainWriters : createXmlWriters(description, { interleaved });
  const urlWriters = urlEncoded && createXmlWriters(description, { urlEncoded, interleaved });
  return (output, headers) => {
    headers["Content-Type"] = XML_TYPE;
    const writers = urlWriters !== undefined && output["EncodingType"] === "url" ? urlWriters : ownWriters;
    return documentOf(writers, { root, structure, value: output });
  };
};

type Encoder = {
  readonly status: number;
  readonly statusMember: string | undefined;
  readonly partialMember: string | undefined;
  readonly contentType: string | undefined;
  readonly headers: readonly WriteHeader[];
  readonly body: WriteBody | undefined;
};

const bodyWriter = (
  operation: S3OperationName,
  structure: string,
  members: readonly Member[],
): WriteBody | undefined => {
  const payload = members.find(({ place }) => place === "payload");
  if (payload !== undefined) return payloadWriter(payload);
  return members.some(({ place }) => place === "") ? documentWriter(operation, structure) : undefined;
};

const CHOSEN_STATUS: keyof StatusMember = "statusCode";

const compile = (operation: S3OperationName): Encoder => {
  const { http, output } = description.operations[operation];
  const members = membersOf(description, output);
  const extra = (EXTRA_HEADERS[operation] ?? []).map((row) => memberOf(row, { required: false }));
  const headers: WriteHeader[] = [];
  for (const member of [...members, ...extra]) {
    if (member.place === "header") headers.push(headerWriter(member));
    else if (member.place === "prefix") headers.push(prefixWriter(member));
  }
  return {
    status: STATUSES[operation] ?? http[2],
    statusMember: STATUS_CHOSEN.has(operation) ? CHOSEN_STATUS : members.find(({ place }) => place === "status")?.name,
    partialMember: PARTIAL_MEMBERS[operation],
    contentType: CONTENT_TYPES[operation],
    headers,
    body: bodyWriter(operation, output, members),
  };
};

const encoders = new Map<S3OperationName, Encoder>();

const encoderOf = (operation: S3OperationName): Encoder => {
  let found = encoders.get(operation);
  if (found === undefined) encoders.set(operation, (found = compile(operation)));
  return found;
};

/** The answer to an operation that succeeded. `headers` go first; the output's own win over them. */
export const encodeS3Output = <Name extends S3OperationName>(
  operation: Name,
  output: Operations[Name]["output"],
  headers: Headers,
): WireResponse => {
  const encoder = encoderOf(operation);
  const members = output as unknown as Output;
  if (encoder.contentType !== undefined) headers["Content-Type"] = encoder.contentType;
  for (const write of encoder.headers) write(members, headers);
  const body = encoder.body?.(members, headers);
  return { status: statusOf(encoder, members), headers, ...(body === undefined ? {} : { body }) };
};

const PARTIAL_CONTENT = 206;

const statusOf = ({ status, statusMember, partialMember }: Encoder, output: Output): number => {
  if (partialMember !== undefined && output[partialMember] !== undefined) return PARTIAL_CONTENT;
  return (statusMember === undefined ? undefined : (output[statusMember] as number | undefined)) ?? status;
};
