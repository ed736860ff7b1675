/**
 * What objects of a directory bucket do not have, and deletes of them may ask.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html
 */
import type { Operations } from "../../../protocol/generated/s3.ts";
import type { ObjectVersion } from "../../../state/model.ts";
import { preconditionFailed } from "../conditions.ts";
import { headerNotImplemented } from "../errors.ts";
import { wholeSeconds } from "../shown-time.ts";
import { isDirectoryBucketName } from "./directory-name.ts";

/** Members of a write that say what an object of another bucket may have. */
type WriteInput = Pick<
  Operations["CreateMultipartUpload"]["input"],
  | "ACL"
  | "GrantFullControl"
  | "GrantRead"
  | "GrantReadACP"
  | "GrantWriteACP"
  | "Tagging"
  | "WebsiteRedirectLocation"
  | "SSECustomerAlgorithm"
  | "ObjectLockMode"
  | "ObjectLockRetainUntilDate"
  | "ObjectLockLegalHoldStatus"
>;

/** Holds a write into a bucket of that name to what its kind has. Errors: NotImplemented, by the name of the header. */
export const assertPlainObject = (bucketName: string, input: WriteInput): void => {
  if (!isDirectoryBucketName(bucketName)) return;
  const { GrantFullControl, GrantRead, GrantReadACP, GrantWriteACP, Tagging } = input;
  const refused = [
    ["x-amz-acl", [input.ACL]],
    ["x-amz-grant-*", [GrantFullControl, GrantRead, GrantReadACP, GrantWriteACP]],
    // No tags at all may be said.
    ["x-amz-tagging", [Tagging === "" ? undefined : Tagging]],
    ["x-amz-website-redirect-location", [input.WebsiteRedirectLocation]],
    ["x-amz-server-side-encryption-customer-algorithm", [input.SSECustomerAlgorithm]],
    ["x-amz-object-lock-*", [input.ObjectLockMode, input.ObjectLockRetainUntilDate, input.ObjectLockLegalHoldStatus]],
  ] as const;
  for (const [header, members] of refused) {
    if (members.some((member) => member !== undefined)) throw headerNotImplemented(header);
  }
};

/** Conditions of a delete that other buckets do not have: the size in bytes, and the second of the last change. */
export type PlainDeleteConditions = {
  readonly sizeBytes: number | undefined;
  readonly lastModified: Date | undefined;
};

const SIZE = "x-amz-if-match-size";
const TIME = "x-amz-if-match-last-modified-time";

/** Errors: NotImplemented for such a condition in a bucket of another kind. */
export const assertDeleteConditions = (
  bucketName: string,
  { sizeBytes, lastModified }: PlainDeleteConditions,
): void => {
  if (isDirectoryBucketName(bucketName)) return;
  if (sizeBytes !== undefined) throw headerNotImplemented(SIZE);
  if (lastModified !== undefined) throw headerNotImplemented(TIME);
};

/**
 * Holds the conditions against what is there; they hold where there is nothing. Errors: PreconditionFailed.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export const checkDeleteConditions = (
  { sizeBytes, lastModified }: PlainDeleteConditions,
  current: Pick<ObjectVersion, "sizeBytes" | "lastModifiedMs"> | undefined,
): void => {
  if (current === undefined) return;
  if (sizeBytes !== undefined && sizeBytes !== current.sizeBytes) throw preconditionFailed(SIZE);
  if (lastModified === undefined) return;
  if (wholeSeconds(lastModified.getTime()) !== wholeSeconds(current.lastModifiedMs)) throw preconditionFailed(TIME);
};
