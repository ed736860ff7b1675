/** Finding the source of a copy, under the conditions that the request puts on it. */
import type { Bucket, ObjectVersion } from "../../state/model.ts";
import { findVersion, latestVersion } from "../../state/objects.ts";
import type { View } from "../../state/view.ts";
import { failedReadCondition, preconditionFailed, type ReadConditions } from "./conditions.ts";
import type { S3Context } from "./context.ts";
import { parseCopySource } from "./copy-source.ts";
import { assertCustomerKey, readCustomerKey } from "./encryption.ts";
import { invalidRequest, S3Error } from "./errors.ts";
import { checkExpectedOwner } from "./expected-owner.ts";
import { PUT_BYTES_MAX } from "./limits.ts";
import { assertReadable } from "./storage-class.ts";
import { assertVersionId } from "./version-id.ts";

/** The members of an input that say what is copied. */
type CopySourceInput = {
  readonly CopySource?: string | undefined;
  readonly CopySourceIfMatch?: string | undefined;
  readonly CopySourceIfNoneMatch?: string | undefined;
  readonly CopySourceIfModifiedSince?: Date | undefined;
  readonly CopySourceIfUnmodifiedSince?: Date | undefined;
  readonly CopySourceSSECustomerAlgorithm?: string | undefined;
  readonly CopySourceSSECustomerKey?: string | undefined;
  readonly CopySourceSSECustomerKeyMD5?: string | undefined;
  readonly ExpectedSourceBucketOwner?: string | undefined;
};

/** The source that a request names, its bucket found. */
export type NamedSource = {
  readonly bucket: Bucket;
  readonly key: string;
  readonly versionId: string | undefined;
  readonly conditions: ReadConditions;
  readonly customerKeyMd5: string | undefined;
};

/** Errors: InvalidArgument, NoSuchBucket, AccessDenied, those of an expected owner, those of SSE-C. */
export const nameSource = async (context: S3Context, input: CopySourceInput): Promise<NamedSource> => {
  const { bucketName, key, versionId } = parseCopySource(input.CopySource ?? "");
  if (versionId !== undefined) assertVersionId(versionId);
  const customerKeyMd5 = readCustomerKey({
    SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm,
    SSECustomerKey: input.CopySourceSSECustomerKey,
    SSECustomerKeyMD5: input.CopySourceSSECustomerKeyMD5,
  });
  const bucket = await context.findBucket(bucketName);
  checkExpectedOwner(bucket, input.ExpectedSourceBucketOwner);
  const action = versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  await context.demand({ action, bucket, key, versionId });
  const conditions = {
    ifMatch: input.CopySourceIfMatch,
    ifNoneMatch: input.CopySourceIfNoneMatch,
    ifModifiedSince: input.CopySourceIfModifiedSince,
    ifUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
  return { bucket, key, versionId, conditions, customerKeyMd5 };
};

/** The version that is the source; undefined where there is none. */
const findSource = async (view: View, { bucket, key, versionId }: NamedSource): Promise<ObjectVersion | undefined> => {
  const version =
    versionId === undefined
      ? await latestVersion(view, bucket, key)
      : await findVersion(view, bucket, { key, versionId });
  if (version === undefined || version.kind === "object") return version;
  if (versionId === undefined) return undefined;
  throw invalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.");
};

/** It is the source of a copy that is missing, and not what is in the bucket that the request names. */
export class SourceMissingError extends S3Error {}

/**
 * Reads the source and holds the request's conditions against it.
 * Errors: NoSuchKey, NoSuchVersion, InvalidRequest, PreconditionFailed, InvalidObjectState.
 */
export const readSource = async (
  view: View,
  { source, nowMs }: { readonly source: NamedSource; readonly nowMs: number },
): Promise<ObjectVersion> => {
  const { key, versionId, conditions, customerKeyMd5 } = source;
  const object = await findSource(view, source);
  if (object === undefined) {
    throw versionId === undefined
      ? new SourceMissingError("NoSuchKey", { Key: key })
      : new SourceMissingError("NoSuchVersion", { Key: key, VersionId: versionId });
  }
  const failed = failedReadCondition(object, { conditions, nowMs });
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed}`);
  assertCustomerKey(object.attributes.encryption, customerKeyMd5);
  assertReadable(object, { nowMs, message: "Operation is not valid for the source object's storage class" });
  return object;
};

/** Errors: InvalidRequest for more bytes than may be copied at once. */
export const assertCopySize = (sizeBytes: number): void => {
  if (sizeBytes <= PUT_BYTES_MAX) return;
  throw invalidRequest(
    `The specified copy source is larger than the maximum allowable size for a copy source: ${PUT_BYTES_MAX}`,
  );
};
