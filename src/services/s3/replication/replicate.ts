/** One version to one destination: the replica, the status of its source, and what is told of both, in one transaction. */
import type { DueContext } from "../../../harness/due-handler.ts";
import type { ReplicationRule } from "../../../protocol/generated/s3.ts";
import type { Bucket, Version } from "../../../state/model.ts";
import { findVersion, readManifest, updateObject } from "../../../state/objects.ts";
import { findReplica, putReplica } from "../../../state/replicas.ts";
import type { Tx } from "../../../state/view.ts";
import { latestBefore, noteObjectChange } from "../object-changes.ts";
import { ruleOf, sourceBucket, targetBucket, type Piece } from "./pieces.ts";
import { changedReplicaAttributes, replicaAttributes, replicaOwner } from "./replica.ts";
import type { FailureReason } from "./failure-reason.ts";
import { isLate, settle, tellReplication } from "./status.ts";

/** Answers what was done, in words; undefined where the version, or its bucket, is gone. */
export const replicate = async (tx: Tx, context: DueContext, piece: Piece): Promise<string | undefined> => {
  const { task } = piece;
  const bucket = await sourceBucket(tx, piece);
  const version = bucket && (await findVersion(tx, bucket, task));
  if (bucket === undefined || version === undefined) return undefined;
  const found = await ruleOf(tx, bucket, task);
  const outcome =
    found === undefined
      ? "SrcBucketReplicationConfigMissing"
      : await putIntoTarget(tx, context, { piece, source: { bucket, version }, rule: found.rule });
  const failed = typeof outcome === "string";
  await settle(tx, bucket, { version, destination: task.destination, failed });
  const place = `s3://${bucket.name}/${task.key} to s3://${task.destination}`;
  const told = { bucket, version, task };
  if (failed) {
    const event = "Replication:OperationFailedReplication";
    await tellReplication(tx, context, { event, told: { ...told, failureReason: outcome } });
    return `could not replicate ${place}: ${outcome}`;
  }
  if (found !== undefined && isLate(found.rule, context.nowMs - task.requestedAtMs)) {
    await tellReplication(tx, context, { event: "Replication:OperationReplicatedAfterThreshold", told });
  }
  return `replicated ${place}`;
};

type Source = { readonly bucket: Bucket; readonly version: Version };
type Wanted = { readonly piece: Piece; readonly source: Source; readonly rule: ReplicationRule };

/** Why it could not be; undefined where it is there now. */
const putIntoTarget = async (
  tx: Tx,
  context: DueContext,
  { piece, source, rule }: Wanted,
): Promise<FailureReason | undefined> => {
  const { world } = context;
  const { task, denied } = piece;
  const { Destination: destination } = rule;
  const bucket = await targetBucket(tx, world, { source: source.bucket, task, destination });
  if (bucket === undefined) return "DstBucketNotFound";
  if (destination.Account !== undefined && destination.Account !== bucket.accountId) return "DstBucketNotFound";
  if (bucket.versioning !== "Enabled") return "DstBucketUnversioned";
  if (denied !== undefined) return denied;
  if (isForeignAndClosed(world.settings, { source: source.bucket, bucket })) return "DstPutObjectNotPermitted";
  if (lacksLock(source.version, bucket)) return "DstBucketObjectLockConfigMissing";
  const { version } = source;
  if (task.isChange === true && (await findReplica(tx, bucket, version)) === undefined) return "DstObjectHardDeleted";
  await putVersion(tx, context, { source, bucket, rule });
  return undefined;
};

/** Worlds may keep accounts apart altogether. */
const isForeignAndClosed = (
  { authMode, crossAccountAccess }: DueContext["world"]["settings"],
  { source, bucket }: { source: Bucket; bucket: Bucket },
): boolean => authMode !== "strict" && !crossAccountAccess && source.accountId !== bucket.accountId;

const lacksLock = (version: Version, { objectLockEnabled }: Bucket): boolean =>
  version.kind === "object" && version.attributes.lock !== undefined && !objectLockEnabled;

const putVersion = async (
  tx: Tx,
  { world, nowMs, draw }: DueContext,
  { source, bucket, rule }: { source: Source; bucket: Bucket; rule: ReplicationRule },
): Promise<void> => {
  const { version } = source;
  const { key } = version;
  const change = { world, nowMs, draw, isReplica: true } as const;
  const before = await latestBefore(tx, bucket, key);
  if (version.kind === "deleteMarker") {
    const put = await putReplica(tx, bucket, { version });
    if (!put.isNew) return;
    const event = "ObjectRemoved:DeleteMarkerCreated";
    await noteObjectChange(tx, change, bucket, { event, key, version: put.version, before });
    return;
  }
  const wanted = { source: version, bucket, destination: rule.Destination };
  const put = await putReplica(tx, bucket, {
    version: {
      ...version,
      storageClass: rule.Destination.StorageClass ?? version.storageClass,
      ownerAccountId: replicaOwner(wanted),
      attributes: await replicaAttributes(tx, wanted),
    },
    content: { copied: await readManifest(tx, source.bucket, version), multipart: version.partCount > 0 },
  });
  if (put.version.kind === "deleteMarker") return;
  if (put.isNew) {
    await noteObjectChange(tx, change, bucket, { event: "ObjectCreated:Put", key, version: put.version, before });
    return;
  }
  const attributes = changedReplicaAttributes(put.version, wanted);
  const changed = await updateObject(tx, bucket, { object: put.version, change: { attributes } });
  await noteObjectChange(tx, change, bucket, { key, version: changed, before: put.version });
};
