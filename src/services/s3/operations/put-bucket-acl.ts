import { requireBucket } from "../../../state/buckets.ts";
import { readPutAcl, resolveAcl } from "../acl.ts";
import { storeBucketAcl } from "../acl-stored.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { assertAclNotBlocked } from "../public-access-block.ts";

/** Replaces who may do what with a bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html */
export const putBucketAcl: S3Handler<"PutBucketAcl"> = async (context, input) => {
  const acl = readPutAcl(input, "bucket");
  const { accountId } = bucketOf(context);
  const grants = resolveAcl(acl, { ownerAccountId: accountId, bucketAccountId: accountId });
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    if (bucket.objectOwnership === "BucketOwnerEnforced") throw new S3Error("AccessControlListNotSupported");
    await assertAclNotBlocked(tx, { bucket, caller: context.caller, grants, attempt: { action: "s3:PutBucketAcl" } });
    await storeBucketAcl(tx, bucket, grants);
  });
  return {};
};
