import { putConfiguration, requireBucket } from "../../../state/buckets.ts";
import { readEncryptionRule, readPutRule } from "../bucket-encryption.ts";
import { bucketOf, type S3Handler } from "../context.ts";

/** Sets how the bucket encrypts by default. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html */
export const putBucketEncryption: S3Handler<"PutBucketEncryption"> = async (context, input) => {
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const before = await readEncryptionRule(tx, bucket);
    const rule = readPutRule(input.ServerSideEncryptionConfiguration, { before });
    await putConfiguration(tx, bucket, { kind: "encryption", document: JSON.stringify({ Rules: [rule] }) });
  });
  return {};
};
