/** EventService: lists in pages, filters, a stream that goes on where another ended, and clearing. */
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { Code, ConnectError, createControlClient, type ControlClient } from "../../src/control/client.ts";
import type { Event } from "../../src/control/generated/standin/v1/event_pb.ts";
import { startTestServer } from "../support/server.ts";
import { configure, QUEUE, tellQueue, TOPIC, watch } from "../services/s3/events/fixtures.ts";

const ONE = "111111111111";
const OTHER = "222222222222";

type Suite = {
  readonly control: ControlClient;
  readonly s3: (accountId: string) => S3Client;
  readonly put: (accountId: string, Bucket: string, keys: readonly string[]) => Promise<void>;
};

/** Two accounts with a bucket each; the queue is told of what is made and deleted in both. */
const start = async (t: ExecutionContext): Promise<Suite> => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  const clients = new Map([ONE, OTHER].map((accountId) => [accountId, server.s3({ accountId })]));
  const s3 = (accountId: string): S3Client => {
    const client = clients.get(accountId);
    if (client === undefined) throw new Error(`there is no client of ${accountId}`);
    return client;
  };
  for (const [accountId, Bucket] of [
    [ONE, "one"],
    [OTHER, "other"],
  ] as const) {
    await s3(accountId).send(new CreateBucketCommand({ Bucket }));
    await configure(s3(accountId), Bucket, {
      ...tellQueue(["s3:ObjectCreated:*"]),
      TopicConfigurations: [{ TopicArn: TOPIC, Events: ["s3:ObjectRemoved:*"] }],
    });
  }
  return {
    control,
    s3,
    put: async (accountId, Bucket, keys) => {
      for (const Key of keys) await s3(accountId).send(new PutObjectCommand({ Bucket, Key, Body: "body" }));
    },
  };
};

const placesOf = (events: readonly Event[]): string[] => events.map(({ bucket, key }) => `${bucket}/${key}`);

test("events are listed account by account, in pages and in the order in which they were delivered", async (t) => {
  const { control, put } = await start(t);
  const reader = await watch(t, control);
  await put(OTHER, "other", ["b", "a"]);
  await put(ONE, "one", ["z", "y", "x"]);
  await reader.read(5);
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const page = await control.events.listEvents({ pageSize: 2, pageToken });
    pages.push(placesOf(page.events));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  t.deepEqual(pages, [["one/z", "one/y"], ["one/x", "other/b"], ["other/a"]]);
});

test("a filter admits what meets all of it", async (t) => {
  const { control, s3, put } = await start(t);
  const reader = await watch(t, control);
  await put(ONE, "one", ["photos/a", "photos/b", "notes/a"]);
  await put(OTHER, "other", ["photos/a"]);
  await s3(ONE).send(new DeleteObjectCommand({ Bucket: "one", Key: "photos/a" }));
  await reader.read(5);
  const list = async (filter: Parameters<ControlClient["events"]["listEvents"]>[0]["filter"]) =>
    placesOf((await control.events.listEvents({ filter })).events);
  t.deepEqual(await list({ accountId: OTHER }), ["other/photos/a"]);
  t.deepEqual(await list({ bucket: "one", keyPrefix: "photos/" }), ["one/photos/a", "one/photos/b", "one/photos/a"]);
  t.deepEqual(await list({ eventName: "s3:ObjectRemoved:Delete" }), ["one/photos/a"]);
  t.deepEqual(await list({ eventName: "s3:ObjectCreated:*", keyPrefix: "n" }), ["one/notes/a"]);
  t.deepEqual(await list({ eventName: "s3:ObjectCreated" }), []);
  t.deepEqual(await list({ destinationArn: TOPIC }), ["one/photos/a"]);
  t.deepEqual(await list({ destinationArn: QUEUE, accountId: ONE, keyPrefix: "photos/b" }), ["one/photos/b"]);
});

test("a stream goes on after the answer whose token it is given, with what came meanwhile", async (t) => {
  const { control, put } = await start(t);
  await put(ONE, "one", ["before"]);
  const first = control.events.watchEvents({});
  const tokens: string[] = [];
  const seen: string[] = [];
  for await (const { event, resumeToken } of first) {
    tokens.push(resumeToken);
    if (event === undefined) await put(ONE, "one", ["a", "b"]);
    else if (event.key !== "before") seen.push(event.key);
    if (seen.length === 2) break;
  }
  t.deepEqual(seen, ["a", "b"]);
  await put(OTHER, "other", ["c"]);
  await put(ONE, "one", ["d"]);
  const resumed: string[] = [];
  const [afterA = ""] = tokens.slice(-2);
  for await (const { event } of control.events.watchEvents({ resumeToken: afterA })) {
    if (event !== undefined) resumed.push(event.key);
    if (resumed.length === 3) break;
  }
  t.deepEqual(resumed.toSorted(), ["b", "c", "d"]);
});

test("a stream outlives a reset of what it watches", async (t) => {
  const { control, s3, put } = await start(t);
  const reader = await watch(t, control);
  await put(ONE, "one", ["before"]);
  t.is((await reader.read(1))[0]?.key, "before");
  await control.state.reset({});
  await s3(ONE).send(new CreateBucketCommand({ Bucket: "one" }));
  await configure(s3(ONE), "one", tellQueue(["s3:ObjectCreated:*"]));
  await put(ONE, "one", ["after"]);
  t.is((await reader.read(1))[0]?.key, "after");
});

test("a stream of a world that is deleted ends, and says why", async (t) => {
  const { control } = await start(t);
  await control.worlds.createWorld({ name: "brief" });
  const answers: unknown[] = [];
  const watching = async () => {
    for await (const answer of control.events.watchEvents({ world: "brief" })) {
      answers.push(answer);
      await control.worlds.deleteWorld({ name: "brief" });
    }
  };
  const error = await t.throwsAsync<ConnectError>(watching(), { instanceOf: ConnectError });
  t.is(error.code, Code.NotFound);
  t.is(answers.length, 1);
});

test("clearing empties one account's journal or all, and later events come behind it", async (t) => {
  const { control, put } = await start(t);
  const reader = await watch(t, control);
  await put(ONE, "one", ["a", "b"]);
  await put(OTHER, "other", ["c"]);
  await reader.read(3);
  t.is((await control.events.clearEvents({ accountId: ONE })).eventCount, 2);
  t.deepEqual(placesOf((await control.events.listEvents({})).events), ["other/c"]);
  t.is((await control.events.clearEvents({})).eventCount, 1);
  t.deepEqual((await control.events.listEvents({})).events, []);
  await put(ONE, "one", ["d"]);
  t.is((await reader.read(1))[0]?.key, "d");
  t.deepEqual(placesOf((await control.events.listEvents({})).events), ["one/d"]);
});

const codeOf = async (call: Promise<unknown>): Promise<[Code, string]> => {
  const error = ConnectError.from(
    await call.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  return [error.code, error.rawMessage];
};

test("malformed fields are refused by name", async (t) => {
  const { control } = await start(t);
  const { events, worlds } = control;
  const first = async (call: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of call) return;
  };
  const refused: [Promise<unknown>, string][] = [
    [events.listEvents({ filter: { accountId: "1" } }), "filter.accountId"],
    [events.listEvents({ filter: { bucket: "a/b" } }), "filter.bucket"],
    [events.listEvents({ filter: { eventName: "ObjectCreated:Put" } }), "filter.eventName"],
    [events.listEvents({ pageToken: "no token" }), "pageToken"],
    [first(events.watchEvents({ filter: { eventName: "s3:*:Put" } })), "filter.eventName"],
    [first(events.watchEvents({ resumeToken: "no token" })), "resumeToken"],
    [events.clearEvents({ accountId: "all" }), "accountId"],
    [worlds.updateWorld({ settings: { eventWebhookUrl: "ftp://127.0.0.1/" } }), "settings.eventWebhookUrl"],
    [worlds.updateWorld({ settings: { eventDuplicates: 1_000_001 } }), "settings.eventDuplicates"],
    [worlds.updateWorld({ settings: { eventDelay: { seconds: -1n, nanos: 0 } } }), "settings.eventDelay"],
  ];
  for (const [call, field] of refused) {
    const [code, message] = await codeOf(call);
    t.is(code, Code.InvalidArgument, field);
    t.true(message.includes(field), message);
  }
  t.is((await codeOf(events.listEvents({ world: "unknown" })))[0], Code.NotFound);
  t.is((await codeOf(first(events.watchEvents({ world: "unknown" }))))[0], Code.NotFound);
});
