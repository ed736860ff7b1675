import { deleteConfiguration, requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";

/** The bucket encrypts as a new one does again. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html */
export const deleteBucketEncryption: S3Handler<"DeleteBucketEncryption"> = async (context) => {
  await context.world.transact(async (tx) => {
    await deleteConfiguration(tx, await requireBucket(tx, bucketOf(context)), "encryption");
  });
  return {};
};
