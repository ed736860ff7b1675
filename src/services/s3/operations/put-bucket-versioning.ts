import { requireBucket, updateBucket } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";

/** Turns versioning on or suspends it. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export const putBucketVersioning: S3Handler<"PutBucketVersioning"> = async (context, input) => {
  const { Status: versioning, MFADelete: mfaDelete } = input.VersioningConfiguration;
  if (versioning === undefined && mfaDelete === undefined) throw new S3Error("IllegalVersioningConfigurationException");
  if (versioning !== "Enabled" && versioning !== "Suspended") throw new S3Error("MalformedXML");
  if (mfaDelete === "Enabled") throw new S3Error("NotImplemented", {}, { message: "MFA delete is not implemented" });
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    if (versioning !== "Enabled") assertMaySuspend(bucket);
    await updateBucket(tx, bucket, { versioning });
  });
  return {};
};

/** Errors: InvalidBucketState for a bucket whose other configurations need versions. */
const assertMaySuspend = ({ objectLockEnabled, configurations }: Bucket): void => {
  const needs = objectLockEnabled ? "An Object Lock" : configurations.includes("replication") ? "A replication" : "";
  if (needs === "") return;
  const message = `${needs} configuration is present on this bucket, so the versioning state cannot be changed.`;
  throw new S3Error("InvalidBucketState", {}, { message });
};
