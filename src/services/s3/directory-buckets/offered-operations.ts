/**
 * Which operations directory buckets have, and which need a session with the bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html
 */
import type { Caller } from "../../../protocol/caller.ts";
import type { Bucket } from "../../../state/model.ts";
import type { S3OperationName } from "../context.ts";
import { S3Error } from "../errors.ts";
import { isDirectoryBucketName } from "./directory-name.ts";

/** On the bucket itself, at the region's endpoint, by the caller's own credentials. */
const REGIONAL: ReadonlySet<S3OperationName> = new Set([
  "CreateBucket",
  "CreateSession",
  "DeleteBucket",
  "DeleteBucketEncryption",
  "DeleteBucketLifecycle",
  "DeleteBucketMetricsConfiguration",
  "DeleteBucketPolicy",
  "GetBucketEncryption",
  "GetBucketLifecycleConfiguration",
  "GetBucketMetricsConfiguration",
  "GetBucketPolicy",
  "ListBucketMetricsConfigurations",
  "PutBucketEncryption",
  "PutBucketLifecycleConfiguration",
  "PutBucketMetricsConfiguration",
  "PutBucketPolicy",
]);

/** On what is in the bucket, at the zone's endpoint; these read alone. */
const READS: ReadonlySet<S3OperationName> = new Set([
  "GetObject",
  "GetObjectAttributes",
  "HeadBucket",
  "HeadObject",
  "ListMultipartUploads",
  "ListObjectsV2",
  "ListParts",
]);

const WRITES: ReadonlySet<S3OperationName> = new Set([
  "AbortMultipartUpload",
  "CompleteMultipartUpload",
  "CopyObject",
  "CreateMultipartUpload",
  "DeleteObject",
  "DeleteObjects",
  "PutObject",
  "RenameObject",
  "UploadPart",
  "UploadPartCopy",
]);

type Asked = {
  readonly caller: Caller;
  readonly bucketName: string | undefined;
  /** Of HTTP. */
  readonly method: string;
};

/**
 * Holds an operation against the kind of its bucket, and against the caller's session if that is with a directory bucket: such a
 * session is for what is in its bucket, and, since the SDKs use it for that too, for the bucket itself.
 * Errors: MethodNotAllowed for an operation that this kind of bucket does not have, AccessDenied for one that the session is not for.
 */
export const assertOffered = (operation: S3OperationName, { bucketName, caller, method }: Asked): void => {
  const session = caller.session?.directoryBucket;
  const directory = bucketName !== undefined && isDirectoryBucketName(bucketName);
  if (session !== undefined && session.name !== bucketName) throw new S3Error("AccessDenied");
  if (!directory) {
    if (operation === "CreateSession") throw notOffered(method);
    return;
  }
  const writes = WRITES.has(operation);
  if (!writes && !READS.has(operation) && !REGIONAL.has(operation)) throw notOffered(method);
  if (writes && session?.mode === "ReadOnly") throw new S3Error("AccessDenied");
};

const notOffered = (method: string): S3Error =>
  new S3Error("MethodNotAllowed", { Method: method, ResourceType: "BUCKET" });

/** Holds a bucket that was found against the caller's session. Errors: AccessDenied for another account's bucket of that name. */
export const assertInSession = ({ session }: Caller, { accountId }: Bucket): void => {
  const { directoryBucket } = session ?? {};
  if (directoryBucket !== undefined && directoryBucket.ownerAccountId !== accountId) throw new S3Error("AccessDenied");
};
