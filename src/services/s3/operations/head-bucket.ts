import { bucketArn } from "../bucket-arn.ts";
import { bucketOf, type S3Handler } from "../context.ts";

/** Whether a bucket is there, and where. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket: S3Handler<"HeadBucket"> = async (context) => {
  const bucket = bucketOf(context);
  return { BucketArn: bucketArn(bucket), BucketRegion: bucket.region, AccessPointAlias: false };
};
