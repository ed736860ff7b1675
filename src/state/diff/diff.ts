/**
 * The difference between two states: of any two of a world as it is and its snapshots, or of two worlds. Both are pinned at one
 * instant and then read in pages; only layers that they do not share are read through.
 */
import { NAMESPACE } from "../view.ts";
import { layered } from "../keys.ts";
import { pinStates, type Pin, type PinnedState, type StatePlace } from "./pin.ts";
import { NO_LAYER } from "../snapshots.ts";
import type { WorldHost } from "../world.ts";
import { diffAnnotations } from "./annotations.ts";
import { bucketDifference, namedBuckets, touchedBuckets } from "./buckets.ts";
import { diffConfigurations } from "./configurations.ts";
import { changeOf, DIFFERENCE_KINDS, type Difference, type DifferenceKind } from "./difference.ts";
import { diffControl } from "./control.ts";
import { diffIdentities } from "./identities.ts";
import { touchedRecords, type AccountPair } from "./touched.ts";
import { diffParts, diffUploads } from "./uploads.ts";
import { diffObjects, diffVersions, hasVersions, type Walk } from "./versions.ts";

export type DiffOptions = {
  /** Undefined: nothing at all, so that everything of `to` was added. */
  readonly from: StatePlace | undefined;
  readonly to: StatePlace;
  /** Absent: all accounts. */
  readonly accountIds?: readonly string[] | undefined;
  /** Only buckets of that name. Then accounts, identities and what S3 Control keeps of them are left out. */
  readonly bucket?: string | undefined;
  /** Only what has a key that begins with it. Then accounts, identities, buckets and configurations are left out. */
  readonly prefix?: string | undefined;
  /** Absent: all kinds. */
  readonly kinds?: readonly DifferenceKind[] | undefined;
  /** Ends the diff with its reason. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Differences by account, then kind (as `DIFFERENCE_KINDS` has them), then bucket, key and version. Where either state is a
 * snapshot of named accounts, only those are compared. Throws `SnapshotNotFoundError`, `TooManyError`.
 */
export async function* diffStates(host: WorldHost, options: DiffOptions): AsyncGenerator<Difference> {
  const { signal } = options;
  signal?.throwIfAborted();
  const pin = await pinBoth(host, options);
  const release = (): Promise<void> => pin.release();
  // Whoever reads may go away without a word.
  const aborted = (): void => void release().catch(() => undefined);
  signal?.addEventListener("abort", aborted);
  try {
    const { from = NOTHING, to } = sidesOf(pin, options);
    for (const accountId of accountsOf({ from, to })) {
      const tops = { from: from.heads.get(accountId) ?? NO_LAYER, to: to.heads.get(accountId) ?? NO_LAYER };
      yield* diffAccount({ host, accountId, tops, signal }, options);
    }
  } finally {
    signal?.removeEventListener("abort", aborted);
    await release();
  }
}

const NOTHING: PinnedState = { heads: new Map(), whole: true };

const pinBoth = (host: WorldHost, { from, to, accountIds }: DiffOptions): Promise<Pin> => {
  const wanted = accountIds === undefined ? undefined : new Set(accountIds);
  return pinStates(host, from === undefined ? [to] : [from, to], {
    chosen: (accountId, layers) => {
      if (accountId === NAMESPACE || wanted?.has(accountId) === false) return false;
      const [first = NO_LAYER, second = NO_LAYER] = layers;
      return first !== second;
    },
  });
};

const sidesOf = (
  { states }: Pin,
  { from }: DiffOptions,
): { readonly from: PinnedState | undefined; readonly to: PinnedState } => {
  const to = states.at(-1);
  if (to === undefined) throw new Error("nothing was pinned");
  return { from: from === undefined ? undefined : states[0], to };
};

/** In order of their ids. */
const accountsOf = ({ from, to }: { from: PinnedState; to: PinnedState }): string[] =>
  [...new Set([...from.heads.keys(), ...to.heads.keys()])]
    .filter((accountId) => [from, to].every(({ whole, heads }) => whole || heads.has(accountId)))
    .toSorted();

async function* diffAccount(pair: AccountPair, options: DiffOptions): AsyncGenerator<Difference> {
  const { bucket, prefix, kinds = DIFFERENCE_KINDS } = options;
  const wants = (kind: DifferenceKind): boolean => kinds.includes(kind);
  if (bucket === undefined && prefix === undefined && wants("account")) yield* diffExistence(pair);
  if (bucket === undefined && prefix === undefined && wants("identity")) yield* diffIdentities(pair);
  const buckets = bucket === undefined ? await touchedBuckets(pair) : await namedBuckets(pair, bucket);
  for (const kind of DIFFERENCE_KINDS) {
    if (!wants(kind)) continue;
    if (kind === "configuration" && bucket === undefined && prefix === undefined) yield* diffControl(pair);
    for (const each of buckets) yield* CONTENTS[kind]({ pair, bucket: each, prefix });
  }
}

/** An account is there while it has a bucket. */
async function* diffExistence(pair: AccountPair): AsyncGenerator<Difference> {
  const exists = async (top: string): Promise<true | undefined> => {
    const prefix = layered.allBuckets.start;
    const alone: AccountPair = { ...pair, tops: { from: NO_LAYER, to: top } };
    for await (const _ of touchedRecords(alone, { prefixes: { from: prefix, to: prefix } })) return true;
    return undefined;
  };
  const change = changeOf({ from: await exists(pair.tops.from), to: await exists(pair.tops.to) }, () => []);
  if (change !== undefined) yield { kind: "account", ...change, accountId: pair.accountId };
}

type BucketWalk = Omit<Walk, "prefix"> & { readonly prefix: string | undefined };

async function* nothing(): AsyncGenerator<Difference> {}

/** Differences of a bucket's records of one kind. */
const keyed =
  (letters: readonly string[], diff: (walk: Walk) => AsyncGenerator<Difference>) =>
  ({ prefix = "", ...rest }: BucketWalk): AsyncGenerator<Difference> =>
    letters.some((letter) => rest.bucket.mayDiffer(letter)) ? diff({ ...rest, prefix }) : nothing();

async function* diffBucket({ pair, bucket, prefix }: BucketWalk): AsyncGenerator<Difference> {
  const difference = prefix === undefined ? bucketDifference(pair, bucket) : undefined;
  if (difference !== undefined) yield difference;
}

const versionsOf = (walk: Walk): AsyncGenerator<Difference> =>
  hasVersions(walk.bucket) ? diffVersions(walk) : nothing();

const CONTENTS: { readonly [Kind in DifferenceKind]: (walk: BucketWalk) => AsyncGenerator<Difference> } = {
  account: nothing,
  identity: nothing,
  bucket: diffBucket,
  configuration: (walk) =>
    walk.prefix === undefined && walk.bucket.mayDiffer("f") ? diffConfigurations(walk) : nothing(),
  object: keyed(["o"], diffObjects),
  version: keyed(["o", "v"], versionsOf),
  upload: keyed(["u"], diffUploads),
  part: keyed(["p"], diffParts),
  annotation: keyed(["a"], diffAnnotations),
};
