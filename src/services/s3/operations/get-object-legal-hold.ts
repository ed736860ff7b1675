import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { assertLockBucket } from "../object-lock.ts";
import { readStoredVersion } from "../stored-version.ts";

/** Whether a version is kept until further notice. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLegalHold.html */
export const getObjectLegalHold: S3Handler<"GetObjectLegalHold"> = async (context, input) => {
  const bucket = bucketOf(context);
  const { Key: key, VersionId: versionId } = input;
  assertLockBucket(bucket);
  const { attributes } = await context.world.read((view) =>
    readStoredVersion(view, bucket, { key, versionId, method: "GET" }),
  );
  const legalHold = attributes.lock?.legalHold;
  if (legalHold === undefined) throw new S3Error("NoSuchObjectLockConfiguration");
  return { LegalHold: { Status: legalHold ? "ON" : "OFF" } };
};
