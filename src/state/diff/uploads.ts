/** Unfinished uploads and their parts in two states. An upload is known by its key and id, a part by its upload and number. */
import { compareKeys } from "../../engine/keys.ts";
import { layered } from "../keys.ts";
import { decodePart, decodeUpload } from "../records.ts";
import { changeOf, SIDES, type Difference } from "./difference.ts";
import { partFields, uploadFields } from "./fields.ts";
import { touchedGroups, touchedRecords, type AccountPair } from "./touched.ts";
import { pathPrefixOf, prefixesOf, type Walk } from "./versions.ts";

/** Uploads by key and id. */
export async function* diffUploads({ pair, bucket, prefix }: Walk): AsyncGenerator<Difference> {
  const prefixOf = (bucketId: string): string => layered.uploadsFrom(bucketId, "");
  const range = { prefixes: prefixesOf(bucket, prefixOf), pathPrefix: pathPrefixOf(layered.uploadsFrom, prefix) };
  for await (const { path, from, to } of touchedRecords(pair, range)) {
    const name = nameOf(path);
    const decode = (record: string | undefined) => (record === undefined ? undefined : decodeUpload(record, name));
    const change = changeOf({ from: decode(from), to: decode(to) }, uploadFields);
    if (change === undefined) continue;
    const { accountId } = pair;
    yield { kind: "upload", ...change, accountId, partition: bucket.partition, bucket: bucket.name, ...name };
  }
}

const nameOf = (path: string): { key: string; uploadId: string } => {
  const subkey = layered.uploadsFrom("0".repeat(16), "") + path;
  return { key: layered.uploadObjectKey(subkey), uploadId: layered.uploadId(subkey) };
};

/** Parts by key, upload and number. Memory: ids and keys of the bucket's uploads, where any of their parts may differ. */
export async function* diffParts(walk: Walk): AsyncGenerator<Difference> {
  const { pair, bucket, prefix } = walk;
  const touched = await touchedUploads(walk);
  if (touched.size === 0) return;
  const keys = await keysOf(walk, touched);
  const uploads = [...keys].filter(([, key]) => key.startsWith(prefix));
  for (const [uploadId, key] of uploads.toSorted(
    ([a, aKey], [b, bKey]) => compareKeys(aKey, bKey) || compareKeys(a, b),
  )) {
    const prefixes = prefixesOf(bucket, (bucketId) => layered.parts(bucketId, uploadId).start);
    for await (const { path, from, to } of touchedRecords(pair, { prefixes })) {
      const decode = (record: string | undefined) => (record === undefined ? undefined : decodePart(record));
      const change = changeOf({ from: decode(from), to: decode(to) }, partFields);
      if (change === undefined) continue;
      const place = { accountId: pair.accountId, partition: bucket.partition, bucket: bucket.name };
      yield { kind: "part", ...change, ...place, key, uploadId, partNumber: layered.partNumber(`/${path}`) };
    }
  }
}

/** The uploads of whose parts any may differ, by their ids. */
const touchedUploads = async ({ pair, bucket: { buckets } }: Walk): Promise<Set<string>> => {
  const found = new Set<string>();
  const groupOf = (subkey: string): string => subkey.slice(0, subkey.lastIndexOf("/") + 1);
  const add = async (of: AccountPair, bucketId: string): Promise<void> => {
    for await (const group of touchedGroups(of, { range: layered.allParts(bucketId), groupOf }))
      found.add(layered.partUploadId(group));
  };
  const { from, to } = buckets;
  if (from !== undefined && from.id === to?.id) await add(pair, from.id);
  else {
    // Nothing of a bucket that was made again is shared.
    if (from !== undefined) await add({ ...pair, tops: { ...pair.tops, to: "" } }, from.id);
    if (to !== undefined) await add({ ...pair, tops: { ...pair.tops, from: "" } }, to.id);
  }
  return found;
};

/** The keys of uploads, which their parts do not say. */
const keysOf = async ({ pair, bucket }: Walk, wanted: ReadonlySet<string>): Promise<Map<string, string>> => {
  const keys = new Map<string, string>();
  for (const side of SIDES) {
    const bucketId = bucket.buckets[side]?.id;
    if (bucketId === undefined) continue;
    // Compared with a state that holds nothing, all of it is read.
    const alone: AccountPair = { ...pair, tops: { from: "", to: pair.tops[side] } };
    const prefix = layered.uploadsFrom(bucketId, "");
    for await (const { path } of touchedRecords(alone, { prefixes: { from: prefix, to: prefix } })) {
      const { key, uploadId } = nameOf(path);
      if (wanted.has(uploadId)) keys.set(uploadId, key);
    }
  }
  return keys;
};
