/**
 * Objects and versions in two states. An object is its key's current version and known by its key; a version is known by its key
 * and version id, whether it is current or not. What was current and is not any more is no difference of the version.
 */
import { compareKeys } from "../../engine/keys.ts";
import { layered } from "../keys.ts";
import type { Version } from "../model.ts";
import { decodeAttributesRecord, decodeVersion } from "../records.ts";
import { NULL_VERSION_ID } from "../version-ids.ts";
import type { BucketPair } from "./buckets.ts";
import { changeOf, SIDES, type Difference, type Side, type Sides } from "./difference.ts";
import { objectFields, versionFields } from "./fields.ts";
import { readSide, touchedRecords, type AccountPair, type Touched } from "./touched.ts";

/** A version as its own record has it; its attributes may have to be read yet. */
type Decoded = { readonly version: Version; readonly attributesApart: boolean; readonly current: boolean };

/** What a walk through a bucket is about. */
export type Walk = { readonly pair: AccountPair; readonly bucket: BucketPair; readonly prefix: string };

/** What its bucket's records of a kind begin with. */
export const prefixesOf = (
  { buckets: { from, to } }: BucketPair,
  prefixOf: (bucketId: string) => string,
): Sides<string | undefined> => ({ from: from && prefixOf(from.id), to: to && prefixOf(to.id) });

/** What of `prefix` its records' paths begin with. */
export const pathPrefixOf = (place: (bucketId: string, prefix: string) => string, prefix: string): string =>
  place("", prefix).slice(place("", "").length);

const liveRecords = ({ pair, bucket, prefix }: Walk): AsyncGenerator<Touched> =>
  touchedRecords(pair, {
    prefixes: prefixesOf(bucket, (id) => layered.live(id, "")),
    pathPrefix: pathPrefixOf(layered.live, prefix),
  });

const decodeBoth = (
  key: string,
  { from, to }: Sides<string | undefined>,
  current: boolean,
): Sides<Decoded | undefined> => ({
  from: from === undefined ? undefined : { ...decodeVersion(key, from), current },
  to: to === undefined ? undefined : { ...decodeVersion(key, to), current },
});

const withAttributes = async (
  { pair, bucket }: Walk,
  { side, decoded: { version, attributesApart } }: { side: Side; decoded: Decoded },
): Promise<Version> => {
  const bucketId = bucket.buckets[side]?.id;
  if (!attributesApart || version.kind === "deleteMarker" || bucketId === undefined) return version;
  const record = await readSide(pair, { side, subkey: layered.attributes(bucketId, version.key, version.seq) });
  if (record === undefined) throw new Error(`the attributes of ${bucket.name}/${version.key} are missing`);
  return { ...version, attributes: decodeAttributesRecord(record) };
};

const completeBoth = async (walk: Walk, sides: Sides<Decoded | undefined>): Promise<Sides<Version | undefined>> => {
  const complete = async (side: Side): Promise<Version | undefined> => {
    const decoded = sides[side];
    // What was added or removed is not compared.
    if (decoded === undefined || sides.from === undefined || sides.to === undefined) return decoded?.version;
    return withAttributes(walk, { side, decoded });
  };
  return { from: await complete("from"), to: await complete("to") };
};

const differenceIn = ({ pair, bucket }: Walk): Pick<Difference, "accountId" | "partition" | "bucket"> => ({
  accountId: pair.accountId,
  partition: bucket.partition,
  bucket: bucket.name,
});

/** Objects by key. */
export async function* diffObjects(walk: Walk): AsyncGenerator<Difference> {
  for await (const { path: key, ...records } of liveRecords(walk)) {
    const { from, to } = await completeBoth(walk, decodeBoth(key, records, true));
    const object = to ?? from;
    const change = changeOf({ from, to }, (sides) =>
      // A current object is no delete marker.
      sides.from.kind === "object" && sides.to.kind === "object"
        ? objectFields({ from: sides.from, to: sides.to })
        : [],
    );
    if (change !== undefined && object !== undefined)
      yield { kind: "object", ...change, ...differenceIn(walk), key, versionId: object.versionId };
  }
}

/** Whether a bucket has versions that are not current objects: it never had any while versioning was never on. */
export const hasVersions = ({ buckets: { from, to } }: BucketPair): boolean =>
  [from, to].some((bucket) => bucket !== undefined && bucket.versioning !== "Unversioned");

/** Versions and delete markers by key; of one key the newest first, and the one whose id is `null` last. */
export async function* diffVersions(walk: Walk): AsyncGenerator<Difference> {
  for await (const group of byKey(walk)) {
    const nulls: { from: Decoded | undefined; to: Decoded | undefined } = { from: undefined, to: undefined };
    for await (const { from, to } of group.versions) {
      if (from !== undefined && from.version.versionId === to?.version.versionId) {
        yield* differenceOf(walk, { from, to });
        continue;
      }
      // The version `null` alone may have another place in each state.
      for (const side of SIDES) {
        const decoded = side === "from" ? from : to;
        if (decoded?.version.versionId === NULL_VERSION_ID) nulls[side] = decoded;
        else if (decoded !== undefined) yield* differenceOf(walk, { from: undefined, to: undefined, [side]: decoded });
      }
    }
    yield* differenceOf(walk, nulls);
  }
}

async function* differenceOf(walk: Walk, sides: Sides<Decoded | undefined>): AsyncGenerator<Difference> {
  const { from, to } = await completeBoth(walk, sides);
  const decoded = sides.to ?? sides.from;
  const change = changeOf({ from, to }, versionFields);
  if (change === undefined || decoded === undefined) return;
  const { version, current } = decoded;
  const { key, versionId } = version;
  const deleteMarker = version.kind === "deleteMarker";
  yield { kind: "version", ...change, ...differenceIn(walk), key, versionId, deleteMarker, current };
}

/** The versions of one key that may differ, by their places, newest first. */
type KeyGroup = { readonly key: string; readonly versions: AsyncGenerator<Sides<Decoded | undefined>> };

/** Brings together a key's current objects and its other versions, which are kept apart from each other. */
async function* byKey(walk: Walk): AsyncGenerator<KeyGroup> {
  const { pair, bucket, prefix } = walk;
  const live = liveRecords(walk);
  const old = touchedRecords(pair, {
    prefixes: prefixesOf(bucket, (id) => layered.versions(id).start),
    pathPrefix: pathPrefixOf(layered.versionsFrom, prefix),
  });
  const anyId = (bucket.buckets.to ?? bucket.buckets.from)?.id ?? "";
  const keyOf = ({ path }: Touched): string => layered.versionObjectKey(layered.versions(anyId).start + path);
  let nextLive = (await live.next()).value as Touched | undefined;
  let nextOld = (await old.next()).value as Touched | undefined;

  async function* versionsOf(key: string): AsyncGenerator<Sides<Decoded | undefined>> {
    let current: Sides<Decoded | undefined> = { from: undefined, to: undefined };
    if (nextLive?.path === key) {
      current = decodeBoth(key, nextLive, true);
      nextLive = (await live.next()).value as Touched | undefined;
    }
    while (nextOld !== undefined && keyOf(nextOld) === key) {
      const older = decodeBoth(key, nextOld, false);
      nextOld = (await old.next()).value as Touched | undefined;
      const seq = (older.to ?? older.from)?.version.seq ?? 0;
      for (let newest = newestOf(current); newest > seq; newest = newestOf(current)) {
        yield at(current, newest);
        current = without(current, newest);
      }
      const same = at(current, seq);
      yield { from: older.from ?? same.from, to: older.to ?? same.to };
      current = without(current, seq);
    }
    for (let newest = newestOf(current); newest > 0; newest = newestOf(current)) {
      yield at(current, newest);
      current = without(current, newest);
    }
  }

  while (nextLive !== undefined || nextOld !== undefined) {
    const keys = [nextLive?.path, nextOld && keyOf(nextOld)].filter((key) => key !== undefined);
    const key = keys.toSorted(compareKeys)[0] ?? "";
    const versions = versionsOf(key);
    yield { key, versions };
    // Whatever was not taken of it must not stand in the way of the next.
    for await (const _ of versions);
  }
}

const newestOf = ({ from, to }: Sides<Decoded | undefined>): number =>
  Math.max(from?.version.seq ?? 0, to?.version.seq ?? 0);

const at = ({ from, to }: Sides<Decoded | undefined>, seq: number): Sides<Decoded | undefined> => ({
  from: from?.version.seq === seq ? from : undefined,
  to: to?.version.seq === seq ? to : undefined,
});

const without = ({ from, to }: Sides<Decoded | undefined>, seq: number): Sides<Decoded | undefined> => ({
  from: from?.version.seq === seq ? undefined : from,
  to: to?.version.seq === seq ? undefined : to,
});
