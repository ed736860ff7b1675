import { bucketAcl } from "../acl-stored.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { shownGrants } from "../grants.ts";
import { ownerOf } from "../owners.ts";

/** Who may do what with a bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html */
export const getBucketAcl: S3Handler<"GetBucketAcl"> = async (context) => {
  const { ownerAccountId, grants } = await context.world.read((view) => bucketAcl(view, bucketOf(context)));
  return { Owner: ownerOf(ownerAccountId), Grants: shownGrants(grants) };
};
