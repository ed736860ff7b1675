/** What the state holds, as plain data. Only `state/` knows how it is stored. */

export type Partition = "aws" | "aws-cn" | "aws-us-gov";
export const PARTITIONS: readonly Partition[] = ["aws", "aws-cn", "aws-us-gov"];

/** How much of what a request says of its caller is verified: nothing, what can be, all of it. */
export type AuthMode = "off" | "lenient" | "strict";

/** By which clock signing times are read: either, the real one, or the world's. */
export type ClientClock = "either" | "real" | "world";

/** Settings of a world. They survive reset and restore. */
export type WorldSettings = {
  readonly authMode: AuthMode;
  /** Every request is this account's, whatever it carries. */
  readonly accountOverride?: string;
  /** The account of requests that name none. */
  readonly fallbackAccount: string;
  /** In `off` and `lenient` any account may use any bucket by its name. */
  readonly crossAccountAccess: boolean;
  /** Whether `x-moto-account-id` is heeded in `strict`. */
  readonly accountHeader: boolean;
  /** Defaults of a new bucket: AWS's since 2023, or those before. */
  readonly newBuckets: "current" | "legacy";
  /** Answer a wrong region as AWS does, in every auth mode. */
  readonly enforceRegion: boolean;
  /** How long the restore of an archived object is under way. Absent: 0, it is done at once. */
  readonly restoreDurationMs?: number;
  /** Which clock clients sign by. Absent: `either`, whichever makes more sense of a signing time. */
  readonly clientClock?: ClientClock;
  /** `account`: a bucket name holds within its account alone. Absent: `partition`, as with AWS. */
  readonly bucketNamespace?: "partition" | "account";
  /** How many buckets an account may have. Absent: AWS's 10,000. */
  readonly bucketsPerAccountMax?: number;
  /** Lists answer at most so many entries a page. Absent: AWS's own limits. */
  readonly pageEntriesMax?: number;
  /** How long the replication of a change waits. Absent: 0, it is done at once. */
  readonly replicationDelayMs?: number;
  /** How long a new bucket is not found yet by those that did not create it. Absent: 0. */
  readonly bucketCreationDelayMs?: number;
  /** How long lines of access logs wait to be delivered together. Absent: five minutes. */
  readonly accessLogDelayMs?: number;
  /** Hosts, with their ports, that a signature may name in place of the request's. Absent: none. */
  readonly equivalentHosts?: readonly string[];
  /** Where events are posted to: an http or https URL. Absent: nowhere. */
  readonly eventWebhookUrl?: string;
  /** How long an event is under way. Absent: 0. */
  readonly eventDelayMs?: number;
  /** Each so many-th event of an account is delivered twice, as AWS may at any time. Absent: none is. */
  readonly eventDuplicates?: number;
};

/** A stretch of a world's time: when the real clock showed `realMs`, the world's showed `worldMs`, and stood still or ran on. */
export type ClockRun = { readonly realMs: number; readonly worldMs: number; readonly frozen?: true };

/** What is kept of a world beside its settings. */
export type WorldLife = {
  /** How its clock was moved, oldest first; the last run is in force, and before the first it was the real one. */
  readonly clock?: readonly ClockRun[];
  /** Deleted when the server starts again. */
  readonly ephemeral?: boolean;
  /** Real time, in milliseconds since 1970. */
  readonly createdAtMs?: number;
  /** Where the world listens; it does so again after a restart. */
  readonly port?: number;
  /** Real time since its last request after which it is deleted. Absent: never. */
  readonly timeToLiveMs?: number;
};

/** What a snapshot remembers of its world beside what accounts hold: a fork of it begins so, a restore leaves it alone. */
export type SnapshotCapture = {
  /** Absent in a snapshot that was taken before they were captured. */
  readonly settings?: WorldSettings;
};

export type Versioning = "Unversioned" | "Enabled" | "Suspended";
export type ObjectOwnership = "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter";

/** Configuration documents of a bucket; each is kept as JSON of AWS's own shape. */
export type ConfigurationKind =
  | "abac"
  | "accelerate"
  | "acl"
  | "analytics"
  | "cors"
  | "encryption"
  | "intelligentTiering"
  | "inventory"
  | "lifecycle"
  | "logging"
  | "metadata"
  | "metrics"
  | "notification"
  | "objectLock"
  | "ownershipControls"
  | "policy"
  | "publicAccessBlock"
  | "replication"
  | "requestPayment"
  | "tagging"
  | "website";

/** Those of which a bucket may have many, each with an id. */
export type NamedConfigurationKind = Extract<
  ConfigurationKind,
  "analytics" | "intelligentTiering" | "inventory" | "metrics"
>;

/** A bucket as it stood when it was read. Hand it on to say which bucket is meant: its id is unique to its creation. */
export type Bucket = {
  /** Unique to this creation of the bucket; never shown to clients. */
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly partition: Partition;
  readonly region: string;
  readonly createdAtMs: number;
  readonly versioning: Versioning;
  readonly objectOwnership: ObjectOwnership;
  readonly objectLockEnabled: boolean;
  /** Whether a multipart upload was ever begun in it: until then writes need not look for unfinished ones. */
  readonly hadUploads: boolean;
  /** The literal constraint that CreateBucket named, where GetBucketLocation must give it back (`EU`). */
  readonly locationConstraint?: string;
  /** The configuration documents that it has. */
  readonly configurations: readonly ConfigurationKind[];
  /** The account's epoch when this was read; a reset or restore since then makes writes fail. */
  readonly epoch: number;
};

export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

export type Checksum = {
  /** As the S3 model names it: `CRC32`, `CRC64NVME`, `SHA256` ... */
  readonly algorithm: string;
  readonly type: ChecksumType;
  /** Base64, with `-N` after a composite one. */
  readonly value: string;
};

/** A run of bytes within a body. */
export type Extent = {
  readonly bodyId: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Who refers to the body with this extent: `<layer>`, or `<layer>.<id>` for all but the body's first holder. */
  readonly holder: string;
};

/** One part of an object made by a multipart upload, or (number 0) a run of an object that only has many extents. */
export type ManifestPart = {
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** The part's checksum in base64, of the object's algorithm; absent where none was kept. */
  readonly checksum?: string;
  readonly extents: readonly Extent[];
};

/** What a grant of an ACL allows. */
export type AclPermission = "FULL_CONTROL" | "READ" | "READ_ACP" | "WRITE" | "WRITE_ACP";

/** Whom an ACL grants something: an account by its canonical id, or one of S3's groups by its URI. */
export type AclGrantee = { readonly id: string; readonly uri?: never } | { readonly uri: string; readonly id?: never };

export type AclGrant = { readonly grantee: AclGrantee; readonly permission: AclPermission };

/** An ACL as it holds: nothing in it is left to be expanded. */
export type Acl = { readonly ownerAccountId: string; readonly grants: readonly AclGrant[] };

/** One of the two. A year counts 365 days. */
export type LockPeriod = { readonly days?: number; readonly years?: number };

/** What keeps a version from being deleted. Absent members were never set. */
export type ObjectLock = {
  /** Set together with a date, an event hold or both. */
  readonly mode?: "GOVERNANCE" | "COMPLIANCE";
  /** While an event hold is on: what the date is at least. */
  readonly retainUntilMs?: number;
  readonly legalHold?: boolean;
  /** While it is on, the version is kept for the period from now on, whenever now is. */
  readonly eventHold?: { readonly status: "ON"; readonly period: LockPeriod } | { readonly status: "OFF" };
};

/** A restore of an archived object: under way until `readyAtMs`, then a copy that can be read until `expiresAtMs`. */
export type ObjectRestore = {
  readonly readyAtMs: number;
  readonly expiresAtMs: number;
  /** What was asked for: `Standard`, `Bulk` or `Expedited`. */
  readonly tier: string;
};

/** How the replication of a version stands. */
export type ObjectReplication = {
  readonly status: "PENDING" | "COMPLETED" | "FAILED" | "REPLICA";
  /** Names of the buckets that it is still to be replicated to. */
  readonly waiting?: readonly string[];
  /** Whether one of those that it was replicated to did not take it. */
  readonly failed?: true;
};

/** What a client said of an object beside its bytes. Names are AWS's, in lower camel case; absent members were not given. */
export type ObjectAttributes = {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  /** The header's text as it was sent. */
  readonly expires?: string;
  readonly websiteRedirectLocation?: string;
  /** User metadata: names without `x-amz-meta-`, in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  readonly encryption?: {
    readonly algorithm: string;
    readonly kmsKeyId?: string;
    readonly bucketKeyEnabled?: boolean;
    readonly context?: string;
    /** SSE-C: base64 MD5 of the key. */
    readonly customerKeyMd5?: string;
  };
  /** Who may do what; absent where the owner alone may, and does not hold while the bucket's owner owns all of it. */
  readonly acl?: readonly AclGrant[];
  readonly lock?: ObjectLock;
  readonly restore?: ObjectRestore;
  readonly replication?: ObjectReplication;
  /** The upload that a multipart object came of. */
  readonly uploadId?: string;
};

export type ObjectVersion = {
  readonly kind: "object";
  readonly key: string;
  /** `null` (the text) for a version made while versioning was off or suspended. */
  readonly versionId: string;
  /** Order among the versions of one key: later is greater. */
  readonly seq: number;
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  readonly storageClass: string;
  readonly checksum?: Checksum | undefined;
  /** The account that owns the object. */
  readonly ownerAccountId: string;
  /** Where the bytes are, for an object of few extents; empty when `hasManifest`. */
  readonly extents: readonly Extent[];
  readonly hasManifest: boolean;
  /** Parts of a multipart object; 0 for any other. */
  readonly partCount: number;
  readonly attributes: ObjectAttributes;
  /** How many annotations it has; they have records of their own. */
  readonly annotationCount: number;
};

/** A named text that is attached to a version. https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html */
export type Annotation = {
  readonly name: string;
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  /** Of the whole of it; its algorithm is independent of the object's. */
  readonly checksum: { readonly algorithm: string; readonly value: string };
  readonly extents: readonly Extent[];
};

export type DeleteMarker = {
  readonly kind: "deleteMarker";
  readonly key: string;
  readonly versionId: string;
  readonly seq: number;
  readonly lastModifiedMs: number;
  readonly ownerAccountId: string;
};

export type Version = ObjectVersion | DeleteMarker;

/** A version in a list, which knows whether it is its key's latest. */
export type ListedVersion = Version & { readonly isLatest: boolean };

/** An unfinished multipart upload. */
export type Upload = {
  readonly uploadId: string;
  readonly key: string;
  readonly initiatedAtMs: number;
  readonly initiator: { readonly arn: string; readonly displayName: string };
  readonly ownerAccountId: string;
  readonly storageClass: string;
  /** The algorithm and type that CreateMultipartUpload named. */
  readonly checksumAlgorithm?: string;
  readonly checksumType?: ChecksumType;
  readonly attributes: ObjectAttributes;
  /** True once its key was put or deleted after the upload began. */
  readonly keyChanged: boolean;
};

export type Part = {
  readonly partNumber: number;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  /** The checksum that the client named or, where it named none, CRC64NVME. */
  readonly checksum: { readonly algorithm: string; readonly value: string };
  /** Whether the client named it (ListParts shows only those). */
  readonly checksumGiven: boolean;
  readonly extents: readonly Extent[];
};

/** Counts of what an account or a bucket holds. */
export type Usage = {
  readonly objects: number;
  /** All versions: current ones, noncurrent ones and delete markers. */
  readonly versions: number;
  readonly uploads: number;
  /** Bytes of all versions and of uploaded parts. */
  readonly bytes: number;
};

export type AccountUsage = Usage & { readonly accountId: string; readonly buckets: number };

export type Snapshot = {
  readonly name: string;
  readonly createdAtMs: number;
  /** The accounts that it holds. */
  readonly accountIds: readonly string[];
  /** True for a snapshot of the whole world: restoring it empties accounts that it does not hold. */
  readonly whole: boolean;
};

/** An access key that was registered on the control plane. */
export type AccessKey = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: string;
  /** Absent for a key of the account's root. */
  readonly userName?: string;
  readonly createdAtMs: number;
};
