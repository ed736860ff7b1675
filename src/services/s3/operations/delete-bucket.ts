import { bucketContents, deleteBucket as removeBucket, requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";

/** Deletes an empty bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export const deleteBucket: S3Handler<"DeleteBucket"> = async (context) => {
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    // AWS counts noncurrent versions and delete markers as contents; unfinished uploads go with the bucket.
    if ((await bucketContents(tx, bucket)) !== "empty") {
      const versioned = bucket.versioning !== "Unversioned";
      const message = `The bucket you tried to delete is not empty${versioned ? ". You must delete all versions in the bucket." : ""}`;
      throw new S3Error("BucketNotEmpty", { BucketName: bucket.name }, { message });
    }
    await removeBucket(tx, bucket);
  });
  return {};
};
