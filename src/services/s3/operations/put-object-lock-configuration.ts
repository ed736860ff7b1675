import { deleteConfiguration, putConfiguration, requireBucket, updateBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { assertLockConfiguration } from "../object-lock-configuration.ts";

/**
 * Turns object lock on, or changes what it asks of new versions. The token of AWS's support that was once needed is
 * accepted and not looked at. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
 */
export const putObjectLockConfiguration: S3Handler<"PutObjectLockConfiguration"> = async (context, input) => {
  const configuration = assertLockConfiguration(input.ObjectLockConfiguration);
  await context.world.transact(async (tx) => {
    const found = await requireBucket(tx, bucketOf(context));
    if (found.versioning !== "Enabled") {
      throw new S3Error(
        "InvalidBucketState",
        {},
        { message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration" },
      );
    }
    const bucket = found.objectLockEnabled ? found : await updateBucket(tx, found, { objectLockEnabled: true });
    await (configuration.Rule === undefined
      ? deleteConfiguration(tx, bucket, "objectLock")
      : putConfiguration(tx, bucket, { kind: "objectLock", document: JSON.stringify(configuration) }));
  });
  return {};
};
