/** Says when lifecycle must look at something again, in the transaction that changes it. Nothing is read beside the bucket's rules. */
import type { Bucket, Upload, Version } from "../../../state/model.ts";
import { lifecycleStart, putDue } from "../../../state/due.ts";
import type { Tx } from "../../../state/view.ts";
import { NULL_VERSION_ID } from "../../../state/version-ids.ts";
import type { ChangeContext, ObjectChange } from "../object-changes.ts";
import { currentActions, dueAt, markerActions, midnightFrom, noncurrentActions } from "./actions.ts";
import { readLifecycleRules, type Lifecycle } from "./rules.ts";
import { putTask } from "./tasks.ts";

/** A bucket with its rules, at a time. */
export type Scope = { readonly bucket: Bucket; readonly lifecycle: Lifecycle; readonly nowMs: number };

/** Has lifecycle look at what `change` made, hid or uncovered when its time comes. `bucket` is as the transaction has it. */
export const scheduleLifecycle = async (
  tx: Tx,
  { nowMs }: Pick<ChangeContext, "nowMs">,
  bucket: Bucket,
  change: ObjectChange,
): Promise<void> => {
  const lifecycle = await readLifecycleRules(tx, bucket);
  if (lifecycle !== undefined) await scheduleChange(tx, { bucket, lifecycle, nowMs }, change);
};

const scheduleChange = async (tx: Tx, scope: Scope, { key, version, before }: ObjectChange): Promise<void> => {
  const { bucket, lifecycle, nowMs } = scope;
  const soonMs = midnightFrom(nowMs);
  const versioned = bucket.versioning !== "Unversioned";
  if (version === undefined) {
    // What was older may be the latest now, or a delete marker all that is left.
    if (versioned) await putTask(tx, bucket, { task: { do: "key", key }, atMs: soonMs });
    return;
  }
  const replacesBefore = bucket.versioning === "Suspended" && before?.versionId === NULL_VERSION_ID;
  // A delete marker before something goes only once that has gone, which is a change too.
  const hides = version.kind === "deleteMarker" && before !== undefined && !replacesBefore;
  if (!hides) await scheduleLatest(tx, scope, version);
  if (before === undefined || !versioned || !lifecycle.actsOnNoncurrent) return;
  if (before.seq >= version.seq) {
    // It was changed where it stands, or came after newer ones, and may be noncurrent: then it is not known here since when.
    await putTask(tx, bucket, { task: { do: "version", key, seq: version.seq }, atMs: soonMs });
    // What came after newer ones makes those that are older still too many.
    if (before.seq > version.seq && lifecycle.newerMax > 0) {
      await putTask(tx, bucket, { task: { do: "newer", key }, atMs: soonMs });
    }
    return;
  }
  if (replacesBefore) return;
  await scheduleNoncurrent(tx, scope, { version: before, sinceMs: version.lastModifiedMs });
  if (lifecycle.newerMax > 0) await putTask(tx, bucket, { task: { do: "newer", key }, atMs: soonMs });
};

/** Has a key looked at when the first rule acts on `version`, if that is its latest. */
export const scheduleLatest = async (tx: Tx, { bucket, lifecycle, nowMs }: Scope, version: Version): Promise<void> => {
  const actions = version.kind === "object" ? currentActions(lifecycle, version) : markerActions(lifecycle, version);
  if (actions.length === 0) return;
  const atMs = Math.max(midnightFrom(nowMs), Math.min(...actions.map((action) => action.atMs)));
  await putTask(tx, bucket, { task: { do: "key", key: version.key }, atMs });
};

/** Has a version looked at when the first rule acts on it that is noncurrent since `sinceMs`. */
export const scheduleNoncurrent = async (
  tx: Tx,
  { bucket, lifecycle, nowMs }: Scope,
  noncurrent: { readonly version: Version; readonly sinceMs: number },
): Promise<void> => {
  const actions = noncurrentActions(lifecycle, noncurrent);
  if (actions.length === 0) return;
  const { key, seq } = noncurrent.version;
  const atMs = Math.max(midnightFrom(nowMs), Math.min(...actions.map((action) => action.atMs)));
  await putTask(tx, bucket, { task: { do: "version", key, seq }, atMs });
};

/** The rule that ends an upload first, and when; undefined: none does. */
export const uploadEnd = (
  { rules }: Lifecycle,
  { key, initiatedAtMs }: Pick<Upload, "key" | "initiatedAtMs">,
): { readonly atMs: number; readonly ruleId: string } | undefined => {
  let first: { atMs: number; ruleId: string } | undefined;
  for (const { id: ruleId, filter, abortDays } of rules) {
    if (abortDays === undefined || !key.startsWith(filter.prefix)) continue;
    const atMs = dueAt({ days: abortDays }, initiatedAtMs);
    if (first === undefined || atMs < first.atMs) first = { atMs, ruleId };
  }
  return first;
};

/** Has an upload looked at that was begun, in the same transaction; answers the rule that will end it, and when. */
export const scheduleUpload = async (
  tx: Tx,
  bucket: Bucket,
  upload: Pick<Upload, "key" | "uploadId" | "initiatedAtMs">,
): Promise<ReturnType<typeof uploadEnd>> => {
  const lifecycle = await readLifecycleRules(tx, bucket);
  const end = lifecycle && uploadEnd(lifecycle, upload);
  if (end === undefined) return undefined;
  const { key, uploadId } = upload;
  await putTask(tx, bucket, { task: { do: "upload", key, uploadId }, atMs: end.atMs });
  return end;
};

/** Has all that a bucket holds looked at, since it has other rules from now on; what is due by them is done at the next midnight. */
export const scheduleWalk = (tx: Tx, bucket: Bucket, nowMs: number): Promise<void> =>
  putDue(tx, bucket.accountId, lifecycleStart(bucket, nowMs));
