/** What lifecycle has to look at when a time has come. Whether anything is to be done is found out only then, by the rules of that time. */
import { KEY_TIME_MS_MAX, putDue, type Due } from "../../../state/due.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";

/** A task of which somebody says when it is due; see `lifecycleStart` for a walk. */
export type WantedTask = Exclude<Task, { do: "walk" }>;

export type Task =
  /** A key's latest version. */
  | { readonly do: "key"; readonly key: string }
  /** A noncurrent version, by its sequence number. */
  | { readonly do: "version"; readonly key: string; readonly seq: number }
  /** A key's noncurrent versions that were kept only until there were newer ones. `after`: where an earlier page ended. */
  | { readonly do: "newer"; readonly key: string; readonly after?: NewerPlace }
  | { readonly do: "upload"; readonly key: string; readonly uploadId: string }
  /** All that the bucket holds, since its rules are new. */
  | { readonly do: "walk"; readonly place?: WalkPlace };

/** The last noncurrent version that was looked at, when it was replaced by a newer one and how many are newer. */
export type NewerPlace = { readonly seq: number; readonly lastModifiedMs: number; readonly count: number };

/** How far a walk has come. */
export type WalkPlace =
  | { readonly of: "versions"; readonly key: string; readonly versionId: string; readonly lastModifiedMs: number }
  | { readonly of: "uploads"; readonly key?: string; readonly uploadId?: string };

/** A task with the bucket that it is for, which is known by its name: an import gives it another id. */
export type BucketTask = { readonly partition: Bucket["partition"]; readonly bucket: string; readonly task: Task };

/**
 * The order of what is due at one instant. Deleting for good comes first: a delete marker that took the place of the version without
 * an id would make the versions behind it younger.
 */
const RANKS: Readonly<Record<Exclude<Task["do"], "walk">, number>> = { version: 1, newer: 2, upload: 3, key: 4 };

/** One task of each kind, version, upload or key at a time. */
const nameOf = (task: WantedTask): string => {
  switch (task.do) {
    case "key":
    case "newer":
      return task.key;
    case "version":
      return `${task.seq}/${task.key}`;
    case "upload":
      return `${task.uploadId}/${task.key}`;
  }
};

/** Has `task` done at `atMs` of world time; never where that is beyond the times that can be kept. */
export const putTask = async (
  tx: Tx,
  { partition, name, accountId }: Bucket,
  { task, atMs }: { readonly task: WantedTask; readonly atMs: number },
): Promise<void> => {
  if (atMs > KEY_TIME_MS_MAX) return;
  const document: BucketTask = { partition, bucket: name, task };
  const id = `${RANKS[task.do]}${task.do}/${partition}/${name}/${nameOf(task)}`;
  await putDue(tx, accountId, { kind: "lifecycle", dueAtMs: atMs, id, document: JSON.stringify(document) });
};

/** What a record of due work says. */
export const readTask = ({ document }: Due): BucketTask => JSON.parse(document) as BucketTask;
