/** What becomes of a replication: its status, the reason of a failure, times that were promised, permissions. */
import {
  DeleteBucketReplicationCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";
import { outcome } from "../client.ts";
import { MINE, OTHER, MINUTE, START, ROLE, start, makeVersioned, replicate, put, status, keys } from "./suite.ts";

test("what cannot be replicated fails, with its reason", async (t) => {
  const { s3, control, pass } = await start(t);
  for (const name of ["source", "suspended", "gone-rule"]) await makeVersioned(s3, name);
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: "source",
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            QueueArn: `arn:aws:sqs:us-east-1:${MINE}:queue`,
            Events: ["s3:Replication:OperationFailedReplication"],
          },
        ],
      },
      SkipDestinationValidation: true,
    }),
  );
  await replicate(s3, "source", [{ to: "suspended" }]);
  await put(s3, "source", "a");
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: "suspended", VersioningConfiguration: { Status: "Suspended" } }),
  );
  t.deepEqual(await pass(MINUTE), ["could not replicate s3://source/a to s3://suspended: DstBucketUnversioned"]);
  t.is(await status(s3, "source", "a"), "FAILED");
  t.deepEqual(await keys(s3, "suspended"), []);
  const { events } = await control.events.listEvents({});
  const record = JSON.parse(events[0]?.message ?? "") as {
    Records: [{ replicationEventData: object; eventName: string }];
  };
  t.is(record.Records[0].eventName, "Replication:OperationFailedReplication");
  t.like(record.Records[0].replicationEventData, {
    replicationRuleId: "rule-0",
    destinationBucket: "arn:aws:s3:::suspended",
    s3Operation: "OBJECT_PUT",
    failureReason: "DstBucketUnversioned",
  });
  await put(s3, "source", "b");
  await s3.send(new DeleteBucketReplicationCommand({ Bucket: "source" }));
  t.deepEqual(await pass(MINUTE), [
    "could not replicate s3://source/b to s3://suspended: SrcBucketReplicationConfigMissing",
  ]);
});

test("a time that a rule promises and that is over is told, then and when it is done at last", async (t) => {
  const { s3, control, pass } = await start(t, { delayMs: 60 * MINUTE });
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: "source",
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: `arn:aws:sqs:us-east-1:${MINE}:queue`, Events: ["s3:Replication:*"] }],
      },
      SkipDestinationValidation: true,
    }),
  );
  const promise = {
    ReplicationTime: { Status: "Enabled", Time: { Minutes: 15 } },
    Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
  } as const;
  await replicate(s3, "source", [{ to: "target", Destination: { Bucket: "arn:aws:s3:::target", ...promise } }]);
  await put(s3, "source", "a");
  t.deepEqual(await pass(16 * MINUTE), ["missed the time to replicate s3://source/a to s3://target"]);
  t.is(await status(s3, "source", "a"), "PENDING");
  t.deepEqual(await pass(60 * MINUTE), ["replicated s3://source/a to s3://target"]);
  const { events } = await control.events.listEvents({});
  t.deepEqual(
    events.map(({ eventName }) => eventName),
    ["s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold"],
  );
});

test("a bucket that nobody replicates has no status, and a deleted source leaves nothing to do", async (t) => {
  const { s3, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await replicate(s3, "source", [{ to: "target" }]);
  const VersionId = await put(s3, "source", "a");
  await s3.send(new DeleteObjectCommand({ Bucket: "source", Key: "a", VersionId }));
  t.deepEqual(await pass(MINUTE), []);
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket: "target", Key: "a" }))), ["NotFound", 404]);
});

test("in strict the rule's role needs its permissions, and the destination's bucket policy across accounts", async (t) => {
  const server = await startTestServer({ authMode: "strict" });
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  await control.clock.freezeClock({ at: timestampFromMs(START), atOnce: true });
  await control.worlds.updateWorld({ settings: { replicationDelay: durationFromMs(MINUTE) } });
  const s3 = server.s3({ credentials: await control.accounts.createAccessKey({ accountId: MINE }) });
  const other = server.s3({ credentials: await control.accounts.createAccessKey({ accountId: OTHER }) });
  await makeVersioned(s3, "source");
  await makeVersioned(other, "target");
  await replicate(s3, "source", [{ to: "target" }]);
  const outcomes: string[] = [];
  const attempt = async (Key: string) => {
    await put(s3, "source", Key);
    const { done } = await control.clock.advanceClock({ by: durationFromMs(MINUTE), atOnce: true });
    outcomes.push(...done.map(({ description }) => description));
  };
  const statement = (...resources: string[]) => ({
    Effect: "Allow",
    Action: ["s3:ReplicateObject", "s3:GetObjectVersionForReplication"],
    Resource: resources.map((name) => `arn:aws:s3:::${name}/*`),
  });
  const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const role = (service: string, ...buckets: string[]) => ({
    role: {
      accountId: MINE,
      roleName: "replication",
      trustPolicy: policy({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }),
      inlinePolicies: [{ name: "own", document: policy(statement(...buckets)) }],
    },
  });
  await attempt("no-policy");
  const shared = { ...statement("target"), Action: "s3:ReplicateObject", Principal: { AWS: ROLE } };
  await other.send(new PutBucketPolicyCommand({ Bucket: "target", Policy: policy(shared) }));
  await attempt("unregistered-role");
  await control.identities.putRole(role("s3.amazonaws.com", "target"));
  await attempt("may-not-read");
  await control.identities.putRole(role("s3.amazonaws.com", "source"));
  await attempt("may-not-write");
  await control.identities.putRole(role("ec2.amazonaws.com", "source", "target"));
  await attempt("trusts-another");
  await control.identities.putRole(role("s3.amazonaws.com", "source", "target"));
  await attempt("may");
  t.deepEqual(outcomes, [
    "could not replicate s3://source/no-policy to s3://target: DstPutObjectNotPermitted",
    "replicated s3://source/unregistered-role to s3://target",
    "could not replicate s3://source/may-not-read to s3://target: SrcGetObjectNotPermitted",
    "could not replicate s3://source/may-not-write to s3://target: DstPutObjectNotPermitted",
    "could not replicate s3://source/trusts-another to s3://target: AssumeRoleNotPermitted",
    "replicated s3://source/may to s3://target",
  ]);
});

test("a replica that was deleted for good does not come back by a change of its source", async (t) => {
  const { s3, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await replicate(s3, "source", [{ to: "target" }]);
  const VersionId = await put(s3, "source", "a");
  await pass(MINUTE);
  await s3.send(new DeleteObjectCommand({ Bucket: "target", Key: "a", VersionId }));
  const Tagging = { TagSet: [{ Key: "k", Value: "v" }] };
  await s3.send(new PutObjectTaggingCommand({ Bucket: "source", Key: "a", Tagging }));
  t.deepEqual(await pass(MINUTE), ["could not replicate s3://source/a to s3://target: DstObjectHardDeleted"]);
  t.is(await status(s3, "source", "a"), "FAILED");
  t.deepEqual(await keys(s3, "target"), []);
});

test("a rule that goes elsewhere by the time does nothing for what was put before", async (t) => {
  const { s3, pass } = await start(t);
  for (const name of ["source", "first", "second"]) await makeVersioned(s3, name);
  await replicate(s3, "source", [{ to: "first" }]);
  await put(s3, "source", "a");
  await replicate(s3, "source", [{ to: "second" }]);
  t.deepEqual(await pass(MINUTE), [
    "could not replicate s3://source/a to s3://first: SrcBucketReplicationConfigMissing",
  ]);
  t.deepEqual([await keys(s3, "first"), await keys(s3, "second")], [[], []]);
});
