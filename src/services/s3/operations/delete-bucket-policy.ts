import { deleteConfiguration, requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";

/** Takes a bucket's policy away, if it has one. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html */
export const deleteBucketPolicy: S3Handler<"DeleteBucketPolicy"> = async (context) => {
  await context.world.transact(async (tx) => {
    await deleteConfiguration(tx, await requireBucket(tx, bucketOf(context)), "policy");
  });
  return {};
};
