/**
 * `kill -9` while everything works in the background at once: replication, lifecycle rules, events with a webhook and access logs of
 * one bucket, into which clients write as the clock moves. After the last start all of it goes on by itself, and in the end each
 * version is replicated, expired, moved and logged once, and told of in one event.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import test, { type ExecutionContext } from "ava";
import { durationFromMs } from "../src/control/client.ts";
import type { Event } from "../src/control/generated/standin/v1/event_pb.ts";
import { parseWaitingLine } from "../src/services/s3/access-log/waiting-line.ts";
import { listDue } from "../src/state/due.ts";
import { configure, startWebhook, tellQueue, type Posted } from "./services/s3/events/fixtures.ts";
import { diagnose, withStore } from "./support/doctor.ts";
import { ACCOUNT, allEvents, startKillableServer, type KillableServer } from "./support/killable-server.ts";
import { openStateIn, withFolder } from "./support/state.ts";

const POINTS = Number(process.env["STANDIN_CRASH_POINTS"] ?? 3);
/** How long clients write before the clock moves, and how long it moves as they go on. */
const BURST_MS = 500;
const MOVING_MS_MAX = 500;
const WRITERS = 8;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse("2026-01-15T10:30:00Z");
/** More than what waits at any time. */
const DUES_MAX = 100_000;
/** Looks until all is done. */
const LOOKS_MAX = 200;
const [SOURCE, TARGET, LOGS] = ["source", "target", "logs"];

const prepare = async ({ s3, control }: KillableServer): Promise<void> => {
  await control.clock.freezeClock({ at: timestampFromMs(START), atOnce: true });
  await control.worlds.updateWorld({ settings: { replicationDelay: durationFromMs(HOUR) } });
  for (const Bucket of [SOURCE, TARGET, LOGS]) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Bucket of [SOURCE, TARGET]) {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }
  const LoggingEnabled = { TargetBucket: LOGS, TargetPrefix: "" };
  await s3.send(new PutBucketLoggingCommand({ Bucket: SOURCE, BucketLoggingStatus: { LoggingEnabled } }));
  const everything = { ID: "all", Status: "Enabled" as const, Filter: {}, Priority: 1 };
  await s3.send(
    new PutBucketReplicationCommand({
      Bucket: SOURCE,
      ReplicationConfiguration: {
        Role: `arn:aws:iam::${ACCOUNT}:role/replication`,
        Rules: [
          {
            ...everything,
            DeleteMarkerReplication: { Status: "Enabled" },
            Destination: { Bucket: `arn:aws:s3:::${TARGET}` },
          },
        ],
      },
    }),
  );
  const Rules = [
    { ID: "expires", Status: "Enabled" as const, Filter: { Prefix: "expires/" }, Expiration: { Days: 1 } },
    {
      ID: "moves",
      Status: "Enabled" as const,
      Filter: { And: { Prefix: "moves/", ObjectSizeGreaterThan: 0 } },
      Transitions: [{ Days: 1, StorageClass: "GLACIER" as const }],
    },
  ];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: SOURCE, LifecycleConfiguration: { Rules } }));
  const told = ["s3:ObjectCreated:*", "s3:LifecycleExpiration:*", "s3:LifecycleTransition"];
  await configure(s3, SOURCE, tellQueue(told));
};

const KINDS = ["expires", "moves", "stays"] as const;
type Kind = (typeof KINDS)[number];
const kindOf = (key: string): Kind => key.split("/")[0] as Kind;

/** Writes objects until the server is gone; answers the keys that it acknowledged. */
const write = async ({ s3 }: KillableServer, name: string): Promise<string[]> => {
  const acknowledged: string[] = [];
  for (let count = 0; ; count += 1) {
    const Key = `${KINDS[count % KINDS.length]}/${name}-${count}`;
    try {
      await s3.send(new PutObjectCommand({ Bucket: SOURCE, Key, Body: Key }));
    } catch {
      return acknowledged;
    }
    acknowledged.push(Key);
  }
};

/** Lets the clock go on until the server is gone. */
const moveOn = async ({ control }: KillableServer): Promise<void> => {
  for (;;) {
    try {
      await control.clock.advanceClock({ by: durationFromMs(6 * HOUR), atOnce: true });
    } catch {
      return;
    }
  }
};

/** What was left to do, by kind, and the log's lines among it, in a store that no server has open. */
const leftIn = async (dataDir: string): Promise<{ kinds: ReadonlySet<string>; lines: readonly string[] }> => {
  const opened = await openStateIn(dataDir);
  const until = { untilMs: Number.MAX_SAFE_INTEGER, limit: DUES_MAX };
  const dues = (await opened.state.world("default")?.read((view) => listDue(view, ACCOUNT, until))) ?? [];
  await opened.close();
  return {
    kinds: new Set(dues.map(({ kind }) => kind)),
    lines: dues.filter(({ kind }) => kind === "accessLog").map((due) => parseWaitingLine(due).line),
  };
};

/** What there is of each key, versions first: each with its storage class and id. `!` is a delete marker. */
const shapes = async (s3: S3Client, Bucket: string): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>();
  const note = (key = "", text: string): unknown => found.set(key, [...(found.get(key) ?? []), text]);
  let next: Partial<ListObjectVersionsCommandInput> | undefined = {};
  while (next !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.send(new ListObjectVersionsCommand({ Bucket, ...next }));
    for (const { Key, VersionId, StorageClass } of page.Versions ?? []) note(Key, `${StorageClass} ${VersionId}`);
    for (const { Key } of page.DeleteMarkers ?? []) note(Key, "!");
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    next = page.IsTruncated === true ? { KeyMarker, VersionIdMarker } : undefined;
  }
  return found;
};

const WANTED: Readonly<Record<Kind, RegExp>> = {
  expires: /^STANDARD \S+,!$/,
  moves: /^GLACIER \S+$/,
  stays: /^STANDARD \S+$/,
};

/** The keys whose work is not done: what there is of them in both buckets. */
const unfinished = async (s3: S3Client): Promise<string[]> => {
  const [source, target] = [await shapes(s3, SOURCE), await shapes(s3, TARGET)];
  const wrong = [...target.keys()].filter((key) => !source.has(key));
  for (const [key, states] of source) {
    const there = target.get(key)?.join() ?? "nothing";
    const version = states[0]?.split(" ")[1];
    if (!WANTED[kindOf(key)].test(states.join()) || there !== `STANDARD ${version}`) {
      wrong.push(`${key}: ${states.join()} to ${there}`);
    }
  }
  return wrong;
};

const loggedLines = async (client: S3Client): Promise<string[]> => {
  const lines: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: LOGS })) {
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: LOGS, Key }));
      lines.push(...((await Body?.transformToString()) ?? "").split("\n").filter((line) => line !== ""));
    }
  }
  return lines;
};

const TOLD: Readonly<Record<Kind, readonly string[]>> = {
  expires: ["s3:LifecycleExpiration:DeleteMarkerCreated", "s3:ObjectCreated:Put"],
  moves: ["s3:LifecycleTransition", "s3:ObjectCreated:Put"],
  stays: ["s3:ObjectCreated:Put"],
};

/** What must not differ between two postings of one event. */
const contentOf = ({ headers, body }: Posted): string => `${String(headers["x-standin-sequencer"])} ${body}`;

const assertEvents = (
  t: ExecutionContext,
  keys: readonly string[],
  told: { events: Event[]; posted: readonly Posted[] },
) => {
  const events = told.events.filter(({ eventName }) => eventName !== "s3:TestEvent");
  const names = Map.groupBy(events, ({ key }) => key);
  const asTold = keys.map((key) => [
    key,
    names
      .get(key)
      ?.map(({ eventName }) => eventName)
      .toSorted(),
  ]);
  t.deepEqual(
    asTold,
    keys.map((key) => [key, [...TOLD[kindOf(key)]]]),
  );
  t.is(names.size, keys.length, "of keys that are not there nothing is told");
  const posted = Map.groupBy(told.posted, ({ headers }) => String(headers["x-standin-event-id"]));
  t.is(posted.size, told.events.length);
  for (const { id, sequencer, message } of told.events) {
    t.deepEqual([...new Set(posted.get(id)?.map(contentOf))], [`${sequencer} ${message}`]);
  }
};

const assertLines = (t: ExecutionContext, lines: readonly string[], waited: ReadonlySet<string>) => {
  t.is(new Set(lines).size, lines.length, "no line is delivered twice");
  const delivered = new Set(lines);
  t.deepEqual(
    [...waited].filter((line) => !delivered.has(line)),
    [],
    "what waited at a crash is delivered",
  );
};

test(`kill -9 at ${POINTS} points of everything that goes on in the background: each goes on, and each effect comes once`, (t) =>
  withFolder(async (dataDir) => {
    t.timeout(600_000);
    const webhook = await startWebhook(t);
    const start = () => startKillableServer(t, dataDir, ["--event-webhook", webhook.url]);
    let server = await start();
    await prepare(server);
    const acknowledged: string[] = [];
    const waited = new Set<string>();
    const cut: string[] = [];
    for (let point = 0; point < POINTS; point += 1) {
      const writing = Array.from({ length: WRITERS }, (_, writer) => write(server, `${point}-${writer}`));
      await sleep(randomInt(BURST_MS));
      const moving = moveOn(server);
      await sleep(randomInt(MOVING_MS_MAX));
      await server.kill();
      await moving;
      acknowledged.push(...(await Promise.all(writing)).flat());
      const found = await withStore(dataDir, (store) => diagnose(store, { contents: true }));
      t.deepEqual(
        found.filter(({ severity }) => severity === "fault").map(({ text }) => text),
        [],
      );
      const { kinds, lines } = await leftIn(dataDir);
      for (const line of lines) waited.add(line);
      cut.push([...kinds].toSorted().join(" "));
      server = await start();
    }
    const { s3, control } = server;
    await control.clock.advanceClock({ by: durationFromMs(5 * DAY), atOnce: true });
    let left = await unfinished(s3);
    for (let looks = 0; looks < LOOKS_MAX && left.length > 0; looks += 1) {
      await sleep(50);
      await control.clock.advanceClock({ by: durationFromMs(HOUR), atOnce: true });
      left = await unfinished(s3);
    }
    t.deepEqual(left, []);
    const keys = [...(await shapes(s3, SOURCE)).keys()];
    const there = new Set(keys);
    t.deepEqual(
      acknowledged.filter((key) => !there.has(key)),
      [],
      "what was acknowledged is there",
    );
    const last = acknowledged.at(-1);
    t.is((await s3.send(new HeadObjectCommand({ Bucket: TARGET, Key: last }))).ReplicationStatus, "REPLICA");
    assertEvents(t, keys, { events: await allEvents(server), posted: webhook.posted });
    await control.clock.advanceClock({ by: durationFromMs(2 * HOUR), atOnce: true });
    assertLines(t, await loggedLines(s3), waited);
    t.log(`${keys.length} objects; left at each kill: ${cut.join("; ")}`);
    await server.kill();
    t.deepEqual(await withStore(dataDir, diagnose), []);
  }));
