import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { assertLockBucket, retainUntil } from "../object-lock.ts";
import { readStoredVersion } from "../stored-version.ts";

/** Until when a version is kept. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html */
export const getObjectRetention: S3Handler<"GetObjectRetention"> = async (context, input) => {
  const bucket = bucketOf(context);
  const { Key: key, VersionId: versionId } = input;
  assertLockBucket(bucket);
  const { attributes } = await context.world.read((view) =>
    readStoredVersion(view, bucket, { key, versionId, method: "GET" }),
  );
  const { lock } = attributes;
  if (lock?.mode === undefined) throw new S3Error("NoSuchObjectLockConfiguration");
  const untilMs = retainUntil(lock, context.nowMs);
  const { eventHold } = lock;
  return {
    Retention: {
      Mode: lock.mode,
      ...(untilMs === undefined ? {} : { RetainUntilDate: new Date(untilMs) }),
      ...(eventHold === undefined ? {} : { EventHold: eventHold.status }),
      ...(eventHold?.status === "ON"
        ? { EventHoldDuration: { Days: eventHold.period.days, Years: eventHold.period.years } }
        : {}),
    },
  };
};
