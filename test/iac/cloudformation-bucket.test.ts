/**
 * What CloudFormation's handler of `AWS::S3::Bucket` does, which the CDK's buckets go through: the bucket is created, each of its
 * properties is put and read back, changed and taken away; reads of what is not there end with the codes that the handler takes for
 * absence; and a bucket goes once nothing is in it, which the CDK's `autoDeleteObjects` sees to.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
 */
import type { S3, ServerSideEncryption } from "@aws-sdk/client-s3";
import test from "ava";
import { outcome } from "../services/s3/client.ts";
import { ACCOUNT, startStack } from "./stack.ts";

type Of = { readonly s3: S3; readonly Bucket: string; readonly Other: string };

/** A property of the resource: how two values of it are put, and what of it is read. */
type Property = {
  readonly put: (of: Of, turn: 0 | 1) => Promise<unknown>;
  /** What a read shows of it, in which the two values are told apart. */
  readonly read: (of: Of) => Promise<unknown>;
  readonly shows: (of: Of) => readonly [unknown, unknown];
  /** How it is taken away; one that only changes has none. */
  readonly remove?: (of: Of) => Promise<unknown>;
  /** What is read where there is none: a code and a status, or an answer. */
  readonly absent?: unknown;
};

const STATES = ["Enabled", "Suspended"] as const;
const Id = "EntireBucket";
const queueOf = (turn: 0 | 1): string => `arn:aws:sqs:us-east-1:${ACCOUNT}:queue-${turn}`;
const PREFIXES = ["one/", "two/"] as const;
const both = <Value>(shown: (turn: 0 | 1) => Value): readonly [Value, Value] => [shown(0), shown(1)];

const encrypted = (turn: 0 | 1): ServerSideEncryption => (turn === 0 ? "aws:kms" : "AES256");
const cors = (turn: 0 | 1) => ({ AllowedMethods: ["GET"], AllowedOrigins: ["*"], MaxAgeSeconds: turn + 1 });
const lifecycle = (turn: 0 | 1) => ({
  ID: "rule",
  Status: "Enabled" as const,
  Filter: { Prefix: PREFIXES[turn] },
  Expiration: { Days: 3 },
});
const block = (turn: 0 | 1) => ({
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: turn === 0,
  RestrictPublicBuckets: true,
});
const tiering = (turn: 0 | 1) => ({
  Id,
  Status: "Enabled" as const,
  Tierings: [{ AccessTier: "ARCHIVE_ACCESS" as const, Days: 90 + turn }],
});
const analytics = (turn: 0 | 1) => ({ Id, Filter: { Prefix: PREFIXES[turn] }, StorageClassAnalysis: {} });
const inventory = ({ Other }: Of, turn: 0 | 1) => ({
  Id,
  IsEnabled: turn === 0,
  IncludedObjectVersions: "All" as const,
  Schedule: { Frequency: "Daily" as const },
  Destination: { S3BucketDestination: { Bucket: `arn:aws:s3:::${Other}`, Format: "CSV" as const } },
});
const replication = ({ Other }: Of, turn: 0 | 1) => ({
  Role: `arn:aws:iam::${ACCOUNT}:role/replication`,
  Rules: [
    {
      ID: "rule",
      Status: "Enabled" as const,
      Priority: 1,
      Filter: { Prefix: PREFIXES[turn] },
      DeleteMarkerReplication: { Status: "Disabled" as const },
      Destination: { Bucket: `arn:aws:s3:::${Other}` },
    },
  ],
});

/** In the order in which the handler puts them: what others need comes first. */
const PROPERTIES: Readonly<Record<string, Property>> = {
  OwnershipControls: {
    put: ({ s3, Bucket }, turn) => {
      const ObjectOwnership = turn === 0 ? "BucketOwnerPreferred" : "BucketOwnerEnforced";
      return s3.putBucketOwnershipControls({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } });
    },
    read: async ({ s3, Bucket }) =>
      (await s3.getBucketOwnershipControls({ Bucket })).OwnershipControls?.Rules?.[0]?.ObjectOwnership,
    shows: () => ["BucketOwnerPreferred", "BucketOwnerEnforced"],
    remove: ({ s3, Bucket }) => s3.deleteBucketOwnershipControls({ Bucket }),
    absent: ["OwnershipControlsNotFoundError", 404],
  },
  VersioningConfiguration: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: STATES[turn] } }),
    read: async ({ s3, Bucket }) => (await s3.getBucketVersioning({ Bucket })).Status,
    shows: () => STATES,
  },
  BucketEncryption: {
    put: ({ s3, Bucket }, turn) => {
      const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: encrypted(turn) };
      const Rules = [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled: turn === 0 }];
      return s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules } });
    },
    read: async ({ s3, Bucket }) => {
      const { ServerSideEncryptionConfiguration: found } = await s3.getBucketEncryption({ Bucket });
      const { ApplyServerSideEncryptionByDefault: applied, BucketKeyEnabled } = found?.Rules?.[0] ?? {};
      return [applied?.SSEAlgorithm, BucketKeyEnabled];
    },
    shows: () => both((turn) => [encrypted(turn), turn === 0]),
    remove: ({ s3, Bucket }) => s3.deleteBucketEncryption({ Bucket }),
    // Every bucket is encrypted since 2023.
    absent: ["AES256", false],
  },
  PublicAccessBlockConfiguration: {
    put: ({ s3, Bucket }, turn) => s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: block(turn) }),
    read: async ({ s3, Bucket }) => (await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration,
    shows: () => both(block),
    remove: ({ s3, Bucket }) => s3.deletePublicAccessBlock({ Bucket }),
    absent: ["NoSuchPublicAccessBlockConfiguration", 404],
  },
  Tags: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: "aws-cdk:tag", Value: `${turn}` }] } }),
    read: async ({ s3, Bucket }) => (await s3.getBucketTagging({ Bucket })).TagSet,
    shows: () => both((turn) => [{ Key: "aws-cdk:tag", Value: `${turn}` }]),
    remove: ({ s3, Bucket }) => s3.deleteBucketTagging({ Bucket }),
    absent: ["NoSuchTagSet", 404],
  },
  LifecycleConfiguration: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: [lifecycle(turn)] } }),
    read: async ({ s3, Bucket }) => (await s3.getBucketLifecycleConfiguration({ Bucket })).Rules,
    shows: () => both((turn) => [lifecycle(turn)]),
    remove: ({ s3, Bucket }) => s3.deleteBucketLifecycle({ Bucket }),
    absent: ["NoSuchLifecycleConfiguration", 404],
  },
  CorsConfiguration: {
    put: ({ s3, Bucket }, turn) => s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules: [cors(turn)] } }),
    read: async ({ s3, Bucket }) => (await s3.getBucketCors({ Bucket })).CORSRules,
    shows: () => both((turn) => [cors(turn)]),
    remove: ({ s3, Bucket }) => s3.deleteBucketCors({ Bucket }),
    absent: ["NoSuchCORSConfiguration", 404],
  },
  WebsiteConfiguration: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketWebsite({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: `${turn}.html` } } }),
    read: async ({ s3, Bucket }) => (await s3.getBucketWebsite({ Bucket })).IndexDocument?.Suffix,
    shows: () => both((turn) => `${turn}.html`),
    remove: ({ s3, Bucket }) => s3.deleteBucketWebsite({ Bucket }),
    absent: ["NoSuchWebsiteConfiguration", 404],
  },
  LoggingConfiguration: {
    put: ({ s3, Bucket, Other }, turn) => {
      const LoggingEnabled = { TargetBucket: Other, TargetPrefix: PREFIXES[turn] };
      return s3.putBucketLogging({ Bucket, BucketLoggingStatus: { LoggingEnabled } });
    },
    read: async ({ s3, Bucket }) => (await s3.getBucketLogging({ Bucket })).LoggingEnabled?.TargetPrefix,
    shows: () => PREFIXES,
    remove: ({ s3, Bucket }) => s3.putBucketLogging({ Bucket, BucketLoggingStatus: {} }),
    absent: undefined,
  },
  NotificationConfiguration: {
    put: ({ s3, Bucket }, turn) => {
      const QueueConfigurations = [{ QueueArn: queueOf(turn), Events: ["s3:ObjectCreated:*" as const] }];
      return s3.putBucketNotificationConfiguration({
        Bucket,
        NotificationConfiguration: { QueueConfigurations },
        SkipDestinationValidation: true,
      });
    },
    read: async ({ s3, Bucket }) =>
      (await s3.getBucketNotificationConfiguration({ Bucket })).QueueConfigurations?.[0]?.QueueArn,
    shows: () => both(queueOf),
    remove: ({ s3, Bucket }) => s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }),
    absent: undefined,
  },
  AccelerateConfiguration: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketAccelerateConfiguration({ Bucket, AccelerateConfiguration: { Status: STATES[turn] } }),
    read: async ({ s3, Bucket }) => (await s3.getBucketAccelerateConfiguration({ Bucket })).Status,
    shows: () => STATES,
  },
  AnalyticsConfigurations: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketAnalyticsConfiguration({ Bucket, Id, AnalyticsConfiguration: analytics(turn) }),
    read: async ({ s3, Bucket }) =>
      (await s3.listBucketAnalyticsConfigurations({ Bucket })).AnalyticsConfigurationList?.map(({ Filter }) => Filter),
    shows: () => both((turn) => [analytics(turn).Filter]),
    remove: ({ s3, Bucket }) => s3.deleteBucketAnalyticsConfiguration({ Bucket, Id }),
    absent: undefined,
  },
  InventoryConfigurations: {
    put: (of, turn) =>
      of.s3.putBucketInventoryConfiguration({ Bucket: of.Bucket, Id, InventoryConfiguration: inventory(of, turn) }),
    read: async ({ s3, Bucket }) => (await s3.listBucketInventoryConfigurations({ Bucket })).InventoryConfigurationList,
    shows: (of) => both((turn) => [inventory(of, turn)]),
    remove: ({ s3, Bucket }) => s3.deleteBucketInventoryConfiguration({ Bucket, Id }),
    absent: undefined,
  },
  MetricsConfigurations: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketMetricsConfiguration({
        Bucket,
        Id,
        MetricsConfiguration: turn === 0 ? { Id } : { Id, Filter: { Prefix: PREFIXES[1] } },
      }),
    read: async ({ s3, Bucket }) => (await s3.listBucketMetricsConfigurations({ Bucket })).MetricsConfigurationList,
    shows: () => [[{ Id }], [{ Id, Filter: { Prefix: PREFIXES[1] } }]],
    remove: ({ s3, Bucket }) => s3.deleteBucketMetricsConfiguration({ Bucket, Id }),
    absent: undefined,
  },
  IntelligentTieringConfigurations: {
    put: ({ s3, Bucket }, turn) =>
      s3.putBucketIntelligentTieringConfiguration({ Bucket, Id, IntelligentTieringConfiguration: tiering(turn) }),
    read: async ({ s3, Bucket }) =>
      (await s3.listBucketIntelligentTieringConfigurations({ Bucket })).IntelligentTieringConfigurationList,
    shows: () => both((turn) => [tiering(turn)]),
    remove: ({ s3, Bucket }) => s3.deleteBucketIntelligentTieringConfiguration({ Bucket, Id }),
    absent: undefined,
  },
  ReplicationConfiguration: {
    put: async (of, turn) => {
      for (const Bucket of [of.Bucket, of.Other]) {
        await of.s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
      }
      return of.s3.putBucketReplication({ Bucket: of.Bucket, ReplicationConfiguration: replication(of, turn) });
    },
    read: async ({ s3, Bucket }) => (await s3.getBucketReplication({ Bucket })).ReplicationConfiguration,
    shows: (of) => both((turn) => replication(of, turn)),
    remove: ({ s3, Bucket }) => s3.deleteBucketReplication({ Bucket }),
    absent: ["ReplicationConfigurationNotFoundError", 404],
  },
};

test("each property of a bucket is put, read back, changed and taken away", async (t) => {
  const { s3 } = (await startStack(t)).root;
  const of: Of = { s3, Bucket: "deployed", Other: "deployed-other" };
  for (const Bucket of [of.Bucket, of.Other]) await s3.createBucket({ Bucket });
  for (const [name, { put, read, shows }] of Object.entries(PROPERTIES)) {
    const shown = shows(of);
    for (const turn of [0, 1, 1] as const) {
      await put(of, turn);
      t.deepEqual(await read(of), shown[turn], name);
    }
  }
  // All of them at once: none took another's place, but for replication, which needs versioning.
  for (const [name, { read, shows }] of Object.entries(PROPERTIES)) {
    t.deepEqual(await read(of), name === "VersioningConfiguration" ? "Enabled" : shows(of)[1], name);
  }
  for (const [name, { read, remove, absent }] of Object.entries(PROPERTIES).toReversed()) {
    if (remove === undefined) continue;
    for (let turn = 0; turn < 2; turn += 1) {
      const again = remove(of);
      // Only configurations with ids are missed by a second deletion.
      if (turn === 1 && name.endsWith("Configurations")) {
        t.deepEqual(await outcome(again), ["NoSuchConfiguration", 404], name);
      } else await again;
    }
    const isError = Array.isArray(absent) && typeof absent[1] === "number";
    t.deepEqual(isError ? await outcome(read(of)) : await read(of), absent, name);
  }
});

test("what a bucket does not have is answered by the codes that the handler takes for absence", async (t) => {
  const { s3 } = (await startStack(t)).root;
  const Bucket = "plain";
  await s3.createBucket({ Bucket });
  const of: Of = { s3, Bucket, Other: "none" };
  const born = new Set(["OwnershipControls", "PublicAccessBlockConfiguration"]);
  for (const [name, { read, absent }] of Object.entries(PROPERTIES)) {
    if (born.has(name)) continue;
    const isError = Array.isArray(absent) && typeof absent[1] === "number";
    t.deepEqual(isError ? await outcome(read(of)) : await read(of), absent, name);
  }
  t.deepEqual(await outcome(s3.getObjectLockConfiguration({ Bucket })), ["ObjectLockConfigurationNotFoundError", 404]);
  t.deepEqual(await outcome(s3.getBucketPolicy({ Bucket })), ["NoSuchBucketPolicy", 404]);
  // What the handler begins and ends with.
  t.deepEqual(await outcome(s3.headBucket({ Bucket: of.Other })), ["NotFound", 404]);
  await s3.headBucket({ Bucket });
  await s3.deleteBucket({ Bucket });
  t.deepEqual(await outcome(s3.deleteBucket({ Bucket })), ["NoSuchBucket", 404]);
});

test("a bucket whose objects are deleted with it takes no more of them, is emptied version by version, and goes", async (t) => {
  const { s3 } = (await startStack(t)).root;
  const Bucket = "auto-deleted";
  await s3.createBucket({ Bucket });
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  const tag = { Key: "aws-cdk:auto-delete-objects", Value: "true" };
  await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [tag] } });
  for (const Key of ["a", "a", "b"]) await s3.putObject({ Bucket, Key, Body: Key });
  await s3.deleteObject({ Bucket, Key: "b" });
  t.deepEqual((await s3.getBucketTagging({ Bucket })).TagSet, [tag]);
  t.deepEqual(await outcome(s3.getBucketPolicy({ Bucket })), ["NoSuchBucketPolicy", 404]);
  const denied = { Principal: "*", Effect: "Deny", Action: ["s3:PutObject"], Resource: [`arn:aws:s3:::${Bucket}/*`] };
  await s3.putBucketPolicy({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: [denied] }) });
  t.deepEqual(await outcome(s3.putObject({ Bucket, Key: "late", Body: "late" })), ["AccessDenied", 403]);
  t.deepEqual(await outcome(s3.deleteBucket({ Bucket })), ["BucketNotEmpty", 409]);
  const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket });
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  t.is(Objects.length, 4);
  const { Deleted, Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
  t.deepEqual([Deleted?.length, Errors], [4, undefined]);
  await s3.deleteBucketPolicy({ Bucket });
  await s3.deleteBucket({ Bucket });
  t.deepEqual(await outcome(s3.headBucket({ Bucket })), ["NotFound", 404]);
});
