import { isPublicPolicy } from "../../../access/policy/public-policy.ts";
import { putConfiguration, requireBucket } from "../../../state/buckets.ts";
import { readPutPolicy } from "../bucket-policy.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { assertPublicPolicyNotBlocked } from "../public-access-block.ts";

/**
 * Puts a policy on a bucket, its text as it is. `ConfirmRemoveSelfBucketAccess` changes nothing: the root of the bucket's account
 * can always replace a policy, whatever it says. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
export const putBucketPolicy: S3Handler<"PutBucketPolicy"> = async (context, { Policy: text }) => {
  const { caller } = context;
  const isPublic = isPublicPolicy(readPutPolicy(text, bucketOf(context)));
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    if (isPublic) await assertPublicPolicyNotBlocked(tx, { bucket, caller });
    await putConfiguration(tx, bucket, { kind: "policy", document: text });
  });
  return {};
};
