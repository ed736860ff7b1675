import { bucketOf, type S3Handler } from "../context.ts";
import { DEFAULT_REGION } from "../regions.ts";

/** The bucket's region; nothing for us-east-1. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export const getBucketLocation: S3Handler<"GetBucketLocation"> = async (context) => {
  const { region, locationConstraint } = bucketOf(context);
  return region === DEFAULT_REGION ? {} : { LocationConstraint: locationConstraint ?? region };
};
