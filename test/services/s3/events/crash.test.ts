/**
 * `kill -9` in a burst of writes whose events go to a webhook: after the next start there is one event for each object and none for
 * what is not there, each was posted at least once, and each time with the same id, sequencer and message.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, paginateListObjectsV2, PutObjectCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { durationFromMs, WebhookState } from "../../../../src/control/client.ts";
import { diagnose, withStore } from "../../../support/doctor.ts";
import { allEvents, startKillableServer, type KillableServer } from "../../../support/killable-server.ts";
import { withFolder } from "../../../support/state.ts";
import { configure, startWebhook, tellQueue, type Posted } from "./fixtures.ts";

const POINTS = Number(process.env["STANDIN_CRASH_POINTS"] ?? 3);
const BURST_MS_MIN = 20;
const BURST_MS_MAX = 600;
const WRITERS = 4;
const Bucket = "bucket";

/** Writes objects until the server is gone; answers the keys that it acknowledged. */
const write = async ({ s3 }: KillableServer, name: string): Promise<string[]> => {
  const acknowledged: string[] = [];
  for (let count = 0; ; count += 1) {
    const Key = `${name}/${count}`;
    try {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: "body" }));
    } catch {
      return acknowledged;
    }
    acknowledged.push(Key);
  }
};

const allKeys = async ({ s3 }: KillableServer): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    keys.push(...Contents.map(({ Key = "" }) => Key));
  }
  return keys;
};

/** What must not differ between two postings of one event. */
const contentOf = ({ headers, body }: Posted): string => `${String(headers["x-standin-sequencer"])} ${body}`;

test("events that a crash cuts off come after the next start, at least once and each time the same", async (t) => {
  t.timeout(120_000);
  await withFolder(async (dir) => {
    const webhook = await startWebhook(t);
    const flags = ["--event-webhook", webhook.url];
    let server = await startKillableServer(t, dir, flags);
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    await configure(server.s3, Bucket, tellQueue(["s3:ObjectCreated:*"]));
    const acknowledged: string[] = [];
    for (let point = 0; point < POINTS; point += 1) {
      const writing = Array.from({ length: WRITERS }, (_, writer) => write(server, `${point}-${writer}`));
      await sleep(randomInt(BURST_MS_MIN, BURST_MS_MAX));
      await server.kill();
      acknowledged.push(...(await Promise.all(writing)).flat());
      server = await startKillableServer(t, dir, flags);
    }
    // All that is due is done before the clock answers.
    await server.control.clock.advanceClock({ by: durationFromMs(0), atOnce: true });

    const events = await allEvents(server);
    const keys = await allKeys(server);
    t.deepEqual(events.map(({ key }) => key).toSorted(), keys.toSorted());
    const there = new Set(keys);
    t.deepEqual(
      acknowledged.filter((key) => !there.has(key)),
      [],
    );
    t.true(events.every((event) => event.webhook?.state === WebhookState.DELIVERED));
    const posted = Map.groupBy(webhook.posted, ({ headers }) => String(headers["x-standin-event-id"]));
    t.deepEqual([...posted.keys()].toSorted(), events.map(({ id }) => id).toSorted());
    for (const { id, sequencer, message } of events) {
      t.deepEqual([...new Set(posted.get(id)?.map(contentOf))], [`${sequencer} ${message}`]);
    }
    await server.kill();
    t.deepEqual(await withStore(dir, diagnose), []);
  });
});
