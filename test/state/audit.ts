/**
 * Goes through a whole store, record by record, and says what does not fit together: bodies that are missing or that nothing
 * refers to, references that were not written down, counters and names that are wrong.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, Reader } from "../../src/engine/port.ts";
import { bodyKeys, catalog, layered, layerPrefix, prefixRange } from "../../src/state/keys.ts";
import type { Bucket, Extent } from "../../src/state/model.ts";
import {
  decodeAnnotation,
  decodeBucket,
  decodeHead,
  decodeLayer,
  decodeManifestChunk,
  decodeName,
  decodePart,
  decodeVersion,
} from "../../src/state/records.ts";
import { NAMESPACE } from "../../src/state/view.ts";
import { fileBodies } from "./fixtures.ts";

const ALL = { limit: 1_000_000 };

export type Audit = {
  /** What contradicts something else. */
  readonly problems: readonly string[];
  /** Bodies that are stored and that no record of a layer names to which a head or a snapshot leads. */
  readonly unreferenced: readonly string[];
};

/** What an account's stack shows: the subkeys and values that are not hidden or deleted. */
type Shown = ReadonlyMap<string, string>;

class Auditor {
  readonly problems: string[] = [];
  readonly referenced = new Map<string, number>();
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  async layersFrom(top: string): Promise<string[]> {
    const layers: string[] = [];
    for (let layer = top; layer !== "";) {
      layers.push(layer);
      layer = decodeLayer((await this.#reader.get(catalog.layer(layer)))!);
    }
    return layers;
  }

  async shown(layers: readonly string[]): Promise<Shown> {
    const shown = new Map<string, string>();
    for (const layer of layers.toReversed()) {
      for (const [key, value] of await this.#reader.scan(prefixRange(layerPrefix(layer)), ALL)) {
        const subkey = key.slice(layerPrefix(layer).length);
        if (subkey.startsWith("c")) shown.set(subkey, String(Number(shown.get(subkey) ?? 0) + Number(value)));
        else if (value === "") shown.delete(subkey);
        else shown.set(subkey, value);
      }
    }
    return shown;
  }

  /** One account, as one of its heads or snapshots shows it. */
  async account(where: string, top: string): Promise<Bucket[]> {
    const shown = await this.shown(await this.layersFrom(top));
    const counted = new Map<string, number>();
    const count = (subkey: string, counter: string, by: number): void => {
      const counterKey = layered.counter(subkey.slice(1, 17), counter);
      counted.set(counterKey, (counted.get(counterKey) ?? 0) + by);
    };
    const buckets: Bucket[] = [];
    const annotations = annotationsByVersion(shown);
    for (const [subkey, value] of shown) {
      const kind = subkey[0];
      if (kind === "b") buckets.push(decodeBucket(value, { accountId: where, epoch: 0 }));
      else if (kind === "o" || kind === "v") {
        const { version } = decodeVersion("", value);
        count(subkey, kind === "o" ? "o" : "n", 1);
        if (version.kind === "deleteMarker") continue;
        count(subkey, "b", version.sizeBytes);
        this.#refer(version.extents);
        const bucketId = subkey.slice(1, 17);
        const key = kind === "o" ? layered.liveObjectKey(subkey) : layered.versionObjectKey(subkey);
        const path = layered.annotations(bucketId, { key, seq: version.seq }).start;
        const found = annotations.get(path) ?? 0;
        annotations.delete(path);
        if (found !== version.annotationCount)
          this.problems.push(
            `${where}: ${JSON.stringify(subkey)} has ${found} annotations, not ${version.annotationCount}`,
          );
      } else if (kind === "m") for (const part of decodeManifestChunk(value)) this.#refer(part.extents);
      else if (kind === "u") count(subkey, "u", 1);
      else if (kind === "p") {
        const part = decodePart(value);
        count(subkey, "b", part.sizeBytes);
        this.#refer(part.extents);
      } else if (kind === "a") {
        const annotation = decodeAnnotation("", value);
        count(subkey, "b", annotation.sizeBytes);
        this.#refer(annotation.extents);
      }
    }
    for (const path of annotations.keys())
      this.problems.push(`${where}: the annotations ${JSON.stringify(path)} are of no version`);
    const ids = new Set(buckets.map(({ id }) => id));
    for (const subkey of new Set([...counted.keys(), ...[...shown.keys()].filter((key) => key.startsWith("c"))])) {
      if (!ids.has(subkey.slice(1, 17))) continue;
      const [kept, right] = [Number(shown.get(subkey) ?? 0), counted.get(subkey) ?? 0];
      if (kept !== right) this.problems.push(`${where}: counter ${subkey} is ${kept}, not ${right}`);
    }
    for (const subkey of shown.keys()) {
      if ("ovmxupa".includes(subkey[0]!) && !ids.has(subkey.slice(1, 17)))
        this.problems.push(`${where}: ${JSON.stringify(subkey)} is of no bucket`);
    }
    return buckets;
  }

  async names(world: string, top: string | undefined, buckets: readonly Bucket[]): Promise<void> {
    const shown = top === undefined ? new Map<string, string>() : await this.shown(await this.layersFrom(top));
    const expected = new Map(buckets.map((bucket) => [layered.name(bucket.partition, bucket.name), bucket]));
    if (expected.size !== buckets.length) this.problems.push(`${world}: a bucket name has two owners`);
    for (const [subkey, value] of shown) {
      const { accountId, bucketId } = decodeName(value);
      const bucket = expected.get(subkey);
      if (bucket?.accountId !== accountId || bucket.id !== bucketId)
        this.problems.push(`${world}: wrong name ${subkey}`);
    }
    for (const subkey of expected.keys()) if (!shown.has(subkey)) this.problems.push(`${world}: no name ${subkey}`);
  }

  /** Every record of a layer, shown or hidden, has its bodies, and where these are shared its own references are written down. */
  async references(layer: string): Promise<void> {
    for (const [key, value] of await this.#reader.scan(prefixRange(layerPrefix(layer)), ALL)) {
      const subkey = key.slice(layerPrefix(layer).length);
      if (value === "") continue;
      this.#refer(extentsOf(subkey, value));
      for (const { bodyId, holder } of extentsOf(subkey, value)) {
        // A record that moved up from a layer below is held there, or by what that layer was merged into.
        if (!holder.startsWith(layer)) continue;
        if ((await this.#reader.get(bodyKeys.shared(bodyId))) === undefined) continue;
        if ((await this.#reader.get(bodyKeys.reference(bodyId, holder))) === undefined)
          this.problems.push(`${JSON.stringify(key)}: its reference ${bodyId}/${holder} is not written down`);
      }
    }
  }

  #refer(extents: readonly Extent[]): void {
    for (const { bodyId, offsetBytes, lengthBytes } of extents) {
      this.referenced.set(bodyId, Math.max(this.referenced.get(bodyId) ?? 0, offsetBytes + lengthBytes));
    }
  }
}

const SEQ_DIGITS = 11;

/** How many annotations there are, by what their keys have before their names. */
const annotationsByVersion = (shown: Shown): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const subkey of shown.keys()) {
    if (!subkey.startsWith("a")) continue;
    const path = subkey.slice(0, subkey.indexOf("\0\0", 17) + 2 + SEQ_DIGITS);
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return counts;
};

const extentsOf = (subkey: string, value: string): readonly Extent[] => {
  switch (subkey[0]) {
    case "o":
    case "v": {
      const { version } = decodeVersion("", value);
      return version.kind === "object" ? version.extents : [];
    }
    case "m":
      return decodeManifestChunk(value).flatMap((part) => part.extents);
    case "p":
      return decodePart(value).extents;
    case "a":
      return decodeAnnotation("", value).extents;
    default:
      return [];
  }
};

/** Each read sees the state of its own time: no view may be held for as long as a large store takes. */
const readingAnew = (engine: Engine): Reader => ({
  get: (key) => engine.read((reader) => reader.get(key)),
  getBytes: (key) => engine.read((reader) => reader.getBytes(key)),
  getMany: (keys) => engine.read((reader) => reader.getMany(keys)),
  scan: (range, options) => engine.read((reader) => reader.scan(range, options)),
});

/** Call it when nothing is under way. */
export const audit = async (engine: Engine, dir: string): Promise<Audit> => {
  const reader = readingAnew(engine);
  const auditor = new Auditor(reader);
  const tops = new Set<string>();
  for (const [worldKey] of await reader.scan(catalog.worlds, ALL)) {
    const world = worldKey.slice(catalog.worlds.start.length);
    const heads = new Map(
      (await reader.scan(catalog.heads(world), ALL)).map(([key, record]) => [
        catalog.headAccount(key),
        decodeHead(record).layerId,
      ]),
    );
    const buckets: Bucket[] = [];
    for (const [accountId, top] of heads) {
      tops.add(top);
      if (accountId !== NAMESPACE) buckets.push(...(await auditor.account(accountId, top)));
    }
    await auditor.names(world, heads.get(NAMESPACE), buckets);
    for (const [key, top] of await reader.scan(prefixRange(`Ct${world}\0`), ALL)) {
      if (top === "") continue;
      tops.add(top);
      if (catalog.snapshotHeadAccount(key) !== NAMESPACE) await auditor.account(key, top);
    }
  }
  const layers = new Set<string>();
  for (const top of tops) for (const layer of await auditor.layersFrom(top)) layers.add(layer);
  for (const layer of layers) await auditor.references(layer);
  const stored = await storedBodies(reader, { dir, problems: auditor.problems });
  for (const [bodyId, endBytes] of auditor.referenced) {
    const sizeBytes = stored.get(bodyId);
    if (sizeBytes === undefined || sizeBytes < endBytes)
      auditor.problems.push(`body ${bodyId} has ${sizeBytes ?? "no"} bytes, ${endBytes} are needed`);
  }
  const unreferenced = [...stored.keys()].filter((bodyId) => !auditor.referenced.has(bodyId));
  return { problems: auditor.problems, unreferenced };
};

/** The bodies that are there, with their sizes. */
const storedBodies = async (
  reader: Reader,
  { dir, problems }: { dir: string; problems: string[] },
): Promise<Map<string, number>> => {
  const stored = new Map<string, number>();
  for (const [key, size] of await reader.scan(prefixRange("Bf"), ALL)) {
    const bodyId = key.slice(2);
    const file = await stat(join(dir, "bodies", bodyId.slice(1, 9), bodyId)).catch(() => undefined);
    if (file?.size === Number(size)) stored.set(bodyId, file.size);
    else problems.push(`file ${bodyId} has ${file?.size ?? "no"} bytes, its record says ${size}`);
  }
  for (const file of await fileBodies(dir)) if (!stored.has(file)) problems.push(`file ${file} has no record`);
  for (const [key] of await reader.scan(prefixRange("Bi"), ALL)) {
    stored.set(key.slice(2), (await reader.getBytes(key))!.byteLength);
  }
  return stored;
};
