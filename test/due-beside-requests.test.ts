/**
 * Replication, lifecycle and events fall due while their buckets are deleted and made again, their accounts reset and restored, and
 * their worlds deleted: nothing of it fails, and the store is sound. ROUNDS: how often.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { createControlClient } from "../src/control/client.ts";
import { silentLogger } from "../src/platform/logger.ts";
import { createSystemPlatform } from "../src/platform/system-platform.ts";
import { startTestServer } from "./support/server.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 4);
const KEYS = 8;
const DAY = { by: { seconds: 86_400n } };
const [LEFT_ALONE, RESET, RESTORED] = ["111111111111", "222222222222", "333333333333"] as const;
/** What a client is told whose bucket is taken away, or whose account is reset, while it is at it. */
const EXPECTED = new Set(["NoSuchBucket", "OperationAborted", "BucketNotEmpty"]);

const configure = async (s3: S3Client, { from, to }: { from: string; to: string }): Promise<void> => {
  for (const Bucket of [from, to]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }
  const Destination = { Bucket: `arn:aws:s3:::${to}` };
  const DeleteMarkerReplication = { Status: "Disabled" as const };
  const rule = { ID: "all", Status: "Enabled" as const, Filter: { Prefix: "" } };
  const Rules = [{ ...rule, Priority: 1, DeleteMarkerReplication, Destination }];
  const ReplicationConfiguration = { Role: `arn:aws:iam::${LEFT_ALONE}:role/replicates`, Rules };
  await s3.send(new PutBucketReplicationCommand({ Bucket: from, ReplicationConfiguration }));
  const QueueArn = `arn:aws:sqs:us-east-1:${LEFT_ALONE}:queue`;
  const Events = ["s3:ObjectCreated:*" as const, "s3:ObjectRemoved:*" as const];
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events }] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: to, NotificationConfiguration }));
  const LifecycleConfiguration = { Rules: [{ ...rule, Expiration: { Days: 1 } }] };
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: to, LifecycleConfiguration }));
};

const empty = async (s3: S3Client, Bucket: string): Promise<void> => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key = "", VersionId = "" }) => ({ Key, VersionId }));
  if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
};

test("work falls due beside requests that take away what it is about", async (t) => {
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (text: string, fields?: object) => void errors.push({ text, ...fields }) };
  const server = await startTestServer({}, { platform: createSystemPlatform({ logger }) });
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  const unexpected: string[] = [];
  const note = (error: unknown): void => {
    if (!(error instanceof S3ServiceException) || !EXPECTED.has(error.name)) unexpected.push(String(error));
  };
  const suite = async (accountId: string): Promise<void> => {
    const s3 = server.s3({ accountId });
    for (let round = 0; round < ROUNDS; round += 1) {
      const [from, to] = [`from-${accountId}-${round % 2}`, `to-${accountId}-${round % 2}`];
      try {
        await configure(s3, { from, to });
        const puts = Array.from(
          { length: KEYS },
          (_, at) => new PutObjectCommand({ Bucket: from, Key: `k${at}`, Body: "body" }),
        );
        await Promise.all(puts.map((put) => s3.send(put)));
        if (round % 2 === 0) await control.clock.advanceClock(DAY);
      } catch (error) {
        note(error);
      }
      for (const Bucket of [from, to]) await empty(s3, Bucket).catch(note);
    }
  };
  const suites = { over: false };
  const chaos = async (): Promise<void> => {
    await control.state.createSnapshot({ name: "kept", accountIds: [RESTORED] });
    for (let round = 0; !suites.over; round += 1) {
      if (round % 2 === 0) await control.state.reset({ accountIds: [RESET] });
      else await control.state.restoreSnapshot({ name: "kept" });
      await control.worlds.createWorld({ name: "brief", fromWorld: "default" });
      const advance = control.clock.advanceClock({ world: "brief", ...DAY }).catch(() => {});
      await sleep(5);
      await control.worlds.deleteWorld({ name: "brief" });
      await advance;
    }
  };
  const disturbing = chaos();
  await Promise.all([LEFT_ALONE, RESET, RESTORED].map(suite)).finally(() => {
    suites.over = true;
  });
  await disturbing;
  t.deepEqual(unexpected, []);
  await control.clock.advanceClock(DAY);
  t.deepEqual(errors, []);
  const findings: unknown[] = [];
  for await (const { finding } of control.doctor.checkStore({})) if (finding !== undefined) findings.push(finding);
  t.deepEqual(findings, []);
});
