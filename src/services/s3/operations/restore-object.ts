import type { StatusMember } from "../../../protocol/model/overlay.ts";
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import { updateObject } from "../../../state/objects.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { scheduleRestoreEnds } from "../events/end-restore.ts";
import { noteObjectChange } from "../object-changes.ts";
import { readRestoreRequest, startRestore } from "../restore.ts";
import { readStoredVersion } from "../stored-version.ts";

type Output = Operations["RestoreObject"]["output"] & StatusMember;

/**
 * Brings a copy of an archived object back for some days, or changes for how many. 202 for a restore that begins or is made
 * faster, 200 for one that was done. https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
 */
export const restoreObject: S3Handler<"RestoreObject"> = async (context, input) => {
  const { world, nowMs } = context;
  const { Key: key, VersionId: versionId } = input;
  const wanted = readRestoreRequest(input.RestoreRequest);
  const durationMs = world.settings.restoreDurationMs ?? 0;
  const repeated = await world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const object = await readStoredVersion(tx, bucket, { key, versionId, method: "POST", currentMarker: "absent" });
    const { restore, repeated } = startRestore(object, { wanted, nowMs, durationMs });
    const attributes = { ...object.attributes, restore };
    const version = await updateObject(tx, bucket, { object, change: { attributes } });
    const change = { key, version, before: object };
    // A copy that only stays longer or shorter is not restored anew.
    await noteObjectChange(tx, context, bucket, repeated ? change : { ...change, event: "ObjectRestore:Post" });
    await scheduleRestoreEnds(tx, bucket, { object: version, justBegun: !repeated });
    return repeated;
  });
  const output: Output = { statusCode: repeated ? 200 : 202 };
  return output;
};
