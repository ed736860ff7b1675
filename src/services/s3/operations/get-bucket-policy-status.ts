import { isPublicPolicy } from "../../../access/policy/public-policy.ts";
import { readPutPolicy, requirePolicyText } from "../bucket-policy.ts";
import { bucketOf, type S3Handler } from "../context.ts";

/** Whether a bucket's policy is public. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html */
export const getBucketPolicyStatus: S3Handler<"GetBucketPolicyStatus"> = async (context) => {
  const bucket = bucketOf(context);
  const text = await context.world.read((view) => requirePolicyText(view, bucket));
  return { PolicyStatus: { IsPublic: isPublicPolicy(readPutPolicy(text, bucket)) } };
};
