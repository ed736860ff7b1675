/** Buckets: the namespace that says whose a name is, and each account's own list. */
import { cacheName, noteChanged, writeBucket, type BucketName } from "./bucket-record.ts";
import { AccountChangedError, BucketGoneError, TooManyBucketsError } from "./errors.ts";
import { layered, layerPrefix, prefixRange } from "./keys.ts";
import type { Bucket, ConfigurationKind, Partition } from "./model.ts";
import { sharesNames } from "./namespace.ts";
import { decodeBucket, decodeName, encodeName } from "./records.ts";
import { deleteLayered, getLayered, putLayered, scanLayered, topLayer, type Stack } from "./stack.ts";
import { NAMESPACE, type Tx, type View } from "./view.ts";
import { abortAllUploads } from "./uploads.ts";
import type { World } from "./world.ts";

/** AWS's own quota. https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html */
export const BUCKETS_PER_ACCOUNT_MAX = 10_000;

/** What createBucket needs to know; the rest is the state's to say. */
export type NewBucket = Omit<Bucket, "id" | "epoch" | "hadUploads" | "configurations">;

/** What a caller asks for by `name`: the bucket of the world, or of the caller's account where names are each account's own. */
export const bucketNameFor = (
  { settings }: Pick<World, "settings">,
  { partition, name, callerAccountId }: { partition: Partition; name: string; callerAccountId: string },
): BucketName => (sharesNames(settings) ? { partition, name } : { partition, name, ownerAccountId: callerAccountId });

/** The bucket of that name. */
export const findBucket = async (view: View, wanted: BucketName): Promise<Bucket | undefined> => {
  const cached = view.cache?.buckets.get(cacheName(wanted));
  if (cached !== undefined) return cached;
  const bucket = await loadBucket(view, wanted);
  if (bucket !== undefined) view.cache?.keepBucket(cacheName(wanted), bucket);
  return bucket;
};

/** The bucket of that name, from memory where it is known there. */
export const lookUpBucket = (world: World, name: BucketName): Bucket | Promise<Bucket | undefined> =>
  world.cache.buckets.get(cacheName(name)) ?? world.read((view) => findBucket(view, name));

const loadBucket = async (view: View, wanted: BucketName): Promise<Bucket | undefined> => {
  const { partition, name, ownerAccountId } = wanted;
  if (ownerAccountId !== undefined) return readBucket(view, { accountId: ownerAccountId, partition, name });
  const found = await followName(view, wanted);
  if (found !== "contradiction") return found;
  view.distrustCache();
  const again = await followName(view, wanted);
  if (again !== "contradiction") return again;
  throw new Error(`the namespace names a bucket ${wanted.name} that its account lacks`);
};

/** From the namespace to the account's own record, which must be of the same bucket. */
const followName = async (
  view: View,
  { partition, name }: Omit<BucketName, "ownerAccountId">,
): Promise<Bucket | undefined | "contradiction"> => {
  const entry = await getLayered(view.reader, await view.stack(NAMESPACE), layered.name(partition, name));
  if (entry === undefined) return undefined;
  const { accountId, bucketId } = decodeName(entry);
  const bucket = await readBucket(view, { accountId, partition, name });
  return bucket?.id === bucketId ? bucket : "contradiction";
};

const readBucket = async (
  view: View,
  { accountId, partition, name }: { accountId: string; partition: Partition; name: string },
): Promise<Bucket | undefined> => {
  const stack = await view.stack(accountId);
  const record = await getLayered(view.reader, stack, layered.bucket(partition, name));
  return record === undefined ? undefined : decodeBucket(record, { accountId, epoch: stack.epoch });
};

/** The account's buckets by name, after `after`, at most `limit`. */
export const listBuckets = async (
  view: View,
  options: {
    accountId: string;
    partition: Partition;
    prefix?: string;
    after?: string;
    /** Those to be listed; absent: all. */
    accepts?: (bucket: Bucket) => boolean;
    limit: number;
  },
): Promise<Bucket[]> => {
  const { accountId, partition, prefix = "", after, accepts, limit } = options;
  const stack = await view.stack(accountId);
  const whole = layered.buckets(partition, prefix);
  const found: Bucket[] = [];
  let start = after === undefined || after < prefix ? whole.start : `${layered.bucket(partition, after)}\0`;
  while (found.length < limit) {
    const wanted = limit - found.length;
    const page = await scanLayered(view.reader, stack, { range: { start, end: whole.end }, limit: wanted });
    for (const [, record] of page) {
      const bucket = decodeBucket(record, { accountId, epoch: stack.epoch });
      if (accepts?.(bucket) !== false) found.push(bucket);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < wanted) break;
    start = `${last[0]}\0`;
  }
  return found;
};

/**
 * Creates a bucket, unless its name is taken: then `created` is false and `bucket` is the one that is there. Throws
 * `TooManyBucketsError`.
 */
export const createBucket = async (tx: Tx, wanted: NewBucket): Promise<{ bucket: Bucket; created: boolean }> => {
  const { partition, name, accountId } = wanted;
  const { settings } = await tx.worldRecord();
  const taken = await loadBucket(tx, bucketNameFor({ settings }, { partition, name, callerAccountId: accountId }));
  if (taken !== undefined) return { bucket: taken, created: false };
  const stack = await tx.writableStack(accountId);
  await countOneMore(tx, stack, { accountId, countMax: settings.bucketsPerAccountMax ?? BUCKETS_PER_ACCOUNT_MAX });
  const bucket: Bucket = { ...wanted, id: tx.newId(), hadUploads: false, configurations: [], epoch: stack.epoch };
  if (sharesNames(settings)) {
    const names = await tx.writableStack(NAMESPACE);
    putLayered(tx.tx, names, [layered.name(partition, name), encodeName({ accountId, bucketId: bucket.id })]);
  }
  writeBucket(tx, stack, bucket);
  return { bucket, created: true };
};

/**
 * Counts a bucket that is about to be created. In memory stands how many an account has at most, as of its epoch; they are
 * counted where that says too little. Throws `TooManyBucketsError`.
 */
const countOneMore = async (
  tx: Tx,
  stack: Stack,
  { accountId, countMax }: { accountId: string; countMax: number },
): Promise<void> => {
  const { cache } = tx.scope;
  const known = cache.bucketCounts.get(accountId);
  let count = known?.epoch === stack.epoch ? known.countMax : countMax;
  if (count >= countMax) {
    count = (await scanLayered(tx.reader, stack, { range: layered.allBuckets, limit: countMax })).length;
  }
  if (count >= countMax) throw new TooManyBucketsError(countMax);
  cache.keepBucketCount(accountId, { epoch: stack.epoch, countMax: count + 1 });
};

/**
 * The bucket as it stands in this transaction. Throws `AccountChangedError` when its account was reset or restored since
 * `bucket` was read, `BucketGoneError` when it was deleted.
 */
export const requireBucket = async (tx: Tx, bucket: Bucket): Promise<Bucket> => {
  const stack = await tx.writableStack(bucket.accountId);
  if (stack.epoch !== bucket.epoch) throw new AccountChangedError(bucket.accountId);
  const record = await getLayered(tx.reader, stack, layered.bucket(bucket.partition, bucket.name));
  const present = record === undefined ? undefined : decodeBucket(record, bucket);
  if (present === undefined || present.id !== bucket.id) throw new BucketGoneError(bucket.name);
  return present;
};

export type BucketChange = Partial<Pick<Bucket, "versioning" | "objectOwnership" | "objectLockEnabled">>;

export const updateBucket = async (tx: Tx, bucket: Bucket, change: BucketChange): Promise<Bucket> => {
  const updated: Bucket = { ...(await requireBucket(tx, bucket)), ...change };
  writeBucket(tx, await tx.writableStack(bucket.accountId), updated);
  return updated;
};

/** Deletes a bucket that the caller found empty, with its configurations and its unfinished uploads. */
export const deleteBucket = async (tx: Tx, bucket: Bucket): Promise<void> => {
  const stack = await tx.writableStack(bucket.accountId);
  await abortAllUploads(tx, bucket);
  const { settings } = await tx.worldRecord();
  if (sharesNames(settings)) {
    const names = await tx.writableStack(NAMESPACE);
    deleteLayered(tx.tx, names, layered.name(bucket.partition, bucket.name));
  }
  deleteLayered(tx.tx, stack, layered.bucket(bucket.partition, bucket.name));
  // What lower layers hold under this bucket's id can never be reached again; the top layer need not keep its share.
  const top = layerPrefix(topLayer(stack));
  for (const { start } of [layered.configurations(bucket.id), layered.counters(bucket.id)]) {
    await tx.tx.clearRange(prefixRange(top + start));
  }
  noteChanged(tx, bucket);
};

/** `versions`: no current object, but noncurrent ones or delete markers. */
export const bucketContents = async (view: View, bucket: Bucket): Promise<"empty" | "objects" | "versions"> => {
  const stack = await view.stackOf(bucket);
  const any = async (range: { start: string; end: string }): Promise<boolean> =>
    (await scanLayered(view.reader, stack, { range, limit: 1 })).length > 0;
  if (await any(layered.lives(bucket.id))) return "objects";
  return (await any(layered.versions(bucket.id))) ? "versions" : "empty";
};

/** A configuration document of a bucket; undefined where it has none of that kind. */
export const getConfiguration = async (
  view: View,
  bucket: Bucket,
  kind: ConfigurationKind,
): Promise<string | undefined> => {
  if (!bucket.configurations.includes(kind)) return undefined;
  return getLayered(view.reader, await view.stackOf(bucket), layered.configuration(bucket.id, kind));
};

/** Keeps a configuration document of a bucket as it is; it must not be empty. `bucket` is as `requireBucket` gave it. */
export const putConfiguration = async (
  tx: Tx,
  bucket: Bucket,
  { kind, document }: { kind: ConfigurationKind; document: string },
): Promise<Bucket> => {
  const stack = await tx.writableStack(bucket.accountId);
  putLayered(tx.tx, stack, [layered.configuration(bucket.id, kind), document]);
  // What was made of the document before goes with the bucket's place in memory; see configuration-cache.ts.
  noteChanged(tx, bucket);
  if (bucket.configurations.includes(kind)) return bucket;
  const updated = { ...bucket, configurations: [...bucket.configurations, kind] };
  writeBucket(tx, stack, updated);
  return updated;
};

/** Forgets a configuration document, if there is one. `bucket` is as `requireBucket` gave it. */
export const deleteConfiguration = async (tx: Tx, bucket: Bucket, kind: ConfigurationKind): Promise<Bucket> => {
  if (!bucket.configurations.includes(kind)) return bucket;
  const stack = await tx.writableStack(bucket.accountId);
  deleteLayered(tx.tx, stack, layered.configuration(bucket.id, kind));
  const updated = { ...bucket, configurations: bucket.configurations.filter((other) => other !== kind) };
  writeBucket(tx, stack, updated);
  return updated;
};
