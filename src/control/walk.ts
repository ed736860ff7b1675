/**
 * Walks through what a world holds, slice by slice: each slice is read from one view of its own, and between two of them
 * other requests get their turn. What is written while a walk goes on may be found or not.
 */
import { setImmediate } from "node:timers/promises";
import { listAccounts } from "../state/accounts.ts";
import { bucketUsage } from "../state/counters.ts";
import { listBuckets } from "../state/buckets.ts";
import { listUploads, listVersions } from "../state/listing.ts";
import type { AccountUsage, Bucket, ListedVersion, Partition, Part, Upload, Usage } from "../state/model.ts";
import { listParts } from "../state/uploads.ts";
import type { World } from "../state/world.ts";
import { WALK_ACCOUNTS, WALK_BUCKETS, WALK_ENTRIES } from "./limits.ts";

/** The first `size` items of a walk, and whether there are more. */
export const takePage = async <T>(walk: AsyncIterable<T>, size: number): Promise<{ items: T[]; more: boolean }> => {
  const items: T[] = [];
  for await (const item of walk) {
    if (items.length === size) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
};

/** Reads slices until one is short. `read` gets the last item of the slice before. */
async function* slices<T>(size: number, read: (last: T | undefined) => Promise<readonly T[]>): AsyncGenerator<T> {
  let last: T | undefined;
  for (;;) {
    const slice = await read(last);
    yield* slice;
    last = slice.at(-1);
    if (last === undefined || slice.length < size) return;
    await setImmediate();
  }
}

/** Accounts in order of their ids, after `after`. */
export const walkAccounts = (world: World, { after }: { after: string | undefined }): AsyncGenerator<AccountUsage> =>
  slices<AccountUsage>(WALK_ACCOUNTS, (last) => {
    const from = last?.accountId ?? after;
    return world.read((view) =>
      listAccounts(view, { ...(from === undefined ? {} : { after: from }), limit: WALK_ACCOUNTS }),
    );
  });

export type BucketAndUsage = { readonly bucket: Bucket; readonly usage: Usage };

/** An account's buckets in one partition by name, after `after`. */
export const walkBuckets = (
  world: World,
  options: { accountId: string; partition: Partition; after: string | undefined },
): AsyncGenerator<BucketAndUsage> => {
  const { accountId, partition, after } = options;
  return slices<BucketAndUsage>(WALK_BUCKETS, (last) => {
    const from = last?.bucket.name ?? after;
    return world.read(async (view) => {
      const found: BucketAndUsage[] = [];
      const wanted = { accountId, partition, ...(from === undefined ? {} : { after: from }), limit: WALK_BUCKETS };
      for (const bucket of await listBuckets(view, wanted)) {
        found.push({ bucket, usage: await bucketUsage(view, bucket) });
      }
      return found;
    });
  });
};

/** All versions and delete markers of a bucket. */
export const walkVersions = (world: World, bucket: Bucket): AsyncGenerator<ListedVersion> =>
  slices<ListedVersion>(WALK_ENTRIES, (last) =>
    world.read(async (view) => {
      const marker = last === undefined ? {} : { keyMarker: last.key, versionIdMarker: last.versionId };
      const { entries } = await listVersions(view, bucket, { prefix: "", ...marker, limit: WALK_ENTRIES });
      return entries.flatMap((entry) => ("version" in entry ? [entry.version] : []));
    }),
  );

/** A bucket's unfinished uploads. */
export const walkUploads = (world: World, bucket: Bucket): AsyncGenerator<Upload> =>
  slices<Upload>(WALK_ENTRIES, (last) =>
    world.read(async (view) => {
      const marker = last === undefined ? {} : { keyMarker: last.key, uploadIdMarker: last.uploadId };
      const { entries } = await listUploads(view, bucket, { prefix: "", ...marker, limit: WALK_ENTRIES });
      return entries.flatMap((entry) => ("upload" in entry ? [entry.upload] : []));
    }),
  );

/** The parts of an unfinished upload by their numbers. */
export const walkParts = (world: World, bucket: Bucket, upload: Upload): AsyncGenerator<Part> =>
  slices<Part>(WALK_ENTRIES, (last) =>
    world.read(async (view) => {
      const { parts } = await listParts(view, bucket, { upload, after: last?.partNumber ?? 0, limit: WALK_ENTRIES });
      return parts;
    }),
  );
