import { requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { storePublicAccessBlock } from "../public-access-block.ts";

/** Takes a bucket's block away. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html */
export const deletePublicAccessBlock: S3Handler<"DeletePublicAccessBlock"> = async (context) => {
  await context.world.transact(async (tx) =>
    storePublicAccessBlock(tx, await requireBucket(tx, bucketOf(context)), undefined),
  );
  return {};
};
