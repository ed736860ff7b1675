/** Puts the replication of a change on its way. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html */
import type { ReplicationConfiguration } from "../../../protocol/generated/s3.ts";
import type { Bucket, ObjectVersion, Version } from "../../../state/model.ts";
import { updateObject } from "../../../state/objects.ts";
import type { Tx } from "../../../state/view.ts";
import type { ChangeContext, ObjectChange } from "../object-changes.ts";
import { fitsMarker, fitsObject, fitsReplica, readReplicationRules, routesOf, type Route } from "./rules.ts";
import { putReplicationTask } from "./tasks.ts";

const MINUTE_MS = 60_000;

/**
 * Replicates what was made or changed under the bucket's rules: new objects, delete markers that a client made, and changes of what is
 * kept beside the bytes of versions that were replicated. Not what was deleted for good, nor what is a replica itself.
 */
export const scheduleReplication = async (
  tx: Tx,
  context: ChangeContext,
  { bucket, change }: { readonly bucket: Bucket; readonly change: ObjectChange },
): Promise<void> => {
  const { version, before } = change;
  if (version === undefined || bucket.versioning !== "Enabled") return;
  const rules = await readReplicationRules(tx, bucket);
  if (rules === undefined) return;
  const routes = wanted(rules, { context, bucket, version, before });
  if (routes.length === 0) return;
  if (version.kind === "object") await markPending(tx, bucket, { object: version, routes });
  for (const route of routes) {
    const isChange = wasReplicated(version, route);
    await putTasks(tx, context, { bucket, version, route, isChange });
  }
};

type Happened = {
  readonly context: ChangeContext;
  readonly bucket: Bucket;
  readonly version: Version;
  readonly before: Version | undefined;
};

const wanted = (rules: ReplicationConfiguration, { context, bucket, version, before }: Happened): Route[] => {
  // By a lifecycle rule: each bucket has its own.
  if (version.kind === "deleteMarker") {
    return context.caller === undefined ? [] : routesOf(rules, { bucket, fits: fitsMarker(version) });
  }
  const { replication } = version.attributes;
  if (before?.kind !== "object" || before.seq !== version.seq) {
    return replication === undefined ? routesOf(rules, { bucket, fits: fitsObject(version) }) : [];
  }
  if (replication === undefined || context.caller === undefined || !isNews(version, before)) return [];
  return routesOf(rules, { bucket, fits: replication.status === "REPLICA" ? fitsReplica : fitsChange(version) });
};

/** Whether the destination has had the version already. */
const wasReplicated = (version: Version, { destination }: Route): boolean => {
  const replication = version.kind === "object" ? version.attributes.replication : undefined;
  if (replication === undefined || replication.status === "FAILED" || replication.failed === true) return false;
  return replication.waiting?.includes(destination) !== true;
};

/** A version goes where it went when it was made, whatever its tags are now. */
const fitsChange = (version: ObjectVersion): Parameters<typeof routesOf>[1]["fits"] => {
  const untagged = fitsObject(version);
  return (rule) => {
    const { Filter: filter } = rule;
    const tagless = filter === undefined ? rule : { ...rule, Filter: { Prefix: filter.Prefix ?? filter.And?.Prefix } };
    return untagged(tagless);
  };
};

const isNews = ({ attributes: is }: ObjectVersion, { attributes: was }: ObjectVersion): boolean =>
  JSON.stringify([is.tags, is.acl, is.lock]) !== JSON.stringify([was.tags, was.acl, was.lock]);

const markPending = async (
  tx: Tx,
  bucket: Bucket,
  { object, routes }: { object: ObjectVersion; routes: readonly Route[] },
): Promise<void> => {
  const { attributes } = object;
  // A replica stays one, whatever is replicated back from it.
  if (attributes.replication?.status === "REPLICA") return;
  const waiting = new Set([
    ...(attributes.replication?.waiting ?? []),
    ...routes.map(({ destination }) => destination),
  ]);
  const replication = { status: "PENDING", waiting: [...waiting] } as const;
  await updateObject(tx, bucket, { object, change: { attributes: { ...attributes, replication } } });
};

const putTasks = async (
  tx: Tx,
  { world: { settings }, nowMs, draw: { requestId } }: ChangeContext,
  { bucket, version, route, isChange }: { bucket: Bucket; version: Version; route: Route; isChange: boolean },
): Promise<void> => {
  const { rule, destination } = route;
  const { partition, name } = bucket;
  const { key, versionId } = version;
  const task = { partition, bucket: name, key, versionId, destination, ruleId: rule.ID ?? "", requestedAtMs: nowMs };
  const work = { ...task, do: "replicate", ...(isChange ? { isChange } : {}) } as const;
  const dueAtMs = nowMs + (settings.replicationDelayMs ?? 0);
  await putReplicationTask(tx, bucket, { task: work, dueAtMs, requestId });
  const { ReplicationTime: promise } = rule.Destination;
  const missedAtMs = nowMs + (promise?.Time.Minutes ?? 0) * MINUTE_MS;
  if (promise?.Status !== "Enabled" || dueAtMs <= missedAtMs) return;
  await putReplicationTask(tx, bucket, { task: { ...task, do: "missed" }, dueAtMs: missedAtMs, requestId });
};
