/** Who must let S3's own services deliver: log delivery and reports, in every auth mode. */
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketInventoryConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type BucketCannedACL,
  type S3Client,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test, { type ExecutionContext } from "ava";
import type { Config } from "../../../../src/config.ts";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";

const ACCOUNT = "123456789012";
const DAY_MS = 86_400_000;

type Suite = {
  readonly s3: S3Client;
  /** Puts a policy on the bucket that is delivered to. */
  readonly allow: (statement: object) => Promise<void>;
  /** Makes a request to `photos`, lets a day pass and answers how many objects were delivered meanwhile. */
  readonly delivered: () => Promise<number>;
};

const start = async (t: ExecutionContext, authMode: Config["authMode"]): Promise<Suite> => {
  const server = await startTestServer({ authMode });
  t.teardown(() => server.close());
  const { clock, accounts } = createControlClient({ baseUrl: server.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(Date.UTC(2026, 0, 1)) });
  const { accessKeyId, secretAccessKey } = await accounts.createAccessKey({ accountId: ACCOUNT });
  const s3 = server.s3({ credentials: { accessKeyId, secretAccessKey } });
  for (const Bucket of ["photos", "target"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const count = async (): Promise<number> =>
    (await s3.send(new ListObjectsV2Command({ Bucket: "target" }))).KeyCount ?? 0;
  return {
    s3,
    allow: async (statement) => {
      const Statement = [{ Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::target/*", ...statement }];
      await s3.send(
        new PutBucketPolicyCommand({ Bucket: "target", Policy: JSON.stringify({ Version: "2012-10-17", Statement }) }),
      );
    },
    delivered: async () => {
      const before = await count();
      await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
      await clock.advanceClock({ by: durationFromMs(DAY_MS) });
      return (await count()) - before;
    },
  };
};

const logTo = (s3: S3Client, TargetBucket: string) =>
  s3.send(
    new PutBucketLoggingCommand({
      Bucket: "photos",
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket, TargetPrefix: "" } },
    }),
  );

const LOGGING = { Service: "logging.s3.amazonaws.com" };

test("in strict log objects come where the policy lets log delivery write, for this bucket and account", async (t) => {
  const { s3, allow, delivered } = await start(t, "strict");
  await logTo(s3, "target");
  t.is(await delivered(), 0);
  const Condition = {
    ArnLike: { "aws:SourceArn": "arn:aws:s3:::photos" },
    StringEquals: { "aws:SourceAccount": ACCOUNT },
  };
  await allow({ Principal: LOGGING, Condition });
  t.is(await delivered(), 1);
  await allow({ Principal: LOGGING, Condition: { ArnLike: { "aws:SourceArn": "arn:aws:s3:::other" } } });
  t.is(await delivered(), 0);
  await allow({ Principal: { Service: "s3.amazonaws.com" } });
  t.is(await delivered(), 0);
  await allow({ Principal: LOGGING, Resource: "arn:aws:s3:::target/logs/*" });
  t.is(await delivered(), 0);
});

test("in strict log objects come where the bucket's ACL lets log delivery write", async (t) => {
  const { s3, delivered } = await start(t, "strict");
  const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket: "target", OwnershipControls }));
  // The SDK's types leave this canned ACL of buckets out.
  const ACL = "log-delivery-write" as BucketCannedACL;
  await s3.send(new PutBucketAclCommand({ Bucket: "target", ACL }));
  await logTo(s3, "target");
  t.is(await delivered(), 1);
});

test("in lenient a denial alone holds log objects back, in off nothing does", async (t) => {
  for (const [authMode, objects] of [
    ["lenient", 0],
    ["off", 1],
  ] as const) {
    const { s3, allow, delivered } = await start(t, authMode);
    await logTo(s3, "target");
    t.is(await delivered(), 1);
    await allow({ Effect: "Deny", Principal: LOGGING });
    t.is(await delivered(), objects, authMode);
  }
});

test("in strict reports come where the policy lets S3 write", async (t) => {
  const { s3, allow, delivered } = await start(t, "strict");
  const InventoryConfiguration = {
    Id: "all",
    IsEnabled: true,
    IncludedObjectVersions: "Current" as const,
    Schedule: { Frequency: "Daily" as const },
    Destination: { S3BucketDestination: { Bucket: "arn:aws:s3:::target", Format: "CSV" as const } },
  };
  await s3.send(new PutBucketInventoryConfigurationCommand({ Bucket: "photos", Id: "all", InventoryConfiguration }));
  t.is(await delivered(), 0);
  const StringEquals = { "aws:SourceAccount": ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control" };
  const ArnLike = { "aws:SourceArn": "arn:aws:s3:::photos" };
  await allow({ Principal: { Service: "s3.amazonaws.com" }, Condition: { StringEquals, ArnLike } });
  t.is(await delivered(), 4);
});
