import type { Bucket } from "../../state/model.ts";
import { isDirectoryBucketName } from "./directory-buckets/directory-name.ts";

/**
 * `arn:aws:s3:::name`, and `arn:aws:s3express:region:account:bucket/name` for a directory bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html
 */
export const bucketArn = ({
  partition,
  name,
  region,
  accountId,
}: Pick<Bucket, "partition" | "name" | "region" | "accountId">): string =>
  isDirectoryBucketName(name)
    ? `arn:${partition}:s3express:${region}:${accountId}:bucket/${name}`
    : `arn:${partition}:s3:::${name}`;
