import { requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { storeBucketTags, tagsOfDocument } from "../tagging.ts";

/** Replaces the tags of a bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html */
export const putBucketTagging: S3Handler<"PutBucketTagging"> = async (context, input) => {
  const tags = tagsOfDocument(input.Tagging, { owner: "bucket" });
  await context.world.transact(async (tx) => storeBucketTags(tx, await requireBucket(tx, bucketOf(context)), tags));
  return {};
};
