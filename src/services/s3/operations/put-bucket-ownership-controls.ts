import { requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { isOwnership, storeOwnershipRule } from "../ownership-controls.ts";

/** Says who owns new objects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html */
export const putBucketOwnershipControls: S3Handler<"PutBucketOwnershipControls"> = async (context, input) => {
  const [rule, ...others] = input.OwnershipControls.Rules;
  if (rule === undefined || others.length > 0) throw new S3Error("MalformedXML");
  const { ObjectOwnership: ownership } = rule;
  if (!isOwnership(ownership)) throw new S3Error("MalformedXML");
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    // An ACL is kept only where it grants more than full control to the owner.
    if (ownership === "BucketOwnerEnforced" && bucket.configurations.includes("acl")) {
      throw new S3Error("InvalidBucketAclWithObjectOwnership");
    }
    await storeOwnershipRule(tx, bucket, ownership);
  });
  return {};
};
