import type { ExtraMembers } from "../../../protocol/model/overlay.ts";
import { deleteAnnotation } from "../../../state/annotations.ts";
import { requireBucket } from "../../../state/buckets.ts";
import { isAnnotationName } from "../annotation-name.ts";
import { checkObjectCondition, parentMembers } from "../annotations.ts";
import { bypassesGovernance } from "../bypass-governance.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { noteObjectChange } from "../object-changes.ts";
import { assertBypassFits, assertUnlocked } from "../object-lock.ts";
import { readStoredVersion } from "../stored-version.ts";
import { assertVersionId } from "../version-id.ts";

/**
 * Removes an annotation for good; one that is not there is no error.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectAnnotation.html
 */
export const deleteObjectAnnotation: S3Handler<"DeleteObjectAnnotation"> = async (context, input) => {
  const { Key: key, AnnotationName: name, VersionId: versionId } = input;
  const { BypassGovernanceRetention: asked } = input as typeof input & ExtraMembers["DeleteObjectAnnotation"];
  if (versionId !== undefined) assertVersionId(versionId);
  assertBypassFits(bucketOf(context), asked);
  const bypass = await bypassesGovernance(context, { asked, key });
  const { world, nowMs } = context;
  return await world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const object = await readStoredVersion(tx, bucket, { key, versionId, method: "DELETE" });
    checkObjectCondition(object, input.ObjectIfMatch);
    assertUnlocked(object, { bypass, nowMs });
    if (isAnnotationName(name) && (await deleteAnnotation(tx, bucket, { object, name }))) {
      const event = "ObjectAnnotation:Delete";
      await noteObjectChange(tx, context, bucket, { event, key, version: object, annotation: { name } });
    }
    return parentMembers(bucket, object);
  });
};
