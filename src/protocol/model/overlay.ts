/** What AWS's model leaves out, by operation and member. */
import type { Operations as S3Operations } from "../generated/s3.ts";

type S3OperationName = keyof S3Operations;

/** The namespace of S3's documents. */
export const S3_XML_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Query services: the namespace of their answers and the version that requests name. */
export const QUERY_SERVICES = {
  sts: { xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/", version: "2011-06-15" },
  iam: { xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/", version: "2010-05-08" },
} as const;
export type QueryService = keyof typeof QUERY_SERVICES;

/** Answers that are one text in the root element itself. */
export const BARE_ROOTS: Partial<Record<S3OperationName, string>> = { GetBucketLocation: "LocationConstraint" };

/** Answers to successful requests that AWS gives another status than its model says. */
export const STATUSES: Partial<Record<S3OperationName, number>> = {
  PutBucketPolicy: 204,
  PutBucketTagging: 204,
  PutBucketAnalyticsConfiguration: 204,
  PutBucketIntelligentTieringConfiguration: 204,
  PutBucketMetricsConfiguration: 204,
};

/** Answers that are 206 when they carry this member. */
export const PARTIAL_MEMBERS: Partial<Record<S3OperationName, string>> = {
  GetObject: "ContentRange",
  HeadObject: "ContentRange",
};

/** Answers whose type follows from nothing in the model. */
export const CONTENT_TYPES: Partial<Record<S3OperationName, string>> = {
  HeadBucket: "application/xml",
  GetBucketPolicy: "application/json",
  GetObjectTorrent: "application/x-bittorrent",
};

/** Members that `encoding-type=url` encodes, in the answer and within its lists. */
export const URL_ENCODED: Partial<Record<S3OperationName, ReadonlySet<string>>> = {
  ListObjects: new Set(["Delimiter", "Marker", "Prefix", "NextMarker", "Key"]),
  ListObjectsV2: new Set(["Delimiter", "Prefix", "StartAfter", "Key"]),
  ListObjectVersions: new Set(["Delimiter", "KeyMarker", "NextKeyMarker", "Prefix", "Key"]),
  ListMultipartUploads: new Set(["Delimiter", "KeyMarker", "NextKeyMarker", "Prefix", "Key"]),
};

/** Documents whose violations have a code of their own. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const MALFORMED_CODES: Partial<Record<S3OperationName, string>> = {
  PutBucketAcl: "MalformedACLError",
  PutObjectAcl: "MalformedACLError",
};

/**
 * Sets of words that AWS's schema of documents admits no other word for. Of the others, each operation says what is wrong:
 * an unknown region or event, for example, has an error of its own.
 */
export const CLOSED_ENUMS: ReadonlySet<string> = new Set([
  "AnalyticsS3ExportFileFormat",
  "BucketAccelerateStatus",
  "BucketLogsPermission",
  "BucketVersioningStatus",
  "DeleteMarkerReplicationStatus",
  "ExistingObjectReplicationStatus",
  "ExpirationStatus",
  "IntelligentTieringAccessTier",
  "IntelligentTieringStatus",
  "InventoryFormat",
  "InventoryFrequency",
  "InventoryIncludedObjectVersions",
  "InventoryOptionalField",
  "MFADelete",
  "MetricsStatus",
  "ObjectLockEnabled",
  "ObjectLockLegalHoldStatus",
  "ObjectLockRetentionMode",
  "ObjectOwnership",
  "OwnerOverride",
  "PartitionDateSource",
  "Payer",
  "Permission",
  "Protocol",
  "ReplicaModificationsStatus",
  "ReplicationRuleStatus",
  "ReplicationTimeStatus",
  "ServerSideEncryption",
  "SseKmsEncryptedObjectsStatus",
  "StorageClassAnalysisSchemaVersion",
  "Tier",
  "TransitionStorageClass",
]);

/** Headers with times that are ignored when they cannot be read. */
export const LENIENT_TIMES: ReadonlySet<string> = new Set([
  "if-modified-since",
  "if-unmodified-since",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-unmodified-since",
  "expires",
]);

/** What AWS says of a parameter that should be a number. */
export const NUMBER_MESSAGES: Readonly<Record<string, string>> = {
  partNumber: "Part number must be an integer between 1 and 10000, inclusive",
};

/** Operations of other endpoints: the router never picks them for a request to S3's own. */
export const OTHER_ENDPOINTS: ReadonlySet<S3OperationName> = new Set([
  "ListDirectoryBuckets",
  "WriteGetObjectResponse",
]);

/** Headers that tell one operation from another of the same method and path. */
export const TELLING_HEADERS: ReadonlySet<string> = new Set(["x-amz-copy-source"]);
