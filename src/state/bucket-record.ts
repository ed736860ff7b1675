/** Writing a bucket's own record. */
import { layered } from "./keys.ts";
import type { Bucket, Partition } from "./model.ts";
import { encodeBucket } from "./records.ts";
import { putLayered, type Stack } from "./stack.ts";
import type { Tx } from "./view.ts";

/** How a bucket is known in the cache. */
export const cacheName = ({ partition, name }: { partition: Partition; name: string }): string =>
  `${partition}/${name}`;

export const writeBucket = (tx: Tx, stack: Stack, bucket: Bucket): void => {
  putLayered(tx.tx, stack, [layered.bucket(bucket.partition, bucket.name), encodeBucket(bucket)]);
  tx.aftermath.changedBuckets.add(cacheName(bucket));
};
