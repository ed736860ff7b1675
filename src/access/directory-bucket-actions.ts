/**
 * What operations need on directory buckets. Policies decide about a bucket and about sessions with it; within a session everything
 * is allowed that its mode allows.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html
 */
import type { S3OperationName } from "../protocol/router.ts";
import type { Need } from "./s3-actions.ts";

/** Operations of the Regional endpoint, which are allowed one by one. */
const REGIONAL: Partial<Record<S3OperationName, string>> = {
  CreateBucket: "s3express:CreateBucket",
  DeleteBucket: "s3express:DeleteBucket",
  DeleteBucketEncryption: "s3express:PutEncryptionConfiguration",
  DeleteBucketLifecycle: "s3express:PutLifecycleConfiguration",
  DeleteBucketPolicy: "s3express:DeleteBucketPolicy",
  GetBucketEncryption: "s3express:GetEncryptionConfiguration",
  GetBucketLifecycleConfiguration: "s3express:GetLifecycleConfiguration",
  GetBucketPolicy: "s3express:GetBucketPolicy",
  PutBucketEncryption: "s3express:PutEncryptionConfiguration",
  PutBucketLifecycleConfiguration: "s3express:PutLifecycleConfiguration",
  PutBucketPolicy: "s3express:PutBucketPolicy",
};

/** What may be done with a directory bucket's objects: whoever may begin a session may do all that a session may. */
export const SESSION_ACTION = "s3express:CreateSession";

/** What a request for an operation on a directory bucket needs to be allowed. */
export const directoryNeedsOf = (operation: S3OperationName): readonly Need[] => [
  { action: REGIONAL[operation] ?? SESSION_ACTION, on: "bucket" },
];

/** Whether an operation is one of those that a session with the bucket is for. */
export const isOfSession = (operation: S3OperationName): boolean => REGIONAL[operation] === undefined;
