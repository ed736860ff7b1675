/** Streams of events: each is a member of a union, and the messages that carry them are made by the model. */
import { Readable } from "node:stream";
import { callbackify } from "node:util";
import { AwsError } from "../aws-error.ts";
import { encodeEventMessage } from "../event-stream.ts";
import type { ServiceDescription } from "../model/description.ts";
import { membersOf } from "./wire-types.ts";
import type { XmlWriters } from "./xml-writer.ts";

type Event = Readonly<Record<string, unknown>>;
type EncodeEvent = (event: unknown) => Buffer;

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>';

const eventHeaders = (type: string, contentType: string | undefined): Record<string, string> => ({
  ":message-type": "event",
  ":event-type": type,
  ...(contentType === undefined ? {} : { ":content-type": contentType }),
});

/** How an event of one type is sent: bytes as they are, a structure as an XML document, or nothing but its type. */
const eventEncoder = (
  description: ServiceDescription,
  { type, structure, writers }: { readonly type: string; readonly structure: string; readonly writers: XmlWriters },
): EncodeEvent => {
  const [member] = membersOf(description, structure);
  if (member === undefined) return () => encodeEventMessage({ headers: eventHeaders(type, undefined) });
  if (member.kind.kind === "struct") {
    const { name: root } = member.kind;
    const headers = eventHeaders(type, "text/xml");
    const content = writers.content(root);
    return (event) => {
      const document = `${XML_HEAD}<${root} xmlns="">${content((event as Event)[member.name])}</${root}>`;
      return encodeEventMessage({ headers, payload: Buffer.from(document) });
    };
  }
  const headers = eventHeaders(type, "application/octet-stream");
  return (event) => {
    const payload = (event as Event)[member.name] as Uint8Array | undefined;
    return encodeEventMessage({ headers, ...(payload === undefined ? {} : { payload }) });
  };
};

const encodeError = ({ code, message }: AwsError): Buffer =>
  encodeEventMessage({ headers: { ":message-type": "error", ":error-code": code, ":error-message": message } });

/** Makes an answer's body of a union's events. */
export type EventsWriter = (events: AsyncIterable<object>) => Readable;

export const createEventsWriter = (
  description: ServiceDescription,
  { union, writers }: { readonly union: string; readonly writers: XmlWriters },
): EventsWriter => {
  const encoders = new Map(
    membersOf(description, union).flatMap(({ name, kind }) =>
      kind.kind === "struct"
        ? [[name, eventEncoder(description, { type: name, structure: kind.name, writers })] as const]
        : [],
    ),
  );
  const encode = (event: object): Buffer => {
    for (const [type, value] of Object.entries(event)) {
      const encodeOne = encoders.get(type);
      if (encodeOne !== undefined && value !== undefined) return encodeOne(value);
    }
    throw new Error(`no member of ${union} was given`);
  };
  return (events) => eventBody(events[Symbol.asyncIterator](), encode);
};

/**
 * The events' messages. An error of AWS's is the last of them; any other breaks the body off. Whoever destroys the body ends
 * what makes the events.
 */
const eventBody = (events: AsyncIterator<object>, encode: (event: object) => Buffer): Readable =>
  new Readable({
    read() {
      events
        .next()
        .then(({ value, done }) => void this.push(done === true ? null : encode(value)))
        .catch((error: unknown) => {
          if (error instanceof AwsError) {
            this.push(encodeError(error));
            this.push(null);
          } else this.destroy(error instanceof Error ? error : new Error(String(error)));
        });
    },
    destroy(error, done) {
      callbackify(async () => await events.return?.())((failure) => done(error ?? failure));
    },
  });
