/** Annotations in two states. One is known by its key, the id of the version that it is attached to, and its name. */
import { compareKeys } from "../../engine/keys.ts";
import { layered } from "../keys.ts";
import type { Annotation } from "../model.ts";
import { decodeAnnotation, decodeVersion } from "../records.ts";
import { NULL_VERSION_ID } from "../version-ids.ts";
import { changeOf, SIDES, type Difference, type Side, type Sides } from "./difference.ts";
import { annotationFields } from "./fields.ts";
import { readSide, touchedRecords } from "./touched.ts";
import { pathPrefixOf, prefixesOf, type Walk } from "./versions.ts";

type Both = { from: Annotation | undefined; to: Annotation | undefined };

/**
 * Annotations by key; of one key by the age of the version, the oldest first and the one whose id is `null` last, then by name.
 * Memory: the annotations of a version, of which S3 allows 1,000.
 */
export async function* diffAnnotations(walk: Walk): AsyncGenerator<Difference> {
  const { pair, bucket, prefix } = walk;
  const prefixOf = (bucketId: string): string => layered.annotationsFrom(bucketId, "");
  const anyId = (bucket.buckets.to ?? bucket.buckets.from)?.id ?? "";
  const versionIds = createVersionIds(walk);
  const differenceOf = (at: { key: string; versionId: string; name: string }, both: Both): Difference[] => {
    const change = changeOf(both, annotationFields);
    const place = { accountId: pair.accountId, partition: bucket.partition, bucket: bucket.name };
    return change === undefined ? [] : [{ kind: "annotation", ...change, ...place, ...at }];
  };
  // Of the version `null`, which alone may have another place in each state.
  let nulls = new Map<string, Both>();
  let nullsKey = "";
  const takeNulls = (): Difference[] => {
    const names = [...nulls].toSorted(([a], [b]) => compareKeys(a, b));
    nulls = new Map();
    return names.flatMap(([name, both]) => differenceOf({ key: nullsKey, versionId: NULL_VERSION_ID, name }, both));
  };
  const range = { prefixes: prefixesOf(bucket, prefixOf), pathPrefix: pathPrefixOf(layered.annotationsFrom, prefix) };
  for await (const { path, ...records } of touchedRecords(pair, range)) {
    const { key, seq, name } = layered.annotationPlace(prefixOf(anyId) + path);
    if (key !== nullsKey) yield* takeNulls();
    nullsKey = key;
    const both: Both = { from: undefined, to: undefined };
    const ids: Sides<string | undefined> = {
      from: records.from === undefined ? undefined : await versionIds({ side: "from", key, seq }),
      to: records.to === undefined ? undefined : await versionIds({ side: "to", key, seq }),
    };
    for (const side of SIDES) {
      const record = records[side];
      if (record !== undefined) both[side] = decodeAnnotation(name, record);
    }
    if (ids.from === ids.to && ids.to !== undefined && ids.to !== NULL_VERSION_ID) {
      yield* differenceOf({ key, versionId: ids.to, name }, both);
      continue;
    }
    for (const side of SIDES) {
      const versionId = ids[side];
      if (versionId === NULL_VERSION_ID) {
        const known = nulls.get(name) ?? { from: undefined, to: undefined };
        nulls.set(name, { ...known, [side]: both[side] });
      } else if (versionId !== undefined) {
        yield* differenceOf({ key, versionId, name }, { from: undefined, to: undefined, [side]: both[side] });
      }
    }
  }
  yield* takeNulls();
}

/** Which version stands at a place of a key in a state; remembers the last of each state, since annotations come by version. */
const createVersionIds = ({ pair, bucket }: Walk) => {
  const last = new Map<Side, { key: string; seq: number; versionId: string | undefined }>();
  return async ({ side, key, seq }: { side: Side; key: string; seq: number }): Promise<string | undefined> => {
    const known = last.get(side);
    if (known?.key === key && known.seq === seq) return known.versionId;
    const bucketId = bucket.buckets[side]?.id ?? "";
    const live = await readSide(pair, { side, subkey: layered.live(bucketId, key) });
    let version = live === undefined ? undefined : decodeVersion(key, live).version;
    if (version?.seq !== seq) {
      const older = await readSide(pair, { side, subkey: layered.version(bucketId, key, seq) });
      version = older === undefined ? undefined : decodeVersion(key, older).version;
    }
    const versionId = version?.versionId;
    last.set(side, { key, seq, versionId });
    return versionId;
  };
};
