/** A bucket's counters. Each layer keeps its own deltas; a read sums the stack. */
import { layered, layerPrefix } from "./keys.ts";
import type { Bucket, Usage } from "./model.ts";
import { scanAllLayered, sumCounter, topLayer, type Stack } from "./stack.ts";
import type { Tx, View } from "./view.ts";

const COUNTERS = {
  /** Current objects. */
  current: "o",
  /** Noncurrent versions, and all delete markers. */
  noncurrent: "n",
  uploads: "u",
  /** Of all versions and of uploaded parts. */
  bytes: "b",
} as const;
export type Counter = keyof typeof COUNTERS;

/** Adds to the bucket's counters; zeros cost nothing. */
export const count = (
  { tx }: Tx,
  stack: Stack,
  { bucketId, deltas }: { bucketId: string; deltas: Partial<Record<Counter, number>> },
): void => {
  const top = layerPrefix(topLayer(stack));
  for (const counter in deltas) {
    const delta = deltas[counter as Counter];
    if (delta !== undefined && delta !== 0)
      tx.add(top + layered.counter(bucketId, COUNTERS[counter as Counter]), delta);
  }
};

export const readCounter = async (
  view: View,
  stack: Stack,
  { bucketId, counter }: { bucketId: string; counter: Counter },
): Promise<number> => sumCounter(view.reader, stack, layered.counter(bucketId, COUNTERS[counter]));

type Counts = Record<Counter, number>;

const asUsage = ({ current, noncurrent, uploads, bytes }: Counts): Usage => ({
  objects: current,
  versions: current + noncurrent,
  uploads,
  bytes,
});

export const bucketUsage = async (view: View, bucket: Bucket): Promise<Usage> => {
  const stack = await view.stackOf(bucket);
  const read = (counter: Counter): Promise<number> => readCounter(view, stack, { bucketId: bucket.id, counter });
  return asUsage({
    current: await read("current"),
    noncurrent: await read("noncurrent"),
    uploads: await read("uploads"),
    bytes: await read("bytes"),
  });
};

const NAMES = new Map(Object.entries(COUNTERS).map(([counter, name]) => [name as string, counter as Counter]));

/** What the buckets of `bucketIds` hold together. Reads all counters of the stack: a fifth of the cost of one by one. */
export const usageOfBuckets = async (view: View, stack: Stack, bucketIds: ReadonlySet<string>): Promise<Usage> => {
  const counts: Counts = { current: 0, noncurrent: 0, uploads: 0, bytes: 0 };
  for (const layer of stack.layers) {
    const deltas = await scanAllLayered(view.reader, { ...stack, layers: [layer] }, layered.allCounters);
    for (const [subkey, delta] of deltas) {
      const counter = NAMES.get(layered.counterName(subkey));
      if (counter !== undefined && bucketIds.has(layered.counterBucket(subkey))) counts[counter] += Number(delta);
    }
  }
  return asUsage(counts);
};
