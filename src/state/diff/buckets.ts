/**
 * The buckets of an account in two states. A bucket is known by its name: one that was deleted and made again is the same bucket,
 * whose contents are compared as they were under its old id and are under its new one.
 */
import { compareKeys } from "../../engine/keys.ts";
import { layered } from "../keys.ts";
import { PARTITIONS, type Bucket, type Partition } from "../model.ts";
import { decodeBucket } from "../records.ts";
import { changeOf, type Difference, type Sides } from "./difference.ts";
import { bucketFields } from "./fields.ts";
import { readSide, touchedGroups, touchedRecords, type AccountPair } from "./touched.ts";

/** A bucket with its name in both states; not in one of them where it was made or deleted in between. Never in neither. */
export type BucketPair = {
  readonly partition: Partition;
  readonly name: string;
  readonly buckets: Sides<Bucket | undefined>;
  /** Whether records of that kind, by the letter that their subkeys begin with, may differ. */
  readonly mayDiffer: (kind: string) => boolean;
};

/** Letters of the records that belong to a bucket by its id. Counters follow from the others, manifests and attributes too. */
const CONTENT_KINDS = ["f", "o", "v", "u", "p", "a"];

/** The subkey of a bucket's record has its partition and name: such texts sort buckets by both. */
const placeOf = ({ partition, name }: { partition: Partition; name: string }): string =>
  layered.bucket(partition, name);

const pairOf = (
  { accountId }: AccountPair,
  { from, to }: Sides<string | undefined>,
): { readonly buckets: Sides<Bucket | undefined>; readonly any: Bucket } | undefined => {
  const decode = (record: string | undefined): Bucket | undefined =>
    record === undefined ? undefined : decodeBucket(record, { accountId, epoch: 0 });
  const buckets = { from: decode(from), to: decode(to) };
  const any = buckets.to ?? buckets.from;
  return any && { buckets, any };
};

/** What differs of a bucket's own record. */
export const bucketDifference = ({ accountId }: AccountPair, pair: BucketPair): Difference | undefined => {
  const change = changeOf(pair.buckets, bucketFields);
  return change && { kind: "bucket", ...change, accountId, partition: pair.partition, bucket: pair.name };
};

/** The bucket of that name in each partition where either state has one. */
export const namedBuckets = async (pair: AccountPair, name: string): Promise<BucketPair[]> => {
  const found: BucketPair[] = [];
  for (const partition of PARTITIONS) {
    const subkey = layered.bucket(partition, name);
    const from = await readSide(pair, { side: "from", subkey });
    const to = await readSide(pair, { side: "to", subkey });
    const both = pairOf(pair, { from, to });
    if (both !== undefined) found.push({ partition, name, buckets: both.buckets, mayDiffer: () => true });
  }
  return found;
};

/**
 * The buckets that may differ, in themselves or in what they hold, by partition and name. Memory: a record of each of them.
 */
export const touchedBuckets = async (pair: AccountPair): Promise<BucketPair[]> => {
  const kindsOf = await touchedContents(pair);
  const places = new Map<string, BucketPair>();
  const keep = ({ buckets, any }: { buckets: Sides<Bucket | undefined>; any: Bucket }): void => {
    const { from, to } = buckets;
    const kinds = kindsOf.get(any.id);
    const sameId = from?.id === to?.id;
    kindsOf.delete(any.id);
    const mayDiffer = (kind: string): boolean => !sameId || kinds?.has(kind) === true;
    places.set(placeOf(any), { partition: any.partition, name: any.name, buckets, mayDiffer });
  };
  const prefix = layered.allBuckets.start;
  for await (const { from, to } of touchedRecords(pair, { prefixes: { from: prefix, to: prefix } })) {
    const both = pairOf(pair, { from, to });
    if (both === undefined) continue;
    keep(both);
    if (both.buckets.from !== undefined) kindsOf.delete(both.buckets.from.id);
  }
  // A bucket whose record may not differ is the same in both states; its name is only in its record.
  for await (const { buckets, any } of allBuckets(pair, () => kindsOf.size > 0))
    if (kindsOf.has(any.id)) keep({ buckets, any });
  return [...places].toSorted(([a], [b]) => compareKeys(a, b)).map(([, bucket]) => bucket);
};

/** By the id of a bucket, the kinds of records under it that may differ. */
const touchedContents = async (pair: AccountPair): Promise<Map<string, Set<string>>> => {
  const kindsOf = new Map<string, Set<string>>();
  for (const kind of CONTENT_KINDS) {
    const groupOf = (subkey: string): string => kind + layered.bucketIdOf(subkey);
    for await (const group of touchedGroups(pair, { range: layered.ofKind(kind), groupOf })) {
      const id = layered.bucketIdOf(group);
      const kinds = kindsOf.get(id) ?? new Set();
      kindsOf.set(id, kinds.add(kind));
    }
  }
  return kindsOf;
};

/** All buckets of the state that was there first, page by page, while `wanted`. */
async function* allBuckets(
  pair: AccountPair,
  wanted: () => boolean,
): AsyncGenerator<{ buckets: Sides<Bucket>; any: Bucket }> {
  if (!wanted()) return;
  // Compared with a state that holds nothing, all of it is read.
  const alone: AccountPair = { ...pair, tops: { from: "", to: pair.tops.from } };
  const prefix = layered.allBuckets.start;
  for await (const { to } of touchedRecords(alone, { prefixes: { from: prefix, to: prefix } })) {
    const both = pairOf(pair, { from: to, to });
    if (both !== undefined) yield { buckets: { from: both.any, to: both.any }, any: both.any };
    if (!wanted()) return;
  }
}
