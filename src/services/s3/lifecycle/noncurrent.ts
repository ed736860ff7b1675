/** Rules carried out on versions that are not their key's latest. */
import type { DoneWork } from "../../../harness/due-work.ts";
import { findNoncurrentVersion, listKeyVersions } from "../../../state/key-versions.ts";
import type { Version } from "../../../state/model.ts";
import { LIFECYCLE_PAGE } from "../limits.ts";
import { isLocked, retainUntil } from "../object-lock.ts";
import { chooseAction, midnightFrom, nextTime, noncurrentActions } from "./actions.ts";
import { putTask, type NewerPlace } from "./tasks.ts";
import { carryOut, removeVersion, waitsForReplication, type Work } from "./work.ts";

/** Does what is due to a noncurrent version, or has it looked at again when something is. */
export const runVersion = async (
  work: Work,
  { key, seq }: { readonly key: string; readonly seq: number },
): Promise<readonly DoneWork[]> => {
  const { tx, bucket, lifecycle, nowMs } = work;
  const found = await findNoncurrentVersion(tx, bucket, { key, seq, countMax: lifecycle.newerMax });
  if (found === undefined) return [];
  const { version, noncurrentSinceMs: sinceMs, newerCount } = found;
  const actions = noncurrentActions(lifecycle, { version, sinceMs });
  // What is locked may change its class, and goes when the lock has ended.
  const locked = isLocked(version, nowMs);
  const allowed = locked ? actions.filter(({ action }) => action.do === "transition") : actions;
  const action = chooseAction(allowed, { nowMs, newerCount });
  if (action !== undefined) {
    if (await waitsForReplication(work, { version, task: { do: "version", key, seq } })) return [];
    return [await carryOut(work, version, { action, expire: () => removeVersion(work, version, action) })];
  }
  const times = [
    nextTime(actions, nowMs),
    locked && actions.length > allowed.length ? lockEnd(version, nowMs) : undefined,
  ];
  const later = times.filter((time) => time !== undefined);
  if (later.length > 0) {
    await putTask(tx, bucket, { task: { do: "version", key, seq }, atMs: Math.min(...later) });
  }
  return [];
};

/** The midnight after a lock has ended by itself. A hold has no end: once it is taken off, that is a change of the version. */
const lockEnd = (version: Version, nowMs: number): number | undefined => {
  const lock = version.kind === "object" ? version.attributes.lock : undefined;
  if (lock === undefined || lock.eventHold?.status === "ON") return undefined;
  const untilMs = retainUntil(lock, nowMs);
  return untilMs === undefined || untilMs <= nowMs ? undefined : midnightFrom(untilMs);
};

/**
 * Has those noncurrent versions of a key looked at that were kept only because too few were newer: at once where they are old
 * enough. (They may have become younger: the version that took a version's place may have been deleted since.) A page of them; the
 * rest comes at once too.
 */
export const runNewer = async (
  work: Work,
  { key, after }: { readonly key: string; readonly after?: NewerPlace },
): Promise<readonly DoneWork[]> => {
  const { tx, bucket, lifecycle, nowMs } = work;
  if (lifecycle.newerMax === 0) return [];
  const versions = await listKeyVersions(tx, bucket, { key, afterSeq: after?.seq, limit: LIFECYCLE_PAGE });
  // The latest of all is not noncurrent.
  const [latest] = versions;
  if (latest === undefined) return [];
  let newer = after ?? { ...placeOf(latest), count: 0 };
  for (const version of after === undefined ? versions.slice(1) : versions) {
    const { count, lastModifiedMs: sinceMs } = newer;
    const times = noncurrentActions(lifecycle, { version, sinceMs })
      .filter(({ newerMin }) => newerMin > 0 && count >= newerMin)
      .map(({ atMs }) => atMs);
    if (times.length > 0) {
      const atMs = Math.max(nowMs, Math.min(...times));
      await putTask(tx, bucket, { task: { do: "version", key, seq: version.seq }, atMs });
    }
    newer = { ...placeOf(version), count: count + 1 };
  }
  if (versions.length === LIFECYCLE_PAGE) {
    await putTask(tx, bucket, { task: { do: "newer", key, after: newer }, atMs: nowMs });
  }
  return [];
};

const placeOf = ({ seq, lastModifiedMs }: Version): Omit<NewerPlace, "count"> => ({ seq, lastModifiedMs });
