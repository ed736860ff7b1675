import { readEncryptionRule } from "../bucket-encryption.ts";
import { bucketOf, type S3Handler } from "../context.ts";

/** How the bucket encrypts by default: every bucket does. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html */
export const getBucketEncryption: S3Handler<"GetBucketEncryption"> = async (context) => {
  const rule = await context.world.read((view) => readEncryptionRule(view, bucketOf(context)));
  return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
};
