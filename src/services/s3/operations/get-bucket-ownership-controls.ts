import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { ownershipRule } from "../ownership-controls.ts";

/** Who owns new objects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html */
export const getBucketOwnershipControls: S3Handler<"GetBucketOwnershipControls"> = async (context) => {
  const bucket = bucketOf(context);
  const rule = ownershipRule(bucket);
  if (rule === undefined) throw new S3Error("OwnershipControlsNotFoundError", { BucketName: bucket.name });
  return { OwnershipControls: { Rules: [{ ObjectOwnership: rule }] } };
};
