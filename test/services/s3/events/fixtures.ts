/** What the tests of event notifications share. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  PutBucketNotificationConfigurationCommand,
  type Event as ConfiguredEvent,
  type NotificationConfiguration,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ExecutionContext } from "ava";
import type { Config } from "../../../../src/config.ts";
import { createControlClient, type ControlClient } from "../../../../src/control/client.ts";
import type { Event } from "../../../../src/control/generated/standin/v1/event_pb.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";

export const ACCOUNT = "123456789012";
export const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:queue`;
export const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:topic`;
export const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`;
export const BUS = `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/default`;

/** One record of a message, as far as tests look at it. */
export type EventRecord = {
  readonly eventVersion: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly userIdentity: { readonly principalId: string };
  readonly s3: {
    readonly configurationId: string;
    readonly object: {
      readonly key: string;
      readonly size?: number;
      readonly eTag?: string;
      readonly versionId?: string;
      readonly sequencer?: string;
    };
  };
};

/** The record of an event's message. */
export const recordOf = ({ message }: Pick<Event, "message">): EventRecord => {
  const [record] = (JSON.parse(message) as { Records: [EventRecord] }).Records;
  return record;
};

/** Has the queue told of `events`. */
export const tellQueue = (events: readonly string[], filter: { prefix?: string; suffix?: string } = {}) => {
  const rules = Object.entries(filter).map(([Name, Value]) => ({ Name: Name as "prefix" | "suffix", Value }));
  return {
    QueueConfigurations: [
      {
        Id: "told",
        QueueArn: QUEUE,
        Events: events as ConfiguredEvent[],
        ...(rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } }),
      },
    ],
  };
};

export const configure = (s3: S3Client, Bucket: string, configuration: NotificationConfiguration) =>
  s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: configuration,
      SkipDestinationValidation: true,
    }),
  );

/** Reads events as they are delivered. */
export type Reader = {
  /** The next `count` events. */
  readonly read: (count: number) => Promise<Event[]>;
  /** Those up to one of that name. */
  readonly readUntil: (eventName: string) => Promise<Event[]>;
};

/** Reads what is delivered in a world from now on; test events of configurations are passed over unless asked for. */
export const watch = async (
  t: ExecutionContext,
  { events }: ControlClient,
  { world = "", testEvents = false }: { world?: string; testEvents?: boolean } = {},
): Promise<Reader> => {
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  const answers = events.watchEvents({ world }, { signal: ending.signal })[Symbol.asyncIterator]();
  await answers.next();
  const next = async (): Promise<Event> => {
    for (;;) {
      const { value, done } = await answers.next();
      if (done === true) throw new Error("the stream ended");
      const { event } = value;
      if (event !== undefined && (testEvents || event.eventName !== "s3:TestEvent")) return event;
    }
  };
  return {
    read: async (count) => {
      const read: Event[] = [];
      while (read.length < count) read.push(await next());
      return read;
    },
    readUntil: async (eventName) => {
      const read: Event[] = [];
      while (read.at(-1)?.eventName !== eventName) read.push(await next());
      return read;
    },
  };
};

export type Suite = {
  readonly server: TestServer;
  readonly control: ControlClient;
  readonly s3: S3Client;
  readonly Bucket: string;
  readonly reader: Reader;
};

/** A server of its own with a bucket, whose events are read from here on. */
export const start = async (t: ExecutionContext, config: Partial<Config> = {}): Promise<Suite> => {
  const server = await startTestServer(config);
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  const s3 = server.s3();
  const Bucket = await makeBucket(s3, "events");
  return { server, control, s3, Bucket, reader: await watch(t, control) };
};

export type Posted = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** A webhook on a free port. `statuses` says what it answers to one after another; 200 after the last, or, where it `hangs`, nothing at all. */
export const startWebhook = async (
  t: ExecutionContext,
  { statuses = [], hangs = false }: { statuses?: readonly number[]; hangs?: boolean } = {},
): Promise<{ readonly url: string; readonly posted: readonly Posted[]; received(count: number): Promise<void> }> => {
  const posted: Posted[] = [];
  let changed = (): void => {};
  const webhook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.statusCode = statuses[posted.length] ?? 200;
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (!hangs) response.end();
      changed();
    });
  });
  webhook.listen(0, "127.0.0.1");
  await once(webhook, "listening");
  t.teardown(() => {
    webhook.closeAllConnections();
    webhook.close();
  });
  const { port } = webhook.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/events`,
    posted,
    received: async (count) => {
      while (posted.length < count) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    },
  };
};
