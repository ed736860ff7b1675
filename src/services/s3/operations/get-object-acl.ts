import { objectAcl } from "../acl-stored.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { shownGrants } from "../grants.ts";
import { ownerOf } from "../owners.ts";
import { readStoredVersion } from "../stored-version.ts";
import { shownVersionId } from "../version-id.ts";

/** Who may do what with an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html */
export const getObjectAcl: S3Handler<"GetObjectAcl"> = async (context, { Key: key, VersionId: versionId }) => {
  const bucket = bucketOf(context);
  const object = await context.world.read((view) => readStoredVersion(view, bucket, { key, versionId, method: "GET" }));
  const { ownerAccountId, grants } = objectAcl(bucket, object);
  const version = { VersionId: shownVersionId(bucket, object.versionId) };
  return { Owner: ownerOf(ownerAccountId), Grants: shownGrants(grants), ...version };
};
