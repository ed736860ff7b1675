import { bucketOf, type S3Handler } from "../context.ts";

/** Nothing for a bucket that never had it. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export const getBucketVersioning: S3Handler<"GetBucketVersioning"> = async (context) => {
  const { versioning } = bucketOf(context);
  return versioning === "Unversioned" ? {} : { Status: versioning };
};
