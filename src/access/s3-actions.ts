/**
 * What each operation of S3 has to be allowed: actions, and on which resource. Total: an operation without a row does not compile.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
import type { S3OperationName } from "../protocol/router.ts";

/** What an action is on: the account as a whole (`*`), the bucket that the request names, or the key. */
type ActionOn = "account" | "bucket" | "object";

/** One action that a request needs. */
export type Need = { readonly action: string; readonly on: ActionOn };

/** What of a request tells which actions it needs. */
export type NeedFacts = {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly versioned: boolean;
};

type Row = readonly Need[] | ((facts: NeedFacts) => readonly Need[]);

/** An operation of S3's model, or what it leaves out. */
type AuthorizedOperation = S3OperationName | "PostObject";

const need = (action: string, on: ActionOn): Need => ({ action, on });
const onBucket = (...actions: readonly string[]): readonly Need[] => actions.map((action) => need(action, "bucket"));
const onObject = (...actions: readonly string[]): readonly Need[] => actions.map((action) => need(action, "object"));

/** Other actions where the request names a version: those of the current one do not help then. */
const byVersion = (current: readonly Need[], versioned: readonly Need[]): Row => {
  return (facts) => (facts.versioned ? versioned : current);
};

/** Actions that headers ask for beside the operation's own. */
type Extra = {
  readonly headers: readonly string[];
  readonly needs: readonly Need[];
  /** A value with which a header asks for nothing more. */
  readonly unless?: string;
};

const withExtras = (needs: readonly Need[], extras: readonly Extra[]): ((facts: NeedFacts) => readonly Need[]) => {
  return ({ headers }) => {
    let all = needs;
    for (const { headers: names, needs: more, unless } of extras) {
      if (names.some((name) => headers[name] !== undefined && headers[name] !== unless)) all = [...all, ...more];
    }
    return all;
  };
};

const GRANTS = [
  "x-amz-grant-full-control",
  "x-amz-grant-read",
  "x-amz-grant-read-acp",
  "x-amz-grant-write",
  "x-amz-grant-write-acp",
] as const;

/** What may be said of a new object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
const OBJECT_EXTRAS: readonly Extra[] = [
  { headers: ["x-amz-tagging"], needs: onObject("s3:PutObjectTagging") },
  { headers: ["x-amz-acl", ...GRANTS], needs: onObject("s3:PutObjectAcl") },
  {
    headers: ["x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-event-hold"],
    needs: onObject("s3:PutObjectRetention"),
  },
  { headers: ["x-amz-object-lock-legal-hold"], needs: onObject("s3:PutObjectLegalHold") },
];

/** Who learns whether an ETag fits learns what is there. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */
const BY_ETAG: Extra = { headers: ["if-match"], needs: onObject("s3:GetObject"), unless: "*" };

const NEW_OBJECT = withExtras(onObject("s3:PutObject"), [...OBJECT_EXTRAS, BY_ETAG]);

const BUCKET_GRANTS: readonly Extra[] = [{ headers: GRANTS, needs: onBucket("s3:PutBucketAcl") }];
const BUCKET_EXTRAS: readonly Extra[] = [
  {
    headers: ["x-amz-bucket-object-lock-enabled"],
    needs: onBucket("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"),
  },
  { headers: ["x-amz-object-ownership"], needs: onBucket("s3:PutBucketOwnershipControls") },
];

/** A private ACL is what a bucket has anyway. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
const CANNED: Extra = { headers: ["x-amz-acl"], needs: onBucket("s3:PutBucketAcl"), unless: "private" };

const NEW_BUCKET = withExtras(onBucket("s3:CreateBucket"), [...BUCKET_GRANTS, CANNED, ...BUCKET_EXTRAS]);

const READ = byVersion(onObject("s3:GetObject"), onObject("s3:GetObjectVersion"));
const LIST = onBucket("s3:ListBucket");
const DELETE = withExtras(onObject("s3:DeleteObject"), [BY_ETAG]);
/** Each key is asked for by itself, in the handler. */
const PER_KEY: readonly Need[] = [];

const ROWS: { readonly [Name in AuthorizedOperation]: Row } = {
  AbortMultipartUpload: onObject("s3:AbortMultipartUpload"),
  CompleteMultipartUpload: withExtras(onObject("s3:PutObject"), [BY_ETAG]),
  // Reading the source is asked for where it is found.
  CopyObject: NEW_OBJECT,
  CreateBucket: NEW_BUCKET,
  CreateBucketMetadataConfiguration: onBucket("s3:CreateBucketMetadataTableConfiguration"),
  CreateBucketMetadataTableConfiguration: onBucket("s3:CreateBucketMetadataTableConfiguration"),
  CreateMultipartUpload: NEW_OBJECT,
  CreateSession: onBucket("s3express:CreateSession"),
  DeleteBucket: onBucket("s3:DeleteBucket"),
  DeleteBucketAnalyticsConfiguration: onBucket("s3:PutAnalyticsConfiguration"),
  DeleteBucketCors: onBucket("s3:PutBucketCORS"),
  DeleteBucketEncryption: onBucket("s3:PutEncryptionConfiguration"),
  DeleteBucketIntelligentTieringConfiguration: onBucket("s3:PutIntelligentTieringConfiguration"),
  DeleteBucketInventoryConfiguration: onBucket("s3:PutInventoryConfiguration"),
  DeleteBucketLifecycle: onBucket("s3:PutLifecycleConfiguration"),
  DeleteBucketMetadataConfiguration: onBucket("s3:DeleteBucketMetadataTableConfiguration"),
  DeleteBucketMetadataTableConfiguration: onBucket("s3:DeleteBucketMetadataTableConfiguration"),
  DeleteBucketMetricsConfiguration: onBucket("s3:PutMetricsConfiguration"),
  DeleteBucketOwnershipControls: onBucket("s3:PutBucketOwnershipControls"),
  DeleteBucketPolicy: onBucket("s3:DeleteBucketPolicy"),
  DeleteBucketReplication: onBucket("s3:PutReplicationConfiguration"),
  DeleteBucketTagging: onBucket("s3:PutBucketTagging"),
  DeleteBucketWebsite: onBucket("s3:DeleteBucketWebsite"),
  DeleteObject: (facts) => (facts.versioned ? onObject("s3:DeleteObjectVersion") : DELETE(facts)),
  DeleteObjectAnnotation: byVersion(
    onObject("s3:DeleteObjectAnnotation"),
    onObject("s3:DeleteObjectVersionAnnotation"),
  ),
  DeleteObjectTagging: byVersion(onObject("s3:DeleteObjectTagging"), onObject("s3:DeleteObjectVersionTagging")),
  DeleteObjects: PER_KEY,
  DeletePublicAccessBlock: onBucket("s3:PutBucketPublicAccessBlock"),
  GetBucketAbac: onBucket("s3:GetBucketABAC"),
  GetBucketAccelerateConfiguration: onBucket("s3:GetAccelerateConfiguration"),
  GetBucketAcl: onBucket("s3:GetBucketAcl"),
  GetBucketAnalyticsConfiguration: onBucket("s3:GetAnalyticsConfiguration"),
  GetBucketCors: onBucket("s3:GetBucketCORS"),
  GetBucketEncryption: onBucket("s3:GetEncryptionConfiguration"),
  GetBucketIntelligentTieringConfiguration: onBucket("s3:GetIntelligentTieringConfiguration"),
  GetBucketInventoryConfiguration: onBucket("s3:GetInventoryConfiguration"),
  GetBucketLifecycleConfiguration: onBucket("s3:GetLifecycleConfiguration"),
  GetBucketLocation: onBucket("s3:GetBucketLocation"),
  GetBucketLogging: onBucket("s3:GetBucketLogging"),
  GetBucketMetadataConfiguration: onBucket("s3:GetBucketMetadataTableConfiguration"),
  GetBucketMetadataTableConfiguration: onBucket("s3:GetBucketMetadataTableConfiguration"),
  GetBucketMetricsConfiguration: onBucket("s3:GetMetricsConfiguration"),
  GetBucketNotificationConfiguration: onBucket("s3:GetBucketNotification"),
  GetBucketOwnershipControls: onBucket("s3:GetBucketOwnershipControls"),
  GetBucketPolicy: onBucket("s3:GetBucketPolicy"),
  GetBucketPolicyStatus: onBucket("s3:GetBucketPolicyStatus"),
  GetBucketReplication: onBucket("s3:GetReplicationConfiguration"),
  GetBucketRequestPayment: onBucket("s3:GetBucketRequestPayment"),
  GetBucketTagging: onBucket("s3:GetBucketTagging"),
  GetBucketVersioning: onBucket("s3:GetBucketVersioning"),
  GetBucketWebsite: onBucket("s3:GetBucketWebsite"),
  GetObject: READ,
  GetObjectAcl: byVersion(onObject("s3:GetObjectAcl"), onObject("s3:GetObjectVersionAcl")),
  GetObjectAnnotation: byVersion(onObject("s3:GetObjectAnnotation"), onObject("s3:GetObjectVersionAnnotation")),
  GetObjectAttributes: byVersion(
    onObject("s3:GetObject", "s3:GetObjectAttributes"),
    onObject("s3:GetObjectVersion", "s3:GetObjectVersionAttributes"),
  ),
  GetObjectLegalHold: onObject("s3:GetObjectLegalHold"),
  GetObjectLockConfiguration: onBucket("s3:GetBucketObjectLockConfiguration"),
  GetObjectRetention: onObject("s3:GetObjectRetention"),
  GetObjectTagging: byVersion(onObject("s3:GetObjectTagging"), onObject("s3:GetObjectVersionTagging")),
  GetObjectTorrent: byVersion(onObject("s3:GetObjectTorrent"), onObject("s3:GetObjectVersionTorrent")),
  GetPublicAccessBlock: onBucket("s3:GetBucketPublicAccessBlock"),
  HeadBucket: LIST,
  HeadObject: READ,
  ListBucketAnalyticsConfigurations: onBucket("s3:GetAnalyticsConfiguration"),
  ListBucketIntelligentTieringConfigurations: onBucket("s3:GetIntelligentTieringConfiguration"),
  ListBucketInventoryConfigurations: onBucket("s3:GetInventoryConfiguration"),
  ListBucketMetricsConfigurations: onBucket("s3:GetMetricsConfiguration"),
  ListBuckets: [need("s3:ListAllMyBuckets", "account")],
  ListDirectoryBuckets: [need("s3express:ListAllMyDirectoryBuckets", "account")],
  ListMultipartUploads: onBucket("s3:ListBucketMultipartUploads"),
  ListObjectAnnotations: byVersion(onObject("s3:ListObjectAnnotations"), onObject("s3:ListObjectVersionAnnotations")),
  ListObjectVersions: onBucket("s3:ListBucketVersions"),
  ListObjects: LIST,
  ListObjectsV2: LIST,
  ListParts: onObject("s3:ListMultipartUploadParts"),
  PostObject: NEW_OBJECT,
  PutBucketAbac: onBucket("s3:PutBucketABAC"),
  PutBucketAccelerateConfiguration: onBucket("s3:PutAccelerateConfiguration"),
  PutBucketAcl: onBucket("s3:PutBucketAcl"),
  PutBucketAnalyticsConfiguration: onBucket("s3:PutAnalyticsConfiguration"),
  PutBucketCors: onBucket("s3:PutBucketCORS"),
  PutBucketEncryption: onBucket("s3:PutEncryptionConfiguration"),
  PutBucketIntelligentTieringConfiguration: onBucket("s3:PutIntelligentTieringConfiguration"),
  PutBucketInventoryConfiguration: onBucket("s3:PutInventoryConfiguration"),
  PutBucketLifecycleConfiguration: onBucket("s3:PutLifecycleConfiguration"),
  PutBucketLogging: onBucket("s3:PutBucketLogging"),
  PutBucketMetricsConfiguration: onBucket("s3:PutMetricsConfiguration"),
  PutBucketNotificationConfiguration: onBucket("s3:PutBucketNotification"),
  PutBucketOwnershipControls: onBucket("s3:PutBucketOwnershipControls"),
  PutBucketPolicy: onBucket("s3:PutBucketPolicy"),
  PutBucketReplication: onBucket("s3:PutReplicationConfiguration"),
  PutBucketRequestPayment: onBucket("s3:PutBucketRequestPayment"),
  PutBucketTagging: onBucket("s3:PutBucketTagging"),
  PutBucketVersioning: onBucket("s3:PutBucketVersioning"),
  PutBucketWebsite: onBucket("s3:PutBucketWebsite"),
  PutObject: NEW_OBJECT,
  PutObjectAcl: byVersion(onObject("s3:PutObjectAcl"), onObject("s3:PutObjectVersionAcl")),
  PutObjectAnnotation: byVersion(onObject("s3:PutObjectAnnotation"), onObject("s3:PutObjectVersionAnnotation")),
  PutObjectLegalHold: onObject("s3:PutObjectLegalHold"),
  PutObjectLockConfiguration: onBucket("s3:PutBucketObjectLockConfiguration"),
  PutObjectRetention: onObject("s3:PutObjectRetention"),
  PutObjectTagging: byVersion(onObject("s3:PutObjectTagging"), onObject("s3:PutObjectVersionTagging")),
  PutPublicAccessBlock: onBucket("s3:PutBucketPublicAccessBlock"),
  // AWS has it in directory buckets alone, where a session's mode decides. The key that goes is asked for in the handler.
  RenameObject: onObject("s3:PutObject"),
  RestoreObject: onObject("s3:RestoreObject"),
  SelectObjectContent: onObject("s3:GetObject"),
  UpdateBucketMetadataAnnotationTableConfiguration: onBucket("s3:UpdateBucketMetadataAnnotationTableConfiguration"),
  UpdateBucketMetadataInventoryTableConfiguration: onBucket("s3:UpdateBucketMetadataInventoryTableConfiguration"),
  UpdateBucketMetadataJournalTableConfiguration: onBucket("s3:UpdateBucketMetadataJournalTableConfiguration"),
  UpdateObjectEncryption: onObject("s3:UpdateObjectEncryption"),
  UploadPart: onObject("s3:PutObject"),
  UploadPartCopy: onObject("s3:PutObject"),
  WriteGetObjectResponse: [need("s3-object-lambda:WriteGetObjectResponse", "account")],
};

/** What a request for an operation needs to be allowed; all of it. */
export const needsOf = (operation: AuthorizedOperation, facts: NeedFacts): readonly Need[] => {
  const row = ROWS[operation];
  return typeof row === "function" ? row(facts) : row;
};
