import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { readLockConfiguration } from "../object-lock-configuration.ts";

/** The object lock of a bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html */
export const getObjectLockConfiguration: S3Handler<"GetObjectLockConfiguration"> = async (context) => {
  const bucket = bucketOf(context);
  const configuration = await context.world.read((view) => readLockConfiguration(view, bucket));
  if (configuration === undefined) {
    throw new S3Error("ObjectLockConfigurationNotFoundError", { BucketName: bucket.name });
  }
  return { ObjectLockConfiguration: configuration };
};
