import type { StatusMember } from "../../../protocol/model/overlay.ts";
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import { updateObject } from "../../../state/objects.ts";
import { bucketOf, type S3Handler } from "../context.ts";
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
    await updateObject(tx, bucket, { object, change: { attributes: { ...object.attributes, restore } } });
    return repeated;
  });
  const output: Output = { statusCode: repeated ? 200 : 202 };
  return output;
};
