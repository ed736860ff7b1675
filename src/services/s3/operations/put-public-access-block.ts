import { requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { invalidRequest } from "../errors.ts";
import { storePublicAccessBlock } from "../public-access-block.ts";

/** Says what a bucket blocks of public access. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html */
export const putPublicAccessBlock: S3Handler<"PutPublicAccessBlock"> = async (context, input) => {
  const wanted = input.PublicAccessBlockConfiguration;
  if (Object.keys(wanted).length === 0) throw invalidRequest("Must specify at least one configuration.");
  const {
    BlockPublicAcls = false,
    IgnorePublicAcls = false,
    BlockPublicPolicy = false,
    RestrictPublicBuckets = false,
  } = wanted;
  const block = { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets };
  await context.world.transact(async (tx) =>
    storePublicAccessBlock(tx, await requireBucket(tx, bucketOf(context)), block),
  );
  return {};
};
