import { requirePolicyText } from "../bucket-policy.ts";
import { bucketOf, type S3Handler } from "../context.ts";

/** A bucket's policy as it was put. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html */
export const getBucketPolicy: S3Handler<"GetBucketPolicy"> = async (context) => ({
  Policy: await context.world.read((view) => requirePolicyText(view, bucketOf(context))),
});
