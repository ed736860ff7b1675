/** Operations about buckets and their configurations. */
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  type AnalyticsConfiguration,
  type CORSRule,
  type IntelligentTieringConfiguration,
  type InventoryConfiguration,
  type LifecycleRule,
  type LoggingEnabled,
  type MetricsConfiguration,
  type PublicAccessBlockConfiguration,
  type QueueConfiguration,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import { directoryOf, ofBucket, TAGS, type S3Rows, type Stage } from "./every-operation-rows.ts";

const Id = "a";
const ofId = ({ Bucket }: Stage): { Bucket: string; Id: string } => ({ Bucket, Id });

const ANALYTICS = { Id, StorageClassAnalysis: {} } satisfies AnalyticsConfiguration;
const BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: false,
} satisfies PublicAccessBlockConfiguration;
const CORS = { AllowedMethods: ["GET"], AllowedOrigins: ["*"], MaxAgeSeconds: 30 } satisfies CORSRule;
const ENCRYPTION = {
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" },
  BucketKeyEnabled: true,
} satisfies ServerSideEncryptionRule;
const LIFECYCLE = {
  ID: "old",
  Status: "Enabled",
  Filter: { Prefix: "old/" },
  Expiration: { Days: 30 },
} satisfies LifecycleRule;
const METRICS = { Id, Filter: { Prefix: "a/" } } satisfies MetricsConfiguration;
const TIERING = {
  Id,
  Status: "Enabled",
  Tierings: [{ AccessTier: "ARCHIVE_ACCESS", Days: 90 }],
} satisfies IntelligentTieringConfiguration;
const TABLE_BUCKET = "arn:aws:s3tables:us-east-1:123456789012:bucket/my-tables";
const DIRECTORY = {
  Location: { Type: "AvailabilityZone", Name: "use1-az4" },
  Bucket: { Type: "Directory", DataRedundancy: "SingleAvailabilityZone" },
} as const;

const inventoryTo = ({ Other }: Stage): InventoryConfiguration => ({
  Id,
  IsEnabled: true,
  IncludedObjectVersions: "Current",
  Schedule: { Frequency: "Weekly" },
  Destination: { S3BucketDestination: { Bucket: `arn:aws:s3:::${Other}`, Format: "CSV" } },
});
const loggingTo = ({ Other }: Stage): LoggingEnabled => ({ TargetBucket: Other, TargetPrefix: "logs/" });
const queueOf = ({ accountId }: Stage): QueueConfiguration => ({
  Id,
  QueueArn: `arn:aws:sqs:us-east-1:${accountId}:queue`,
  Events: ["s3:ObjectCreated:*"],
});
const policyOf = ({ Bucket, accountId }: Stage): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${Bucket}/*`,
      },
    ],
  });
const replicationTo = ({ Other, accountId }: Stage) => ({
  Role: `arn:aws:iam::${accountId}:role/replication`,
  Rules: [{ ID: "all", Status: "Enabled" as const, Prefix: "", Destination: { Bucket: `arn:aws:s3:::${Other}` } }],
});

const lockable = ({ Bucket }: Stage): { Bucket: string } => ({ Bucket: `${Bucket}-locked` });
const LOCK = { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } } } as const;

export const BUCKET_ROWS = {
  CreateBucket: {
    input: ({ Bucket }) => ({ Bucket: `${Bucket}-new` }),
    shows: ({ Bucket }) => ({ Location: `/${Bucket}-new`, BucketArn: `arn:aws:s3:::${Bucket}-new` }),
  },
  CreateBucketMetadataConfiguration: {
    input: (stage) => ({
      ...ofBucket(stage),
      MetadataConfiguration: { JournalTableConfiguration: { RecordExpiration: { Expiration: "DISABLED" } } },
    }),
  },
  CreateBucketMetadataTableConfiguration: {
    input: (stage) => ({
      ...ofBucket(stage),
      MetadataTableConfiguration: {
        S3TablesDestination: { TableBucketArn: TABLE_BUCKET.replace("123456789012", stage.accountId), TableName: "t" },
      },
    }),
  },
  CreateSession: {
    input: async (stage) => {
      const Bucket = directoryOf(stage);
      await stage.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: DIRECTORY }));
      return { Bucket };
    },
    shows: { ServerSideEncryption: "AES256" },
  },
  DeleteBucket: { input: ({ Other: Bucket }) => ({ Bucket }), status: 204 },
  DeleteBucketAnalyticsConfiguration: { after: ["PutBucketAnalyticsConfiguration"], input: ofId, status: 204 },
  DeleteBucketCors: { after: ["PutBucketCors"], input: ofBucket, status: 204 },
  DeleteBucketEncryption: { after: ["PutBucketEncryption"], input: ofBucket, status: 204 },
  DeleteBucketIntelligentTieringConfiguration: {
    after: ["PutBucketIntelligentTieringConfiguration"],
    input: ofId,
    status: 204,
  },
  DeleteBucketInventoryConfiguration: { after: ["PutBucketInventoryConfiguration"], input: ofId, status: 204 },
  DeleteBucketLifecycle: { after: ["PutBucketLifecycleConfiguration"], input: ofBucket, status: 204 },
  DeleteBucketMetadataConfiguration: {
    after: ["CreateBucketMetadataConfiguration"],
    input: ofBucket,
    status: 204,
  },
  DeleteBucketMetadataTableConfiguration: {
    after: ["CreateBucketMetadataTableConfiguration"],
    input: ofBucket,
    status: 204,
  },
  DeleteBucketMetricsConfiguration: { after: ["PutBucketMetricsConfiguration"], input: ofId, status: 204 },
  DeleteBucketOwnershipControls: { after: ["PutBucketOwnershipControls"], input: ofBucket, status: 204 },
  DeleteBucketPolicy: { after: ["PutBucketPolicy"], input: ofBucket, status: 204 },
  DeleteBucketReplication: { after: ["PutBucketReplication"], input: ofBucket, status: 204 },
  DeleteBucketTagging: { after: ["PutBucketTagging"], input: ofBucket, status: 204 },
  DeleteBucketWebsite: { after: ["PutBucketWebsite"], input: ofBucket, status: 204 },
  DeletePublicAccessBlock: { input: ofBucket, status: 204 },
  GetBucketAbac: { after: ["PutBucketAbac"], input: ofBucket, shows: { AbacStatus: { Status: "Enabled" } } },
  GetBucketAccelerateConfiguration: {
    after: ["PutBucketAccelerateConfiguration"],
    input: ofBucket,
    shows: { Status: "Enabled" },
  },
  GetBucketAcl: { input: ofBucket, shows: { Grants: [{ Permission: "FULL_CONTROL" }] } },
  GetBucketAnalyticsConfiguration: {
    after: ["PutBucketAnalyticsConfiguration"],
    input: ofId,
    shows: { AnalyticsConfiguration: { Id } },
  },
  GetBucketCors: { after: ["PutBucketCors"], input: ofBucket, shows: { CORSRules: [CORS] } },
  GetBucketEncryption: {
    after: ["PutBucketEncryption"],
    input: ofBucket,
    shows: { ServerSideEncryptionConfiguration: { Rules: [ENCRYPTION] } },
  },
  GetBucketIntelligentTieringConfiguration: {
    after: ["PutBucketIntelligentTieringConfiguration"],
    input: ofId,
    shows: { IntelligentTieringConfiguration: TIERING },
  },
  GetBucketInventoryConfiguration: {
    after: ["PutBucketInventoryConfiguration"],
    input: ofId,
    shows: (stage) => ({ InventoryConfiguration: inventoryTo(stage) }),
  },
  GetBucketLifecycleConfiguration: {
    after: ["PutBucketLifecycleConfiguration"],
    input: ofBucket,
    shows: { Rules: [LIFECYCLE], TransitionDefaultMinimumObjectSize: "all_storage_classes_128K" },
  },
  // us-east-1 is told by nothing at all.
  GetBucketLocation: { input: ofBucket, shows: { LocationConstraint: undefined } },
  GetBucketLogging: {
    after: ["PutBucketLogging"],
    input: ofBucket,
    shows: (stage) => ({ LoggingEnabled: loggingTo(stage) }),
  },
  GetBucketMetadataConfiguration: {
    after: ["CreateBucketMetadataConfiguration"],
    input: ofBucket,
    shows: {
      GetBucketMetadataConfigurationResult: {
        MetadataConfigurationResult: { JournalTableConfigurationResult: { TableName: "journal" } },
      },
    },
  },
  GetBucketMetadataTableConfiguration: {
    after: ["CreateBucketMetadataTableConfiguration"],
    input: ofBucket,
    shows: {
      GetBucketMetadataTableConfigurationResult: {
        MetadataTableConfigurationResult: { S3TablesDestinationResult: { TableName: "t" } },
      },
    },
  },
  GetBucketMetricsConfiguration: {
    after: ["PutBucketMetricsConfiguration"],
    input: ofId,
    shows: { MetricsConfiguration: METRICS },
  },
  GetBucketNotificationConfiguration: {
    after: ["PutBucketNotificationConfiguration"],
    input: ofBucket,
    shows: (stage) => ({ QueueConfigurations: [queueOf(stage)] }),
  },
  GetBucketOwnershipControls: {
    after: ["PutBucketOwnershipControls"],
    input: ofBucket,
    shows: { OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] } },
  },
  GetBucketPolicy: { after: ["PutBucketPolicy"], input: ofBucket, shows: (stage) => ({ Policy: policyOf(stage) }) },
  GetBucketPolicyStatus: {
    after: ["PutBucketPolicy"],
    input: ofBucket,
    shows: { PolicyStatus: { IsPublic: false } },
  },
  GetBucketReplication: {
    after: ["PutBucketReplication"],
    input: ofBucket,
    shows: (stage) => ({ ReplicationConfiguration: replicationTo(stage) }),
  },
  GetBucketRequestPayment: {
    after: ["PutBucketRequestPayment"],
    input: ofBucket,
    shows: { Payer: "Requester" },
  },
  GetBucketTagging: { after: ["PutBucketTagging"], input: ofBucket, shows: { TagSet: TAGS } },
  GetBucketVersioning: { after: ["PutBucketVersioning"], input: ofBucket, shows: { Status: "Enabled" } },
  GetBucketWebsite: {
    after: ["PutBucketWebsite"],
    input: ofBucket,
    shows: { IndexDocument: { Suffix: "index.html" }, ErrorDocument: { Key: "error.html" } },
  },
  GetObjectLockConfiguration: {
    after: ["PutObjectLockConfiguration"],
    input: lockable,
    shows: { ObjectLockConfiguration: LOCK },
  },
  GetPublicAccessBlock: {
    after: ["PutPublicAccessBlock"],
    input: ofBucket,
    shows: { PublicAccessBlockConfiguration: BLOCK },
  },
  HeadBucket: { input: ofBucket, shows: { BucketRegion: "us-east-1", AccessPointAlias: false } },
  ListBucketAnalyticsConfigurations: {
    after: ["PutBucketAnalyticsConfiguration"],
    input: ofBucket,
    shows: { AnalyticsConfigurationList: [{ Id }], IsTruncated: false },
  },
  ListBucketIntelligentTieringConfigurations: {
    after: ["PutBucketIntelligentTieringConfiguration"],
    input: ofBucket,
    shows: { IntelligentTieringConfigurationList: [TIERING], IsTruncated: false },
  },
  ListBucketInventoryConfigurations: {
    after: ["PutBucketInventoryConfiguration"],
    input: ofBucket,
    shows: (stage) => ({ InventoryConfigurationList: [inventoryTo(stage)], IsTruncated: false }),
  },
  ListBucketMetricsConfigurations: {
    after: ["PutBucketMetricsConfiguration"],
    input: ofBucket,
    shows: { MetricsConfigurationList: [METRICS], IsTruncated: false },
  },
  ListBuckets: {
    input: () => ({}),
    shows: ({ Bucket, Other }) => ({ Buckets: [{ Name: Bucket }, { Name: Other }] }),
  },
  ListDirectoryBuckets: {
    after: ["CreateSession"],
    input: () => ({}),
    shows: (stage) => ({ Buckets: [{ Name: directoryOf(stage), BucketRegion: "us-east-1" }] }),
  },
  PutBucketAbac: { input: (stage) => ({ ...ofBucket(stage), AbacStatus: { Status: "Enabled" } }) },
  PutBucketAccelerateConfiguration: {
    input: (stage) => ({ ...ofBucket(stage), AccelerateConfiguration: { Status: "Enabled" } }),
  },
  PutBucketAcl: {
    after: ["PutBucketOwnershipControls", "DeletePublicAccessBlock"],
    input: (stage) => ({ ...ofBucket(stage), ACL: "authenticated-read" }),
  },
  PutBucketAnalyticsConfiguration: {
    input: (stage) => ({ ...ofId(stage), AnalyticsConfiguration: ANALYTICS }),
    status: 204,
  },
  PutBucketCors: { input: (stage) => ({ ...ofBucket(stage), CORSConfiguration: { CORSRules: [CORS] } }) },
  PutBucketEncryption: {
    input: (stage) => ({ ...ofBucket(stage), ServerSideEncryptionConfiguration: { Rules: [ENCRYPTION] } }),
  },
  PutBucketIntelligentTieringConfiguration: {
    input: (stage) => ({ ...ofId(stage), IntelligentTieringConfiguration: TIERING }),
    status: 204,
  },
  PutBucketInventoryConfiguration: {
    input: (stage) => ({ ...ofId(stage), InventoryConfiguration: inventoryTo(stage) }),
    status: 204,
  },
  PutBucketLifecycleConfiguration: {
    input: (stage) => ({ ...ofBucket(stage), LifecycleConfiguration: { Rules: [LIFECYCLE] } }),
    shows: { TransitionDefaultMinimumObjectSize: "all_storage_classes_128K" },
  },
  PutBucketLogging: {
    input: (stage) => ({ ...ofBucket(stage), BucketLoggingStatus: { LoggingEnabled: loggingTo(stage) } }),
  },
  PutBucketMetricsConfiguration: {
    input: (stage) => ({ ...ofId(stage), MetricsConfiguration: METRICS }),
    status: 204,
  },
  PutBucketNotificationConfiguration: {
    input: (stage) => ({
      ...ofBucket(stage),
      NotificationConfiguration: { QueueConfigurations: [queueOf(stage)] },
      SkipDestinationValidation: true,
    }),
  },
  PutBucketOwnershipControls: {
    input: (stage) => ({ ...ofBucket(stage), OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] } }),
  },
  PutBucketPolicy: { input: (stage) => ({ ...ofBucket(stage), Policy: policyOf(stage) }), status: 204 },
  PutBucketReplication: {
    input: async (stage) => {
      for (const Bucket of [stage.Bucket, stage.Other]) {
        await stage.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
      }
      return { ...ofBucket(stage), ReplicationConfiguration: replicationTo(stage) };
    },
  },
  PutBucketRequestPayment: {
    input: (stage) => ({ ...ofBucket(stage), RequestPaymentConfiguration: { Payer: "Requester" } }),
  },
  PutBucketTagging: { input: (stage) => ({ ...ofBucket(stage), Tagging: { TagSet: TAGS } }), status: 204 },
  PutBucketVersioning: {
    input: (stage) => ({ ...ofBucket(stage), VersioningConfiguration: { Status: "Enabled" } }),
  },
  PutBucketWebsite: {
    input: (stage) => ({
      ...ofBucket(stage),
      WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" }, ErrorDocument: { Key: "error.html" } },
    }),
  },
  PutObjectLockConfiguration: {
    input: async (stage) => {
      const { Bucket } = lockable(stage);
      await stage.s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
      return { Bucket, ObjectLockConfiguration: LOCK };
    },
  },
  PutPublicAccessBlock: {
    input: (stage) => ({ ...ofBucket(stage), PublicAccessBlockConfiguration: BLOCK }),
  },
  UpdateBucketMetadataAnnotationTableConfiguration: {
    after: ["CreateBucketMetadataConfiguration"],
    input: (stage) => ({
      ...ofBucket(stage),
      AnnotationTableConfiguration: {
        ConfigurationState: "ENABLED",
        Role: `arn:aws:iam::${stage.accountId}:role/annotations`,
      },
    }),
  },
  UpdateBucketMetadataInventoryTableConfiguration: {
    after: ["CreateBucketMetadataConfiguration"],
    input: (stage) => ({ ...ofBucket(stage), InventoryTableConfiguration: { ConfigurationState: "ENABLED" } }),
  },
  UpdateBucketMetadataJournalTableConfiguration: {
    after: ["CreateBucketMetadataConfiguration"],
    input: (stage) => ({
      ...ofBucket(stage),
      JournalTableConfiguration: { RecordExpiration: { Expiration: "ENABLED", Days: 30 } },
    }),
  },
} as const satisfies Partial<S3Rows>;
