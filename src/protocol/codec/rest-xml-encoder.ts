/**
 * Typed outputs of a service that speaks REST and XML -> answers. Each operation is compiled once, at first use.
 * https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
import type { MemberRow, ServiceDescription } from "../model/description.ts";
import type { InterleavedLists, StatusMember } from "../model/overlay.ts";
import type { WireBody, WireResponse } from "../wire.ts";
import { createEventsWriter } from "./events.ts";
import { httpTime, isoTime } from "./times.ts";
import { memberOf, membersOf, type Member } from "./wire-types.ts";
import { createXmlWriters, escapeXml, type XmlWriters } from "./xml-writer.ts";

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

type WriteBody = (output: Output, headers: Headers) => WireBody | undefined;

type Encoder = {
  readonly status: number;
  readonly statusMember: string | undefined;
  readonly partialMember: string | undefined;
  readonly contentType: string | undefined;
  readonly headers: readonly WriteHeader[];
  readonly body: WriteBody | undefined;
};

type ByOperation<Value> = Readonly<Partial<Record<string, Value>>>;

/** What a service's model leaves out about its answers. */
export type RestXmlWriting = {
  /** Of its documents. */
  readonly xmlNamespace: string;
  /** Answers to successful requests that AWS gives another status than its model says. */
  readonly statuses?: ByOperation<number>;
  /** Operations whose outputs carry a `StatusMember`. */
  readonly statusChosen?: ReadonlySet<string>;
  /** Answers that are 206 when they carry this member. */
  readonly partialMembers?: ByOperation<string>;
  /** Answers whose type follows from nothing in the model. */
  readonly contentTypes?: ByOperation<string>;
  /** Headers that the model does not have. */
  readonly extraHeaders?: ByOperation<readonly MemberRow[]>;
  /** Answers that are one text in the root element itself: its member. */
  readonly bareRoots?: ByOperation<string>;
  /** Members that `encoding-type=url` encodes. */
  readonly urlEncoded?: ByOperation<ReadonlySet<string>>;
  readonly interleaved?: ByOperation<InterleavedLists>;
};

/** Writes the answers of one service. `headers` go first; the output's own win over them. */
export type EncodeOutput<Name extends string> = (operation: Name, output: object, headers: Headers) => WireResponse;

const CHOSEN_STATUS: keyof StatusMember = "statusCode";
const PARTIAL_CONTENT = 206;

const statusOf = ({ status, statusMember, partialMember }: Encoder, output: Output): number => {
  if (partialMember !== undefined && output[partialMember] !== undefined) return PARTIAL_CONTENT;
  return (statusMember === undefined ? undefined : (output[statusMember] as number | undefined)) ?? status;
};

/** Makes the encoder of a service from its description. */
export const createRestXmlEncoder = <Name extends string>(
  description: ServiceDescription<Name>,
  writing: RestXmlWriting,
): EncodeOutput<Name> => {
  const plainWriters = createXmlWriters(description);
  const encoders = new Map<Name, Encoder>();

  /** The root element of a document, with the service's namespace. */
  const documentOf = (
    writers: XmlWriters,
    { root, structure, value }: { root: string; structure: string; value: unknown },
  ): string => `${XML_HEAD}<${root} xmlns="${writing.xmlNamespace}">${writers.content(structure)(value)}</${root}>`;

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

  const documentWriter = (operation: Name, structure: string): WriteBody => {
    const root = description.structures[structure]?.xml?.name ?? structure;
    const bare = writing.bareRoots?.[operation];
    if (bare !== undefined) {
      return (output, headers) => {
        headers["Content-Type"] = XML_TYPE;
        const text = output[bare];
        const content = typeof text === "string" ? escapeXml(text) : "";
        return `${XML_HEAD}<${root} xmlns="${writing.xmlNamespace}">${content}</${root}>`;
      };
    }
    const urlEncoded = writing.urlEncoded?.[operation];
    const interleaved = writing.interleaved?.[operation];
    const ownWriters = interleaved === undefined ? plainWriters : createXmlWriters(description, { interleaved });
    const urlWriters = urlEncoded && createXmlWriters(description, { urlEncoded, interleaved });
    return (output, headers) => {
      headers["Content-Type"] = XML_TYPE;
      const writers = urlWriters !== undefined && output["EncodingType"] === "url" ? urlWriters : ownWriters;
      return documentOf(writers, { root, structure, value: output });
    };
  };

  const bodyWriter = (operation: Name, structure: string, members: readonly Member[]): WriteBody | undefined => {
    const payload = members.find(({ place }) => place === "payload");
    if (payload !== undefined) return payloadWriter(payload);
    return members.some(({ place }) => place === "") ? documentWriter(operation, structure) : undefined;
  };

  const compile = (operation: Name): Encoder => {
    const { http, output } = description.operations[operation];
    const members = membersOf(description, output);
    const extra = (writing.extraHeaders?.[operation] ?? []).map((row) => memberOf(row, { required: false }));
    const headers: WriteHeader[] = [];
    for (const member of [...members, ...extra]) {
      if (member.place === "header") headers.push(headerWriter(member));
      else if (member.place === "prefix") headers.push(prefixWriter(member));
    }
    const isChosen = writing.statusChosen?.has(operation) === true;
    return {
      status: writing.statuses?.[operation] ?? http[2],
      statusMember: isChosen ? CHOSEN_STATUS : members.find(({ place }) => place === "status")?.name,
      partialMember: writing.partialMembers?.[operation],
      contentType: writing.contentTypes?.[operation],
      headers,
      body: bodyWriter(operation, output, members),
    };
  };

  const encoderOf = (operation: Name): Encoder => {
    let found = encoders.get(operation);
    if (found === undefined) encoders.set(operation, (found = compile(operation)));
    return found;
  };

  return (operation, output, headers) => {
    const encoder = encoderOf(operation);
    const members = output as Output;
    if (encoder.contentType !== undefined) headers["Content-Type"] = encoder.contentType;
    for (const write of encoder.headers) write(members, headers);
    const body = encoder.body?.(members, headers);
    return { status: statusOf(encoder, members), headers, ...(body === undefined ? {} : { body }) };
  };
};
