import type { Bucket } from "../../state/model.ts";
import { S3Error } from "./errors.ts";

const ACCOUNT_ID = /^\d{12}$/;

/**
 * Holds a bucket against the owner that the client expects, which guards against a bucket that changed hands.
 * Errors: InvalidBucketOwnerAWSAccountID, AccessDenied.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 */
export const checkExpectedOwner = (bucket: Bucket, expected: string | undefined): void => {
  if (expected === undefined) return;
  if (!ACCOUNT_ID.test(expected)) {
    throw new S3Error(
      "InvalidBucketOwnerAWSAccountID",
      {},
      { message: `The value of the expected bucket owner parameter must be an AWS Account ID... [${expected}]` },
    );
  }
  if (bucket.accountId !== expected) throw new S3Error("AccessDenied");
};
