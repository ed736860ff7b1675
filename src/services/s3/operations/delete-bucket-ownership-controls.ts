import { requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { storeOwnershipRule } from "../ownership-controls.ts";

/** Leaves new objects to their writers. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html */
export const deleteBucketOwnershipControls: S3Handler<"DeleteBucketOwnershipControls"> = async (context) => {
  await context.world.transact(async (tx) =>
    storeOwnershipRule(tx, await requireBucket(tx, bucketOf(context)), undefined),
  );
  return {};
};
