import type { Bucket } from "../../state/model.ts";

/** `arn:aws:s3:::name`. https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html */
export const bucketArn = ({ partition, name }: Pick<Bucket, "partition" | "name">): string =>
  `arn:${partition}:s3:::${name}`;
