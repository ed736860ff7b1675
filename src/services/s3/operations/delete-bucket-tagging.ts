import { requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { storeBucketTags } from "../tagging.ts";

/** Takes all tags from a bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html */
export const deleteBucketTagging: S3Handler<"DeleteBucketTagging"> = async (context) => {
  await context.world.transact(async (tx) => storeBucketTags(tx, await requireBucket(tx, bucketOf(context)), []));
  return {};
};
