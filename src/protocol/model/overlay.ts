/** What AWS's model leaves out, by operation and member. */
import type { Operations as S3Operations } from "../generated/s3.ts";
import type { Operations as S3ControlOperations } from "../generated/s3-control.ts";
import type { MemberRow } from "./description.ts";

type S3OperationName = keyof S3Operations;

/** The namespace of S3's documents. */
export const S3_XML_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** The namespace of S3 Control's documents. */
export const S3_CONTROL_XML_NAMESPACE = "http://awss3control.amazonaws.com/doc/2018-08-20/";

/** Answers of S3 Control to successful requests that AWS gives another status than its model says. */
export const S3_CONTROL_STATUSES: Partial<Record<keyof S3ControlOperations, number>> = {
  DeleteAccessPoint: 204,
  DeleteAccessPointPolicy: 204,
  DeletePublicAccessBlock: 204,
};

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
  PutBucketInventoryConfiguration: 204,
  PutBucketMetricsConfiguration: 204,
};

/** What a handler adds to an output whose success has more than one status; no part of the answer itself. */
export type StatusMember = { readonly statusCode: number };

/** Operations whose outputs carry a {@link StatusMember}. */
export const STATUS_CHOSEN: ReadonlySet<S3OperationName> = new Set(["RestoreObject"]);

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

/** Lists of one document whose elements stand among each other. */
export type InterleavedLists = {
  /** The members that hold them. */
  readonly lists: readonly string[];
  /** The member, of the answer alone, that names for each place the list whose next element it has. */
  readonly order: string;
};

/** Some readers take the first of a key's versions and delete markers for the latest. */
export const INTERLEAVED: Partial<Record<S3OperationName, InterleavedLists>> = {
  ListObjectVersions: { lists: ["Versions", "DeleteMarkers"], order: "EntryOrder" },
};

/**
 * Operations whose model demands a digest of the body which S3 itself does not. AWS's Python SDK, before that demand was in the
 * model, sent a Content-MD5 with these only where it could, and always with the others.
 */
export const DIGEST_OPTIONAL: ReadonlySet<S3OperationName> = new Set([
  "PutBucketAcl",
  "PutBucketLogging",
  "PutBucketPolicy",
  "PutBucketRequestPayment",
  "PutBucketVersioning",
  "PutBucketWebsite",
  "PutObjectAcl",
  "PutObjectTagging",
]);

/** Documents whose violations have a code of their own. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const MALFORMED_CODES: Partial<Record<S3OperationName, string>> = {
  PutBucketAcl: "MalformedACLError",
  PutObjectAcl: "MalformedACLError",
};

/** Documents whose missing members have an error of their own instead of being malformed. */
export const UNCHECKED_STRUCTURES: ReadonlySet<string> = new Set(["SelectObjectContentRequest"]);

/**
 * Sets of words that AWS's schema of documents admits no other word for. Of the others, each operation says what is wrong:
 * an unknown region or event, for example, has an error of its own.
 */
export const CLOSED_ENUMS: ReadonlySet<string> = new Set([
  "AnalyticsS3ExportFileFormat",
  "AnnotationConfigurationState",
  "BucketAbacStatus",
  "BucketAccelerateStatus",
  "BucketVersioningStatus",
  "DeleteMarkerReplicationStatus",
  "ExistingObjectReplicationStatus",
  "ExpirationState",
  "ExpirationStatus",
  "IntelligentTieringAccessTier",
  "IntelligentTieringStatus",
  "InventoryConfigurationState",
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
  "ReplicaModificationsStatus",
  "ReplicationRuleStatus",
  "ReplicationTimeStatus",
  "ServerSideEncryption",
  "SseKmsEncryptedObjectsStatus",
  "StorageClassAnalysisSchemaVersion",
  "TableSseAlgorithm",
  "Tier",
  "TransitionStorageClass",
  "UseSourceMultiRegionKeyStatus",
]);

/** `Expires` as it was sent: S3 keeps it word for word, where the model has a date. */
type ExpiresMember = { readonly ExpiresText?: string | undefined };

/** `response-expires` as it was sent: S3 answers with it word for word. */
type ResponseExpiresMember = { readonly ResponseExpiresText?: string | undefined };

/** Members of inputs that AWS's documentation names and its model does not have. */
export type ExtraMembers = {
  readonly CopyObject: ExpiresMember;
  readonly CreateMultipartUpload: ExpiresMember;
  readonly PutObject: ExpiresMember;
  readonly GetObject: ResponseExpiresMember;
  readonly HeadObject: ResponseExpiresMember;
  readonly DeleteObjectAnnotation: { readonly BypassGovernanceRetention?: boolean | undefined };
};

const EXPIRES_TEXT: MemberRow = ["ExpiresText", "string", "header Expires"];
const RESPONSE_EXPIRES_TEXT: MemberRow = ["ResponseExpiresText", "string", "query response-expires"];

/** Where the members of {@link ExtraMembers} stand. */
export const EXTRA_MEMBERS: Partial<Record<S3OperationName, readonly MemberRow[]>> = {
  CopyObject: [EXPIRES_TEXT],
  CreateMultipartUpload: [EXPIRES_TEXT],
  PutObject: [EXPIRES_TEXT],
  GetObject: [RESPONSE_EXPIRES_TEXT],
  HeadObject: [RESPONSE_EXPIRES_TEXT],
  DeleteObjectAnnotation: [["BypassGovernanceRetention", "boolean", "header x-amz-bypass-governance-retention"]],
};

const BUCKET_REGION: MemberRow = ["BucketRegion", "string", "header x-amz-bucket-region"];
const VERSION_ID: MemberRow = ["VersionId", "string", "header x-amz-version-id"];

/** Headers of answers that AWS sends and its model does not have. */
export const EXTRA_HEADERS: Partial<Record<S3OperationName, readonly MemberRow[]>> = {
  GetObject: [EXPIRES_TEXT],
  GetObjectAcl: [VERSION_ID],
  HeadObject: [EXPIRES_TEXT],
  ListObjects: [BUCKET_REGION],
  ListObjectsV2: [BUCKET_REGION],
  PutObjectAcl: [VERSION_ID],
};

/** Headers and parameters with times that are ignored when they cannot be read. */
export const LENIENT_TIMES: ReadonlySet<string> = new Set([
  "if-modified-since",
  "if-unmodified-since",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-unmodified-since",
  "expires",
  "response-expires",
]);

/** What AWS says where no attribute of an object is asked for. */
export const MISSING_ATTRIBUTES =
  "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty";
/** What AWS says of a header that must be given, where it does not just name it. */
export const MISSING_HEADER_MESSAGES: Readonly<Record<string, string>> = {
  "x-amz-object-attributes": MISSING_ATTRIBUTES,
};

/** What AWS says of a parameter that should be a number. */
export const NUMBER_MESSAGES: Readonly<Record<string, string>> = {
  partNumber: "Part number must be an integer between 1 and 10000, inclusive",
};

/** Headers and parameters that are as if they had not been given when they hold no number. */
export const LENIENT_NUMBERS: ReadonlySet<string> = new Set(["x-amz-max-parts"]);

/** What AWS says of a header that should be a time. */
export const TIME_MESSAGES: Readonly<Record<string, string>> = {
  "x-amz-object-lock-retain-until-date": "The retain until date must be provided in ISO 8601 format",
};

/** Operations of other endpoints: the router never picks them for a request to S3's own. */
export const OTHER_ENDPOINTS: ReadonlySet<S3OperationName> = new Set([
  "ListDirectoryBuckets",
  "WriteGetObjectResponse",
]);

/** Headers that tell one operation from another of the same method and path. */
export const TELLING_HEADERS: ReadonlySet<string> = new Set(["x-amz-copy-source"]);
