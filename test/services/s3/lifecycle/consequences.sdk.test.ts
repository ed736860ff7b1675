/** What follows from lifecycle's deeds, and what keeps it from them. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutBucketLoggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketReplicationCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { TRANSITION_BYTES_MIN } from "../../../../src/services/s3/limits.ts";
import { contents, DAY, HOUR, makeBucket, put, putRules, setVersioning, startSuite, type Suite } from "./suite.ts";

/** Looks at what a timer has to do, which must not take for ever. */
const WAITS_MAX = 500;

test("expiry, delete markers and changes of class are told of, as S3's own doing at the time at which they fell due", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  await suite.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: "box",
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            QueueArn: "arn:aws:sqs:us-east-1:123456789012:queue",
            Events: ["s3:LifecycleExpiration:*", "s3:LifecycleTransition"],
          },
        ],
      },
      SkipDestinationValidation: true,
    }),
  );
  await putRules(suite, "box", [
    {
      Filter: { Prefix: "k" },
      Transitions: [{ Days: 1, StorageClass: "GLACIER" }],
      Expiration: { Days: 3 },
      NoncurrentVersionExpiration: { NoncurrentDays: 2 },
    },
  ]);
  await put(suite, "box", "k", { Body: Buffer.alloc(TRANSITION_BYTES_MIN) });
  await suite.pass(8 * DAY);
  const { events } = await suite.control.events.listEvents({});
  const told = events.filter(({ eventName }) => eventName.startsWith("s3:Lifecycle"));
  t.deepEqual(
    told.map(({ eventName, time }) => [eventName, new Date(Number(time?.seconds) * 1_000).toISOString().slice(0, 10)]),
    [
      ["s3:LifecycleTransition", "2026-01-17"],
      ["s3:LifecycleExpiration:DeleteMarkerCreated", "2026-01-19"],
      ["s3:LifecycleExpiration:Delete", "2026-01-21"],
      // The delete marker, which is all that is left.
      ["s3:LifecycleExpiration:Delete", "2026-01-22"],
    ],
  );
  const message = told[0]?.message ?? "{}";
  const { Records: [record] = [] } = JSON.parse(message) as { Records?: Record<string, unknown>[] };
  t.like(record, {
    eventTime: "2026-01-17T00:00:00.000Z",
    userIdentity: { principalId: "s3.amazonaws.com" },
    lifecycleEventData: { transitionEventData: { destinationStorageClass: "GLACIER" } },
  });
});

const replicate = ({ s3 }: Suite, Bucket: string, to: string): Promise<unknown> =>
  s3.send(
    new PutBucketReplicationCommand({
      Bucket,
      ReplicationConfiguration: {
        Role: "arn:aws:iam::123456789012:role/replication",
        Rules: [
          {
            ID: "all",
            Status: "Enabled",
            Priority: 1,
            Filter: { Prefix: "" },
            DeleteMarkerReplication: { Status: "Disabled" },
            Destination: { Bucket: `arn:aws:s3:::${to}` },
          },
        ],
      },
    }),
  );

test("what is still to be replicated stays until it is, and what could not be replicated stays", async (t) => {
  const suite = await startSuite(t);
  await suite.control.worlds.updateWorld({ settings: { replicationDelay: durationFromMs(DAY) } });
  for (const bucket of ["box", "copy"]) await makeBucket(suite, bucket, { versioning: "Enabled" });
  await replicate(suite, "box", "copy");
  await putRules(suite, "box", [
    { Filter: { ObjectSizeGreaterThan: 0 }, Transitions: [{ Days: 0, StorageClass: "GLACIER" }] },
  ]);
  await put(suite, "box", "a");
  await suite.pass(DAY - HOUR);
  t.deepEqual(await contents(suite, "box"), ["a"]);
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["a:GLACIER"]);
  const VersionId = (await suite.s3.send(new HeadObjectCommand({ Bucket: "copy", Key: "a" }))).VersionId;
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "copy", Key: "a", VersionId }));
  await suite.s3.send(new DeleteBucketCommand({ Bucket: "copy" }));
  await put(suite, "box", "b");
  await suite.pass(9 * DAY);
  t.is((await suite.s3.send(new HeadObjectCommand({ Bucket: "box", Key: "b" }))).ReplicationStatus, "FAILED");
  t.deepEqual(await contents(suite, "box"), ["a:GLACIER", "b"]);
});

test("a rule acts on what replication brings", async (t) => {
  const suite = await startSuite(t);
  await suite.control.worlds.updateWorld({ settings: { replicationDelay: durationFromMs(0) } });
  for (const bucket of ["box", "copy"]) await makeBucket(suite, bucket, { versioning: "Enabled" });
  await replicate(suite, "box", "copy");
  await putRules(suite, "copy", [{ Expiration: { Days: 1 } }]);
  await put(suite, "box", "k");
  await suite.pass(3 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k"]);
  t.deepEqual(await contents(suite, "copy"), ["k!", "(k)"]);
});

test("a replica that comes late between two versions makes the older one too many", async (t) => {
  const suite = await startSuite(t);
  const { s3 } = suite;
  await suite.control.worlds.updateWorld({ settings: { replicationDelay: durationFromMs(0) } });
  for (const bucket of ["box", "copy"]) await makeBucket(suite, bucket, { versioning: "Enabled" });
  await replicate(suite, "box", "copy");
  await putRules(suite, "copy", [{ NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 1 } }]);
  await put(suite, "box", "k");
  await suite.pass(HOUR);
  await setVersioning(s3, "copy", "Suspended");
  const VersionId = await put(suite, "box", "k");
  await suite.pass(HOUR);
  await setVersioning(s3, "copy", "Enabled");
  await put(suite, "box", "k");
  await suite.pass(5 * DAY);
  t.deepEqual(await contents(suite, "copy"), ["k", "(k)"]);
  const Tagging = { TagSet: [{ Key: "try", Value: "again" }] };
  await s3.send(new PutObjectTaggingCommand({ Bucket: "box", Key: "k", VersionId, Tagging }));
  await suite.pass(0);
  t.deepEqual(await contents(suite, "copy"), ["k", "(k)", "(k)"]);
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "copy"), ["k", "(k)"]);
});

test("rules and what waits for its time go with a snapshot, a fork and a reset", async (t) => {
  const suite = await startSuite(t);
  const { control, s3 } = suite;
  await makeBucket(suite, "box");
  await putRules(suite, "box", [{ Expiration: { Days: 2 } }]);
  await put(suite, "box", "a");
  await control.state.createSnapshot({ name: "seed" });
  await s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "a" }));
  await put(suite, "box", "b");
  await control.worlds.createWorld({ name: "fork", fromWorld: "default", fromSnapshot: "seed" });
  t.deepEqual(
    (await control.clock.advanceClock({ world: "fork", by: durationFromMs(3 * DAY), atOnce: true })).done.map(
      ({ description }) => description.replace(/ by rule .* s3/, " s3"),
    ),
    ["deleted s3://box/a"],
  );
  await control.state.restoreSnapshot({ name: "seed" });
  t.deepEqual(await contents(suite, "box"), ["a"]);
  t.is((await suite.pass(3 * DAY)).length, 1);
  t.deepEqual(await contents(suite, "box"), []);
  await control.state.restoreSnapshot({ name: "seed" });
  await control.state.reset({});
  t.deepEqual(await suite.pass(3 * DAY), []);
});

test("while the world's clock runs on, rules act by themselves when their time comes", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await putRules(suite, "box", [{ Expiration: { Days: 1 } }]);
  await put(suite, "box", "a");
  // Half a second before the midnight; a jump of the clock does what fell due before.
  await suite.control.clock.setClock({ at: timestampFromMs(Date.parse("2026-01-16T23:59:59.500Z")), atOnce: true });
  t.deepEqual(await contents(suite, "box"), ["a"]);
  await suite.control.clock.resumeClock({ atOnce: true });
  for (let waits = 0; waits < WAITS_MAX && (await contents(suite, "box")).length > 0; waits += 1) await sleep(20);
  t.deepEqual(await contents(suite, "box"), []);
});

test("what a bucket logs of a date that is over does not expire at the midnight at which it was logged", async (t) => {
  const suite = await startSuite(t);
  await suite.control.worlds.updateWorld({ settings: { accessLogDelay: durationFromMs(0) } });
  await makeBucket(suite, "box");
  await suite.s3.send(
    new PutBucketLoggingCommand({
      Bucket: "box",
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: "box", TargetPrefix: "log/" } },
    }),
  );
  await suite.pass(0);
  await putRules(suite, "box", [
    { Filter: { Prefix: "log/" }, Expiration: { Date: new Date("2026-01-01T00:00:00Z") } },
  ]);
  await suite.pass(0);
  for (let day = 0; day < 3; day += 1) {
    const expired = (await suite.pass(DAY)).filter((what) => what.startsWith("deleted "));
    t.true(expired.length > 0);
    t.true((await contents(suite, "box")).length > 0, "what was logged of that waits for the next midnight");
  }
});
