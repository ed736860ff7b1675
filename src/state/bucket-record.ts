/** Writing a bucket's own record. */
import { layered } from "./keys.ts";
import type { Bucket, Partition } from "./model.ts";
import { encodeBucket } from "./records.ts";
import { putLayered, type Stack } from "./stack.ts";
import type { Tx } from "./view.ts";

/** How a bucket is asked for; with an account where names are each account's own. */
export type BucketName = { readonly partition: Partition; readonly name: string; readonly ownerAccountId?: string };

/** How the bucket of a name is known in the cache. */
export const cacheName = ({ partition, name, ownerAccountId }: BucketName): string =>
  ownerAccountId === undefined ? `${partition}/${name}` : `${partition}/${ownerAccountId}/${name}`;

/** Notes that a bucket's record or its place in the namespace is written, by either of its names. */
export const noteChanged = (tx: Tx, { partition, name, accountId }: Bucket): void => {
  tx.aftermath.changedBuckets.add(cacheName({ partition, name }));
  tx.aftermath.changedBuckets.add(cacheName({ partition, name, ownerAccountId: accountId }));
};

export const writeBucket = (tx: Tx, stack: Stack, bucket: Bucket): void => {
  putLayered(tx.tx, stack, [layered.bucket(bucket.partition, bucket.name), encodeBucket(bucket)]);
  noteChanged(tx, bucket);
};
