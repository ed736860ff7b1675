/** A bucket's counters. Each layer keeps its own deltas; a read sums the stack. */
import { layered, layerPrefix } from "./keys.ts";
import type { Bucket, Usage } from "./model.ts";
import { sumCounter, topLayer, type Stack } from "./stack.ts";
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

export const bucketUsage = async (view: View, bucket: Bucket): Promise<Usage> => {
  const stack = await view.stackOf(bucket);
  const read = (counter: Counter): Promise<number> => readCounter(view, stack, { bucketId: bucket.id, counter });
  const current = await read("current");
  return {
    objects: current,
    versions: current + (await read("noncurrent")),
    uploads: await read("uploads"),
    bytes: await read("bytes"),
  };
};
