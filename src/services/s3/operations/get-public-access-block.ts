import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { readPublicAccessBlock } from "../public-access-block.ts";

/** What a bucket blocks of public access. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html */
export const getPublicAccessBlock: S3Handler<"GetPublicAccessBlock"> = async (context) => {
  const bucket = bucketOf(context);
  const block = await context.world.read((view) => readPublicAccessBlock(view, bucket));
  if (block === undefined) throw new S3Error("NoSuchPublicAccessBlockConfiguration", { BucketName: bucket.name });
  return { PublicAccessBlockConfiguration: block };
};
