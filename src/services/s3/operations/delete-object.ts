import { requireBucket } from "../../../state/buckets.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { deleteVersion } from "../delete-version.ts";
import { headerNotImplemented } from "../errors.ts";
import { assertBypassFits } from "../object-lock.ts";
import { assertVersionId, newVersionId } from "../version-id.ts";

/** Deletes an object or a version. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const deleteObject: S3Handler<"DeleteObject"> = async (context, input) => {
  const { Key: key, VersionId: versionId, IfMatch: ifMatch, BypassGovernanceRetention: bypassGovernance } = input;
  // Conditions of directory buckets.
  if (input.IfMatchSize !== undefined) throw headerNotImplemented("x-amz-if-match-size");
  if (input.IfMatchLastModifiedTime !== undefined) throw headerNotImplemented("x-amz-if-match-last-modified-time");
  if (versionId !== undefined) {
    // Conditions are of what is current. AWS was seen to refuse them here even where the version is the current one.
    if (ifMatch !== undefined) throw headerNotImplemented("If-Match");
    assertVersionId(versionId);
  }
  assertBypassFits(bucketOf(context), bypassGovernance);
  const markerVersionId = newVersionId(context.draw);

  const outcome = await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    return deleteVersion(tx, { bucket, context }, { key, versionId, ifMatch, bypassGovernance, markerVersionId });
  });
  return {
    ...(outcome.deleteMarker ? { DeleteMarker: true } : undefined),
    ...(outcome.versionId === undefined ? undefined : { VersionId: outcome.versionId }),
  };
};
