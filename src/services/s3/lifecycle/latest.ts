/** Rules carried out on the latest version of a key. */
import type { DoneWork } from "../../../harness/due-work.ts";
import { listKeyVersions } from "../../../state/key-versions.ts";
import { chooseAction, currentActions, markerActions, nextTime } from "./actions.ts";
import { putTask } from "./tasks.ts";
import { carryOut, expireCurrent, removeVersion, waitsForReplication, type Work } from "./work.ts";

/** Does what is due to a key's latest version, or has it looked at again when something is. */
export const runKey = async (work: Work, key: string): Promise<readonly DoneWork[]> => {
  const { tx, bucket, lifecycle, nowMs } = work;
  const [latest, older] = await listKeyVersions(tx, bucket, { key, limit: 2 });
  if (latest === undefined) return [];
  // A delete marker hides what is older until it is all that is left.
  if (latest.kind === "deleteMarker" && older !== undefined) return [];
  const actions = latest.kind === "object" ? currentActions(lifecycle, latest) : markerActions(lifecycle, latest);
  const expiryIsMarker = latest.kind === "object" && bucket.versioning !== "Unversioned";
  const action = chooseAction(actions, { nowMs, expiryIsMarker });
  if (action === undefined) {
    const atMs = nextTime(actions, nowMs);
    if (atMs !== undefined) await putTask(tx, bucket, { task: { do: "key", key }, atMs });
    return [];
  }
  if (await waitsForReplication(work, { version: latest, task: { do: "key", key } })) return [];
  // What is next follows from the change.
  const expire = (): Promise<DoneWork> =>
    latest.kind === "object" ? expireCurrent(work, latest, action) : removeVersion(work, latest, action);
  return [await carryOut(work, latest, { action, expire })];
};
