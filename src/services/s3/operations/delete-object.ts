import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import { bypassesGovernance } from "../bypass-governance.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { deleteVersion } from "../delete-version.ts";
import { assertDeleteConditions, type PlainDeleteConditions } from "../directory-buckets/plain-objects.ts";
import { headerNotImplemented } from "../errors.ts";
import { assertBypassFits } from "../object-lock.ts";
import { assertVersionId, newVersionId } from "../version-id.ts";

type Input = Operations["DeleteObject"]["input"];

/** Deletes an object or a version. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const deleteObject: S3Handler<"DeleteObject"> = async (context, input) => {
  const { Key: key, VersionId: versionId, IfMatch: ifMatch, BypassGovernanceRetention: asked } = input;
  const plain = plainConditions(input);
  if (plain !== undefined) assertDeleteConditions(bucketOf(context).name, plain);
  if (versionId !== undefined) {
    // Conditions are of what is current. AWS was seen to refuse them here even where the version is the current one.
    if (ifMatch !== undefined) throw headerNotImplemented("If-Match");
    assertVersionId(versionId);
  }
  assertBypassFits(bucketOf(context), asked);
  const bypassGovernance = await bypassesGovernance(context, { asked, key });
  const markerVersionId = newVersionId(context.draw);

  const outcome = await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    return deleteVersion(
      tx,
      { bucket, context },
      { key, versionId, ifMatch, plain, bypassGovernance, markerVersionId },
    );
  });
  return {
    ...(outcome.deleteMarker ? { DeleteMarker: true } : undefined),
    ...(outcome.versionId === undefined ? undefined : { VersionId: outcome.versionId }),
  };
};

const plainConditions = ({
  IfMatchSize: sizeBytes,
  IfMatchLastModifiedTime: lastModified,
}: Input): PlainDeleteConditions | undefined =>
  sizeBytes === undefined && lastModified === undefined ? undefined : { sizeBytes, lastModified };
