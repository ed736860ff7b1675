/**
 * `kill -9` at random points of a sweep of lifecycle rules: after each start it goes on by itself, and in the end each effect took
 * place exactly once, as if nobody had killed anything.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { diagnose, withStore } from "./support/doctor.ts";
import { startKillableServer, type KillableServer } from "./support/killable-server.ts";
import { listDue } from "../src/state/due.ts";
import { openStateIn, withFolder } from "./support/state.ts";

const KILLS = Number(process.env["STANDIN_CRASH_POINTS"] ?? 3);
const KEYS = 480;
const AT_ONCE = 20;
const KILL_MS_MAX = 10;
const DAY = 86_400_000;
const START = Date.parse("2026-01-15T10:30:00Z");
const END = START + 3 * DAY;
const Bucket = "bucket";
/** Looks until the sweep is over. */
const LOOKS_MAX = 1_200;

const fill = async (s3: S3Client): Promise<void> => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const keys = Array.from({ length: KEYS }, (_, index) => `${["expires", "moves", "old"][index % 3]}/${index}`);
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const some = keys.slice(at, at + AT_ONCE);
      await Promise.all(some.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: `${Key} ${round}` }))));
    }
  }
  const Rules = [
    { ID: "expires", Status: "Enabled" as const, Filter: { Prefix: "expires/" }, Expiration: { Days: 2 } },
    {
      ID: "moves",
      Status: "Enabled" as const,
      Filter: { And: { Prefix: "moves/", ObjectSizeGreaterThan: 0 } },
      Transitions: [{ Days: 1, StorageClass: "GLACIER" as const }],
    },
    {
      ID: "old",
      Status: "Enabled" as const,
      Filter: { Prefix: "old/" },
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    },
  ];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
};

/** What there is of each key, newest first; `!` is a delete marker. */
const shapes = async (s3: S3Client): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket, MaxKeys: 1_000 }),
  );
  const all = [
    ...DeleteMarkers.map((marker) => ({ ...marker, text: "!" })),
    ...Versions.map((version) => ({ ...version, text: String(version.StorageClass) === "GLACIER" ? "G" : "v" })),
  ];
  const newestFirst = all.toSorted((a, b) => Number(b.IsLatest) - Number(a.IsLatest));
  for (const { Key = "", text } of newestFirst) found.set(Key, (found.get(Key) ?? "") + text);
  return found;
};

/** How much of the sweep is left in a store that no server has open. */
const dueIn = async (dataDir: string): Promise<number> => {
  const opened = await openStateIn(dataDir);
  const dues = await opened.state
    .world("default")
    ?.read((view) => listDue(view, "111111111111", { untilMs: END, limit: 10_000 }));
  await opened.close();
  return dues?.length ?? 0;
};

const WANTED: Readonly<Record<string, string>> = { expires: "!vv", moves: "Gv", old: "v" };

/** The keys that do not look as they shall in the end, and how they do. */
const unfinished = async (s3: S3Client): Promise<string[]> =>
  [...(await shapes(s3))]
    .filter(([key, shape]) => shape !== WANTED[key.split("/")[0] ?? ""])
    .map(([key, shape]) => `${key} ${shape}`);

/** Waits until the sweep is under way: a key of its first slice is done. */
const sweepBegun = async (s3: S3Client): Promise<void> => {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "moves/1" }));
    if (head.StorageClass === "GLACIER") return;
  }
};

test(`kill -9 at ${KILLS} points of a lifecycle sweep: it goes on after each start, and each effect comes once`, (t) =>
  withFolder(async (dataDir) => {
    t.timeout(600_000);
    const start = (): Promise<KillableServer> => startKillableServer(t, dataDir);
    let server = await start();
    await server.control.clock.freezeClock({ at: timestampFromMs(START), atOnce: true });
    await fill(server.s3);
    let cut = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Until the clock is moved nothing is due; afterwards what is left goes on as soon as the server is there.
      const moving = server.control.clock.setClock({ at: timestampFromMs(END), atOnce: true });
      moving.catch(() => undefined);
      await sweepBegun(server.s3);
      await sleep(randomInt(KILL_MS_MAX));
      await server.kill();
      const found = await withStore(dataDir, (store) => diagnose(store, { contents: true }));
      t.deepEqual(
        found.filter(({ severity }) => severity === "fault").map(({ text }) => text),
        [],
      );
      const left = await dueIn(dataDir);
      if (left > 0) cut += 1;
      server = await start();
    }
    await server.control.clock.setClock({ at: timestampFromMs(END), atOnce: true });
    for (let looks = 0; looks < LOOKS_MAX && (await unfinished(server.s3)).length > 0; looks += 1) await sleep(50);
    t.deepEqual(await unfinished(server.s3), []);
    t.is((await shapes(server.s3)).size, KEYS);
    t.log(`${cut} of ${KILLS} kills cut the sweep off`);
    t.true(cut > 0, "no kill came while the sweep was under way");
    await server.kill();
  }));
