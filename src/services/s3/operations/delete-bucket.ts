import { hasAccessPoints } from "../../../state/access-points.ts";
import { bucketContents, deleteBucket as removeBucket, requireBucket } from "../../../state/buckets.ts";
import { listUploads } from "../../../state/listing.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { S3Error } from "../errors.ts";

/** Deletes an empty bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export const deleteBucket: S3Handler<"DeleteBucket"> = async (context) => {
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    if (await keptByUploads(tx, bucket)) throw new S3Error("BucketNotEmpty", { BucketName: bucket.name });
    // AWS counts noncurrent versions and delete markers as contents; unfinished uploads go with a general purpose bucket.
    if ((await bucketContents(tx, bucket)) !== "empty") {
      const versioned = bucket.versioning !== "Unversioned";
      const message = `The bucket you tried to delete is not empty${versioned ? ". You must delete all versions in the bucket." : ""}`;
      throw new S3Error("BucketNotEmpty", { BucketName: bucket.name }, { message });
    }
    // Those of other accounts stay, and lead nowhere.
    if (await hasAccessPoints(tx, bucket)) {
      throw new S3Error("BucketHasAccessPointsAttached", { BucketName: bucket.name });
    }
    await removeBucket(tx, bucket);
  });
  return {};
};

/** A directory bucket stays as long as an upload is under way in it. */
const keptByUploads = async (tx: Tx, bucket: Bucket): Promise<boolean> =>
  isDirectoryBucketName(bucket.name) && (await listUploads(tx, bucket, { prefix: "", limit: 1 })).entries.length > 0;
