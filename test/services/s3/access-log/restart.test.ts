/** What waits for its delivery outlives the server, snapshots and resets as all else in its account does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketLoggingCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";

const HOUR_MS = 3_600_000;

/** The buckets `photos`, which logs to `logs`. */
const prepare = async (s3: S3Client): Promise<void> => {
  for (const Bucket of ["photos", "logs"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const LoggingEnabled = { TargetBucket: "logs", TargetPrefix: "" };
  await s3.send(new PutBucketLoggingCommand({ Bucket: "photos", BucketLoggingStatus: { LoggingEnabled } }));
};

const put = (s3: S3Client, Key: string) => s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: Key }));

/** The keys that all delivered lines name. */
const loggedKeys = async (s3: S3Client): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "logs" }));
  const texts = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "logs", Key }));
      return (await Body?.transformToString()) ?? "";
    }),
  );
  return texts.flatMap((text) => [...text.matchAll(/REST\.PUT\.OBJECT (\S+)/g)].map(([, key = ""]) => key)).toSorted();
};

test("lines that wait when the server stops are delivered after the next start, once", async (t) => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "standin-log-"));
  t.teardown(() => rm(dataDir, { recursive: true }));
  const first = await startTestServer({ ephemeral: false, dataDir });
  const { clock } = createControlClient({ baseUrl: first.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(Date.UTC(2026, 0, 1)) });
  await prepare(first.s3());
  for (const key of ["a", "b", "c"]) await put(first.s3(), key);
  await first.close();
  const second = await startTestServer({ ephemeral: false, dataDir });
  t.teardown(() => second.close());
  const again = createControlClient({ baseUrl: second.running.controlUrl });
  t.deepEqual(await loggedKeys(second.s3()), []);
  for (let hours = 0; hours < 2; hours += 1) await again.clock.advanceClock({ by: durationFromMs(HOUR_MS) });
  t.deepEqual(await loggedKeys(second.s3()), ["a", "b", "c"]);
});

test("a snapshot holds what waits: a restore takes back what came since, and has the rest delivered again", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const { clock, state } = createControlClient({ baseUrl: server.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(Date.UTC(2026, 0, 1)) });
  const s3 = server.s3();
  await prepare(s3);
  await put(s3, "before");
  // Nothing that is under way belongs to the snapshot.
  await clock.advanceClock({ by: durationFromMs(0) });
  await state.createSnapshot({ name: "s" });
  await put(s3, "after");
  await clock.advanceClock({ by: durationFromMs(HOUR_MS) });
  t.deepEqual(await loggedKeys(s3), ["after", "before"]);
  await state.restoreSnapshot({ name: "s" });
  await clock.advanceClock({ by: durationFromMs(HOUR_MS) });
  t.deepEqual(await loggedKeys(s3), ["before"]);
});

test("a reset takes what waits with all else", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const { clock, state } = createControlClient({ baseUrl: server.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(Date.UTC(2026, 0, 1)) });
  const s3 = server.s3();
  await prepare(s3);
  await put(s3, "a");
  await state.reset({});
  await prepare(s3);
  const { done } = await clock.advanceClock({ by: durationFromMs(HOUR_MS) });
  t.deepEqual(done, []);
  t.deepEqual(await loggedKeys(s3), []);
});
