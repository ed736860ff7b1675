import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { readBucketTags, shownTags } from "../tagging.ts";

/** The tags of a bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html */
export const getBucketTagging: S3Handler<"GetBucketTagging"> = async (context) => {
  const bucket = bucketOf(context);
  const tags = await context.world.read((view) => readBucketTags(view, bucket));
  if (tags === undefined) throw new S3Error("NoSuchTagSet", { BucketName: bucket.name });
  return { TagSet: shownTags(tags) };
};
