import type { Operations } from "../../../protocol/generated/s3.ts";
import { bucketArn } from "../bucket-arn.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { isDirectoryBucketName, zoneOfName, zoneTypeOf } from "../directory-buckets/directory-name.ts";

/** Whether a bucket is there, and where. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket: S3Handler<"HeadBucket"> = async (context) => {
  const bucket = bucketOf(context);
  return {
    BucketArn: bucketArn(bucket),
    BucketRegion: bucket.region,
    AccessPointAlias: context.namedByAlias === true,
    ...locationMembers(bucket.name),
  };
};

const locationMembers = (
  name: string,
): Pick<Operations["HeadBucket"]["output"], "BucketLocationType" | "BucketLocationName"> | undefined => {
  if (!isDirectoryBucketName(name)) return undefined;
  const zone = zoneOfName(name);
  return { BucketLocationType: zoneTypeOf(zone), BucketLocationName: zone };
};
