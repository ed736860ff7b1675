/** What a suite left in a world: what is there now and was not when a snapshot was taken. */
import { diffStates } from "./diff/diff.ts";
import type { Difference } from "./diff/difference.ts";
import type { World } from "./world.ts";

/** Of one kind: the first of them, and how many there are. */
export type Left = { readonly listed: readonly Difference[]; readonly count: number };

export type Leaks = {
  readonly buckets: Left;
  /** Current objects of keys that had none, and versions and delete markers that are not current. */
  readonly objects: Left;
  readonly uploads: Left;
};

const LEAK_OF = { bucket: "buckets", object: "objects", version: "objects", upload: "uploads" } as const;
const KINDS = ["bucket", "object", "version", "upload"] as const;
type LeakKind = (typeof KINDS)[number];

const isLeakKind = (kind: Difference["kind"]): kind is LeakKind => (KINDS as readonly string[]).includes(kind);

/** Throws `SnapshotNotFoundError`, `TooManyError`. */
export const findLeaks = async (
  world: World,
  options: {
    /** Absent: all that the world holds. */
    readonly sinceSnapshot?: string | undefined;
    /** Absent: of all accounts. */
    readonly accountIds?: readonly string[] | undefined;
    /** How many of each to list. */
    readonly listMax: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Leaks> => {
  const { sinceSnapshot, accountIds, listMax, signal } = options;
  const empty = (): { listed: Difference[]; count: number } => ({ listed: [], count: 0 });
  const leaks = { buckets: empty(), objects: empty(), uploads: empty() };
  const from = sinceSnapshot === undefined ? undefined : { world, snapshot: sinceSnapshot };
  for await (const difference of diffStates(world.host, { from, to: { world }, accountIds, kinds: KINDS, signal })) {
    const { kind, change, current } = difference;
    // A current version is its key's object.
    if (change !== "added" || !isLeakKind(kind) || (kind === "version" && current === true)) continue;
    const left = leaks[LEAK_OF[kind]];
    left.count += 1;
    if (left.listed.length < listMax) left.listed.push(difference);
  }
  return leaks;
};
