/** How the replication of a version stands, and what is told of it. */
import type { DueContext } from "../../../harness/due-handler.ts";
import type { ReplicationRule } from "../../../protocol/generated/s3.ts";
import type { Bucket, ObjectReplication, ObjectVersion, Version } from "../../../state/model.ts";
import { findVersion, updateObject } from "../../../state/objects.ts";
import type { Tx } from "../../../state/view.ts";
import type { S3EventName } from "../events/event-names.ts";
import { noteEvents } from "../events/note-events.ts";
import { bucketArn } from "../bucket-arn.ts";
import { ruleOf, sourceBucket, type Piece } from "./pieces.ts";
import type { FailureReason } from "./failure-reason.ts";
import type { ReplicationTask } from "./tasks.ts";

const MINUTE_MS = 60_000;

/** Takes down that one destination was served, or was not. The version has the status of all of them together. */
export const settle = async (
  tx: Tx,
  bucket: Bucket,
  { version, destination, failed }: { version: Version; destination: string; failed: boolean },
): Promise<void> => {
  if (version.kind === "deleteMarker") return;
  const { replication } = version.attributes;
  if (replication === undefined || replication.status === "REPLICA") return;
  const waiting = (replication.waiting ?? []).filter((name) => name !== destination);
  const anyFailed = failed || replication.failed === true;
  const settled: ObjectReplication =
    waiting.length > 0
      ? { status: "PENDING", waiting, ...(anyFailed ? { failed: true } : {}) }
      : { status: anyFailed ? "FAILED" : "COMPLETED" };
  await updateObject(tx, bucket, {
    object: version,
    change: { attributes: { ...version.attributes, replication: settled } },
  });
};

type Told = {
  readonly bucket: Bucket;
  readonly version: Version;
  readonly task: ReplicationTask;
  readonly failureReason?: FailureReason;
};

/** Tells of a version's replication. */
export const tellReplication = async (
  tx: Tx,
  { world, nowMs, draw }: DueContext,
  { event, told }: { readonly event: S3EventName; readonly told: Told },
): Promise<void> => {
  const { bucket, version, task, failureReason } = told;
  if (!bucket.configurations.includes("notification")) return;
  const late = nowMs - task.requestedAtMs;
  const replicationEventData = {
    replicationRuleId: task.ruleId,
    destinationBucket: bucketArn({ ...bucket, name: task.destination }),
    s3Operation: version.kind === "deleteMarker" ? "OBJECT_DELETE" : "OBJECT_PUT",
    requestTime: new Date(task.requestedAtMs).toISOString(),
    ...(failureReason === undefined ? {} : { failureReason }),
    ...(event === "Replication:OperationFailedReplication" ? {} : timesOf(late)),
  };
  const change = { event, key: task.key, version, details: { replicationEventData } };
  await noteEvents(tx, { world, nowMs, draw }, { bucket, change });
};

const THRESHOLD_MINUTES = 15;

const timesOf = (lateMs: number) => ({
  threshold: String(THRESHOLD_MINUTES),
  replicationTime: String(Math.floor(lateMs / MINUTE_MS)),
});

/** Whether a rule promises a time, and it is over. */
export const isLate = ({ Destination: { ReplicationTime: promise } }: ReplicationRule, lateMs: number): boolean =>
  promise?.Status === "Enabled" && lateMs > (promise.Time.Minutes ?? THRESHOLD_MINUTES) * MINUTE_MS;

/** Tells that a version has not been replicated in the time that its rule promises. */
export const tellMissed = async (tx: Tx, context: DueContext, piece: Piece): Promise<string | undefined> => {
  const { task } = piece;
  const bucket = await sourceBucket(tx, piece);
  const version = bucket && (await findVersion(tx, bucket, task));
  if (bucket === undefined || version === undefined || !isWaiting(version, task)) return undefined;
  if ((await ruleOf(tx, bucket, task)) === undefined) return undefined;
  await tellReplication(tx, context, {
    event: "Replication:OperationMissedThreshold",
    told: { bucket, version, task },
  });
  return `missed the time to replicate s3://${bucket.name}/${task.key} to s3://${task.destination}`;
};

const isWaiting = (version: Version, { destination }: ReplicationTask): version is ObjectVersion =>
  version.kind === "object" && version.attributes.replication?.waiting?.includes(destination) === true;
