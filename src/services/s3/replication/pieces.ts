/** What is known of replication that is due before the transaction that does it: whether the rule's role may. */
import type { DueContext } from "../../../harness/due-handler.ts";
import type { Destination } from "../../../protocol/generated/s3.ts";
import { bucketNameFor, findBucket } from "../../../state/buckets.ts";
import type { Bucket, Version } from "../../../state/model.ts";
import { bucketNameOfArn } from "../documents/destination.ts";
import { findVersion } from "../../../state/objects.ts";
import type { View } from "../../../state/view.ts";
import type { World } from "../../../state/world.ts";
import type { FailureReason } from "./failure-reason.ts";
import { replicationDenial, type ReplicationAction } from "./permission.ts";
import { readReplicationRules } from "./rules.ts";
import type { ReplicationTask } from "./tasks.ts";

export type Piece = {
  readonly accountId: string;
  readonly task: ReplicationTask;
  /** Why the rule's role may not. */
  readonly denied: FailureReason | undefined;
};

/** The bucket that a task is of. */
export const sourceBucket = (
  view: View,
  { accountId, task: { partition, bucket: name } }: Pick<Piece, "accountId" | "task">,
): Promise<Bucket | undefined> => findBucket(view, { partition, name, ownerAccountId: accountId });

/** The rule of a task, with the role that it is carried out by; undefined where it is gone, off, or goes elsewhere. */
export const ruleOf = async (view: View, bucket: Bucket, { ruleId, destination }: ReplicationTask) => {
  const configuration = await readReplicationRules(view, bucket);
  const rule = configuration?.Rules.find(
    ({ ID, Status, Destination }) =>
      ID === ruleId && Status === "Enabled" && bucketNameOfArn(Destination.Bucket, bucket) === destination,
  );
  return configuration === undefined || rule === undefined ? undefined : { rule, role: configuration.Role };
};

/** The bucket that a task replicates to. */
export const targetBucket = (
  view: View,
  world: World,
  { source, task, destination }: { source: Bucket; task: ReplicationTask; destination: Destination },
): Promise<Bucket | undefined> => {
  const callerAccountId = destination.Account ?? source.accountId;
  return findBucket(
    view,
    bucketNameFor(world, { partition: source.partition, name: task.destination, callerAccountId }),
  );
};

export const findPieces = (
  { world, nowMs }: DueContext,
  { accountId, tasks }: { readonly accountId: string; readonly tasks: readonly ReplicationTask[] },
): Promise<Piece[]> =>
  Promise.all(
    tasks.map(async (task) => ({ accountId, task, denied: await findDenied(world, { accountId, task, nowMs }) })),
  );

const findDenied = async (
  world: World,
  { nowMs, ...piece }: Pick<Piece, "accountId" | "task"> & { readonly nowMs: number },
): Promise<FailureReason | undefined> => {
  if (world.settings.authMode !== "strict") return undefined;
  const { task } = piece;
  const asked = await world.read(async (view) => {
    const source = await sourceBucket(view, piece);
    const found = source && (await ruleOf(view, source, task));
    if (source === undefined || found === undefined) return undefined;
    const { Destination: destination } = found.rule;
    const bucket = await targetBucket(view, world, { source, task, destination });
    const version = await findVersion(view, source, task);
    if (bucket === undefined || version === undefined) return undefined;
    const actions = actionsOf(version, destination);
    const needs = [
      ...(version.kind === "object" ? [{ action: "s3:GetObjectVersionForReplication", bucket: source } as const] : []),
      ...actions.map((action) => ({ action, bucket })),
    ];
    return { role: found.role, key: task.key, needs, nowMs };
  });
  return asked && replicationDenial(world, asked);
};

/** What the role does at the destination. */
const actionsOf = (version: Version, { AccessControlTranslation: translation }: Destination): ReplicationAction[] => {
  if (version.kind === "deleteMarker") return ["s3:ReplicateDelete"];
  const actions: ReplicationAction[] = ["s3:ReplicateObject"];
  if ((version.attributes.tags?.length ?? 0) > 0) actions.push("s3:ReplicateTags");
  if (translation !== undefined) actions.push("s3:ObjectOwnerOverrideToBucketOwner");
  return actions;
};
