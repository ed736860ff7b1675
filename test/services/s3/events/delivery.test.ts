/** How events reach the journal and the webhook: delays, duplicates, attempts that fail, resets and forks. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { durationFromMs, WebhookState } from "../../../../src/control/client.ts";
import { WEBHOOK } from "../../../../src/platform/limits.ts";
import { makeBucket } from "../client.ts";
import { ACCOUNT, configure, QUEUE, start, startWebhook, tellQueue, watch } from "./fixtures.ts";

const ALL = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"];

/** A port where nobody listens any more. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

const put = (s3: S3Client, Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "body" }));

test("with a delay an event comes when the world's clock has reached it, and says when it happened", async (t) => {
  const { control, s3, Bucket } = await start(t);
  await control.worlds.updateWorld({ settings: { eventDelay: durationFromMs(60_000) } });
  await control.clock.freezeClock({});
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "k");
  await control.clock.advanceClock({ by: durationFromMs(59_999), atOnce: true });
  t.is((await control.events.listEvents({})).events.length, 0);
  const { done } = await control.clock.advanceClock({ by: durationFromMs(1), atOnce: true });
  t.deepEqual(
    done.map(({ kind, description }) => [kind, description]),
    [["event", `sent s3:ObjectCreated:Put of s3://${Bucket}/k to ${QUEUE}`]],
  );
  const { events } = await control.events.listEvents({});
  t.is(events.length, 1);
  const [{ time, deliveredAt } = {}] = events;
  t.is(Number(deliveredAt?.seconds) - Number(time?.seconds), 60);
});

test("each so many-th event is delivered twice, with its id, sequencer and message", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  await control.worlds.updateWorld({ settings: { eventDuplicates: 3 } });
  await configure(s3, Bucket, tellQueue(ALL));
  for (const key of ["1", "2", "3", "4", "5", "6"]) await put(s3, Bucket, key);
  const events = await reader.read(8);
  t.deepEqual(events.map(({ key }) => key).toSorted(), ["1", "2", "3", "3", "4", "5", "6", "6"]);
  const [one, other] = events.filter(({ key }) => key === "3");
  t.deepEqual([one?.id, one?.sequencer, one?.message], [other?.id, other?.sequencer, other?.message]);
  await control.worlds.updateWorld({ settings: { eventDuplicates: 0 } });
  for (const key of ["7", "8", "9", "last"]) await put(s3, Bucket, key);
  t.deepEqual(
    (await reader.read(4)).map(({ key }) => key),
    ["7", "8", "9", "last"],
  );
});

test("the webhook gets the message as the destination would, and what it is about in headers", async (t) => {
  const webhook = await startWebhook(t);
  const { control, s3, Bucket, reader } = await start(t, { eventWebhook: webhook.url });
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "k");
  const [event] = await reader.read(1);
  await webhook.received(1);
  const [{ headers, body } = { headers: {}, body: "" }] = webhook.posted;
  t.is(body, event?.message ?? "");
  const named = Object.entries(headers).filter(([name]) => name.startsWith("x-standin-"));
  t.deepEqual(Object.fromEntries(named), {
    "x-standin-world": "default",
    "x-standin-account": ACCOUNT,
    "x-standin-event-id": event?.id,
    "x-standin-event-name": "s3:ObjectCreated:Put",
    "x-standin-destination": QUEUE,
    "x-standin-sequencer": event?.sequencer,
    "x-standin-attempt": "1",
  });
  t.is(headers["content-type"], "application/json");
  const settings = (await control.worlds.getWorld({})).world?.settings;
  t.is(settings?.eventWebhookUrl, webhook.url);
});

test("a webhook that fails is tried again with the same id, later each time by the world's clock", async (t) => {
  const webhook = await startWebhook(t, { statuses: [500, 302, 404] });
  const { control, s3, Bucket } = await start(t);
  await control.clock.freezeClock({});
  await control.worlds.updateWorld({ settings: { eventWebhookUrl: webhook.url } });
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "k");
  const states: unknown[] = [];
  for (const [index, waitMs] of [0, 1_000, 2_000, 4_000].entries()) {
    await control.clock.advanceClock({ by: durationFromMs(waitMs), atOnce: true });
    await webhook.received(index + 1);
    // Nothing is due before its time.
    await control.clock.advanceClock({ by: durationFromMs(0), atOnce: true });
    const [event] = (await control.events.listEvents({})).events;
    states.push([event?.webhook?.state, event?.webhook?.attempts, event?.webhook?.error]);
  }
  t.deepEqual(states, [
    [WebhookState.PENDING, 1, "it answered 500"],
    [WebhookState.PENDING, 2, "it answered 302"],
    [WebhookState.PENDING, 3, "it answered 404"],
    [WebhookState.DELIVERED, 4, ""],
  ]);
  t.is(webhook.posted.length, 4);
  t.is(new Set(webhook.posted.map(({ headers }) => headers["x-standin-event-id"])).size, 1);
  t.deepEqual(
    webhook.posted.map(({ headers }) => headers["x-standin-attempt"]),
    ["1", "2", "3", "4"],
  );
});

test("a webhook that nobody answers at is given up in the end, and the journal says why; other events come all the same", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  await control.clock.freezeClock({});
  await control.worlds.updateWorld({ settings: { eventWebhookUrl: `http://127.0.0.1:${await freePort()}/` } });
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "k");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  t.is((await reader.read(2)).length, 2);
  await control.clock.advanceClock({ by: durationFromMs(WEBHOOK.retryMs * 2 ** WEBHOOK.attemptsMax), atOnce: true });
  const { events } = await control.events.listEvents({});
  for (const { webhook } of events) {
    t.is(webhook?.state, WebhookState.FAILED);
    t.is(webhook?.attempts, WEBHOOK.attemptsMax);
    t.regex(webhook?.error ?? "", /ECONNREFUSED/);
  }
});

test("a webhook that hangs is left alone for a while, whatever falls due in it", async (t) => {
  const webhook = await startWebhook(t, { hangs: true });
  const { control, s3, Bucket } = await start(t);
  await control.clock.freezeClock({});
  await control.worlds.updateWorld({ settings: { eventWebhookUrl: webhook.url, eventDelay: durationFromMs(1_000) } });
  await configure(s3, Bucket, tellQueue(ALL));
  for (let count = 0; count < 2 * WEBHOOK.parallelMax; count += 1) {
    // Half of them at an instant of their own each.
    if (count > WEBHOOK.parallelMax) await control.clock.advanceClock({ by: durationFromMs(1), atOnce: true });
    await put(s3, Bucket, `k${count}`);
  }
  await control.clock.advanceClock({ by: durationFromMs(1_000), atOnce: true });
  t.is(webhook.posted.length, WEBHOOK.parallelMax);
  const { events } = await control.events.listEvents({});
  t.is(events.length, 2 * WEBHOOK.parallelMax);
  for (const { webhook: state } of events) {
    t.is(state?.attempts, 1);
    t.is(state?.error, `it did not answer within ${WEBHOOK.msMax} ms`);
  }
});

test("a reset takes the journal and what was on its way", async (t) => {
  const { control, s3, Bucket } = await start(t);
  await control.worlds.updateWorld({ settings: { eventDelay: durationFromMs(60_000) } });
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "lost");
  await control.clock.advanceClock({ by: durationFromMs(60_000), atOnce: true });
  t.is((await control.events.listEvents({})).events.length, 1);
  await put(s3, Bucket, "never there");
  await control.state.reset({});
  await control.worlds.updateWorld({ settings: { eventDelay: durationFromMs(0) } });
  await control.clock.advanceClock({ by: durationFromMs(120_000), atOnce: true });
  t.is((await control.events.listEvents({})).events.length, 0);
});

test("a fork begins with the events that its origin has, and what is on its way comes to both", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "before");
  await reader.read(1);
  await control.clock.freezeClock({});
  await control.worlds.updateWorld({ settings: { eventDelay: durationFromMs(60_000) } });
  await put(s3, Bucket, "under way");
  await control.worlds.createWorld({ name: "fork", fromWorld: "default" });
  t.deepEqual(
    (await control.events.listEvents({ world: "fork" })).events.map(({ key }) => key),
    ["before"],
  );
  for (const world of ["default", "fork"]) {
    await control.clock.advanceClock({ world, by: durationFromMs(60_000), atOnce: true });
    t.deepEqual(
      (await control.events.listEvents({ world })).events.map(({ key }) => key),
      ["before", "under way"],
    );
  }
});

test("a bucket without a configuration sends nothing, whatever others of its account do", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  const other = { Bucket: await makeBucket(s3, "untold") };
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, other.Bucket, "k");
  await put(s3, Bucket, "told");
  t.deepEqual(
    (await reader.read(1)).map(({ bucket, key }) => [bucket, key]),
    [[Bucket, "told"]],
  );
  const later = await watch(t, control);
  await put(s3, other.Bucket, "k");
  await put(s3, Bucket, "told again");
  t.is((await later.read(1))[0]?.key, "told again");
});

test("with a seed and a frozen clock the same requests send the same events", async (t) => {
  const sent: unknown[] = [];
  for (let run = 0; run < 2; run += 1) {
    const { control, s3 } = await start(t, { seed: 7 });
    const Bucket = "repeated";
    await s3.send(new CreateBucketCommand({ Bucket }));
    await control.clock.freezeClock({ at: timestampFromMs(Date.UTC(2030, 0, 1)), atOnce: true });
    await control.worlds.updateWorld({ settings: { eventDuplicates: 2 } });
    await configure(s3, Bucket, { ...tellQueue(ALL), EventBridgeConfiguration: {} });
    for (const key of ["a", "b"]) await put(s3, Bucket, key);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
    await control.clock.advanceClock({ by: durationFromMs(0), atOnce: true });
    const { events } = await control.events.listEvents({ filter: { bucket: Bucket } });
    sent.push(events);
    t.is(events.length, 9);
  }
  t.deepEqual(sent[0], sent[1]);
});
