/** What the pieces of lifecycle's work have in common: their transaction, the bucket with its rules, and the two effects on versions. */
import type { DoneWork } from "../../../harness/due-work.ts";
import type { Bucket, ObjectVersion, Version } from "../../../state/model.ts";
import { deleteObject, latestVersion, updateObject } from "../../../state/objects.ts";
import type { Tx } from "../../../state/view.ts";
import { logServiceAction, transitionOperation } from "../access-log/service-line.ts";
import { noteObjectChange, type ChangeContext } from "../object-changes.ts";
import { midnightFrom, type Action, type TimedAction } from "./actions.ts";
import type { Scope } from "./schedule.ts";
import { putTask, type WantedTask } from "./tasks.ts";

export type Work = Scope & {
  readonly tx: Tx;
  /** S3 itself, at the time at which the work fell due. */
  readonly change: ChangeContext;
  /** The id of a delete marker that the work makes. */
  readonly markerVersionId: (bucket: Bucket) => string;
};

const doneWork = ({ bucket, nowMs }: Work, verb: string, { key, versionId }: Version): DoneWork => ({
  kind: "lifecycle",
  dueAtMs: nowMs,
  what: `${verb} s3://${bucket.name}/${key}${bucket.versioning === "Unversioned" ? "" : ` (version ${versionId})`}`,
});

const by = ({ rule }: TimedAction): string => ` by rule ${rule.id}`;

/** Deletes a version for good. */
export const removeVersion = async (work: Work, version: Version, action: TimedAction): Promise<DoneWork> => {
  const { tx, bucket, change, nowMs } = work;
  const { key, versionId } = version;
  const marker = { versionId: "", lastModifiedMs: nowMs, ownerAccountId: bucket.accountId };
  await deleteObject(tx, bucket, { key, versionId, marker });
  await noteObjectChange(tx, change, bucket, { event: "LifecycleExpiration:Delete", key, before: version });
  const objectBytes = version.kind === "object" ? version.sizeBytes : undefined;
  await logServiceAction(tx, change, bucket, { operation: "S3.EXPIRE.OBJECT", key, versionId, objectBytes });
  return doneWork(work, `deleted${by(action)}`, version);
};

/** Expires the current object: it goes, or a delete marker comes to stand before it. */
export const expireCurrent = async (work: Work, object: ObjectVersion, action: TimedAction): Promise<DoneWork> => {
  const { tx, bucket, change, nowMs, markerVersionId } = work;
  if (bucket.versioning === "Unversioned") return removeVersion(work, object, action);
  const { key } = object;
  const marker = { versionId: markerVersionId(bucket), lastModifiedMs: nowMs, ownerAccountId: bucket.accountId };
  await deleteObject(tx, bucket, { key, marker });
  const version = await latestVersion(tx, bucket, key);
  const event = "LifecycleExpiration:DeleteMarkerCreated";
  await noteObjectChange(tx, change, bucket, { event, key, version, before: object });
  const versionId = version?.versionId;
  await logServiceAction(tx, change, bucket, { operation: "S3.CREATE.DELETEMARKER", key, versionId });
  return doneWork(work, `expired${by(action)}`, object);
};

/** Moves a version to another storage class, where it stands. */
const moveToClass = async (
  work: Work,
  object: ObjectVersion,
  { storageClass, action }: { storageClass: string; action: TimedAction },
): Promise<DoneWork> => {
  const { tx, bucket, change } = work;
  const version = await updateObject(tx, bucket, { object, change: { storageClass } });
  await noteObjectChange(tx, change, bucket, {
    event: "LifecycleTransition",
    key: object.key,
    version,
    before: object,
    details: { lifecycleEventData: { transitionEventData: { destinationStorageClass: storageClass } } },
  });
  const { key, versionId, sizeBytes: objectBytes } = object;
  const operation = transitionOperation(storageClass);
  await logServiceAction(tx, change, bucket, { operation, key, versionId, objectBytes });
  return doneWork(work, `moved to ${storageClass}${by(action)}`, object);
};

/**
 * Whether a version is still to be replicated, or was in vain: nothing is done to it then.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html
 */
const replicationOf = (version: Version): "done" | "pending" | "failed" => {
  const status = version.kind === "object" ? version.attributes.replication?.status : undefined;
  if (status === "PENDING") return "pending";
  return status === "FAILED" ? "failed" : "done";
};

/** Whether a version has to be replicated before anything is done to it. While that is under way it is looked at every midnight. */
export const waitsForReplication = async (
  { tx, bucket, nowMs }: Work,
  { version, task }: { readonly version: Version; readonly task: WantedTask },
): Promise<boolean> => {
  const replication = replicationOf(version);
  if (replication === "pending") await putTask(tx, bucket, { task, atMs: midnightFrom(nowMs + 1) });
  return replication !== "done";
};

/** Does an action to an object; `expire` is how it expires. */
export const carryOut = (
  work: Work,
  object: Version,
  { action, expire }: { action: TimedAction; expire: () => Promise<DoneWork> },
): Promise<DoneWork> => {
  const { action: wanted }: { action: Action } = action;
  if (wanted.do === "expire" || object.kind === "deleteMarker") return expire();
  return moveToClass(work, object, { storageClass: wanted.storageClass, action });
};
