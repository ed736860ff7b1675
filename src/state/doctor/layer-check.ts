/**
 * One layer, record by record. What a layer adds to the stack that it stands on must be what its counters say, and whatever its
 * records need must be there, in itself or below. So each layer is read once, however many stacks it is part of.
 */
import type { Entry, Reader, Transaction } from "../../engine/port.ts";
import { isNamedKind } from "../configuration-kinds.ts";
import { layered, LAYER_PREFIX_CHARS, layerPrefix, prefixRange } from "../keys.ts";
import type { ConfigurationKind, Version } from "../model.ts";
import { decodeBucket, type BucketRecord } from "../records.ts";
import { mergeLayers, scanAllLayered, scanLayered, TOMBSTONE, type Stack } from "../stack.ts";
import { messageOf } from "./catalog.ts";
import { fault, quoted, type Found } from "./finding.ts";
import { readRecord, type Counts, type RecordFacts } from "./record-facts.ts";
import { checkVersion, getThrough, versionBeside } from "./version-check.ts";

/** Kinds of records that belong to a bucket, and of those the ones that count. */
const OF_A_BUCKET = "ovmxupa";
const COUNTING = "ovupa";
const COUNTERS = ["o", "n", "u", "b"] as const;
const COUNTER_WORDS = { o: "current objects", n: "other versions", u: "uploads", b: "bytes" } as const;
/** Buckets that are read at a time. */
const BUCKETS_PAGE = 1_000;

/** What was read of a record, with where it stands. */
export type ReadRecord = RecordFacts & { readonly layerId: string; readonly subkey: string };

export class LayerCheck {
  readonly layerId: string;
  readonly #stack: Stack;
  readonly #below: Stack;
  /** What the layer's records add to what is below, by bucket and counter. */
  readonly #counted = new Map<string, number>();
  /** What its counters say. */
  readonly #kept = new Map<string, number>();
  #buckets: Map<string, BucketRecord> | undefined;
  /** Whether a record could not be read, so that what is counted may be wrong. */
  #isUncertain = false;
  readonly #uploads = new Map<string, ReadonlySet<string>>();

  /** `layers`: this one and all that it stands on. */
  constructor(layers: readonly string[]) {
    const [layerId = "", ...below] = layers;
    this.layerId = layerId;
    this.#stack = { layers, epoch: 0 };
    this.#below = { layers: below, epoch: 0 };
  }

  /**
   * Looks at some of its records; answers what was read of them. Those of a layer that nothing leads to need not fit to anything:
   * it may be half built, or half taken away.
   */
  async look(
    reader: Reader,
    { entries, isReachable }: { entries: readonly Entry[]; isReachable: boolean },
  ): Promise<{ findings: Found[]; records: ReadRecord[] }> {
    const findings: Found[] = [];
    const records: ReadRecord[] = [];
    for (const [key, text] of entries) {
      const subkey = key.slice(LAYER_PREFIX_CHARS);
      try {
        const record = { ...readRecord(subkey, text), layerId: this.layerId, subkey };
        if (isReachable) findings.push(...(await this.#lookAt(reader, { record, text, key })));
        records.push(record);
      } catch (error) {
        this.#isUncertain = true;
        findings.push(fault("record", `the record ${quoted(key)} cannot be read: ${messageOf(error)}`));
      }
    }
    return { findings, records };
  }

  async #lookAt(
    reader: Reader,
    { record, text, key }: { record: ReadRecord; text: string; key: string },
  ): Promise<Found[]> {
    const { subkey, counts } = record;
    const kind = subkey[0] ?? "";
    if (kind === "c") this.#kept.set(subkey, Number(text));
    if (COUNTING.includes(kind)) await this.#count(reader, subkey, counts);
    if (text === TOMBSTONE) return this.#below.layers.length > 0 ? [] : [tombstoneAtBottom(key)];
    if (OF_A_BUCKET.includes(kind)) {
      const bucket = (await this.#bucketsOf(reader)).get(layered.bucketIdOf(subkey));
      if (bucket === undefined) return [fault("record", `the record ${quoted(key)} is of no bucket`)];
      return this.#lookInto(reader, { record, bucket });
    }
    return this.#lookInto(reader, { record, bucket: undefined });
  }

  async #lookInto(
    reader: Reader,
    { record, bucket }: { record: ReadRecord; bucket: BucketRecord | undefined },
  ): Promise<Found[]> {
    const { facts, subkey } = record;
    const at = { reader, stack: this.#stack, layerId: this.layerId };
    switch (facts.kind) {
      case "bucket":
        return this.#checkBucket(reader, subkey, facts.bucket);
      case "configuration":
        return this.#checkConfiguration(reader, subkey);
      case "version":
        return checkVersion(at, { subkey, facts, bucketName: bucket?.name ?? "" });
      case "manifest":
      case "attributes":
      case "annotation":
        return besideVersion(facts.kind, { version: await versionBeside(at, subkey), layerId: this.layerId, subkey });
      case "part":
        if ((await this.#uploadsOf(reader, layered.bucketIdOf(subkey))).has(layered.partUploadId(subkey))) return [];
        return [fault("upload", `the part ${quoted(layerPrefix(this.layerId) + subkey)} is of no upload`)];
      default:
        return [];
    }
  }

  async #count(reader: Reader, subkey: string, counts: Counts): Promise<void> {
    const before = this.#below.layers.length === 0 ? {} : await this.#countsBelow(reader, subkey);
    for (const counter of COUNTERS) {
      const delta = (counts[counter] ?? 0) - (before[counter] ?? 0);
      if (delta === 0) continue;
      const counterKey = layered.counter(layered.bucketIdOf(subkey), counter);
      this.#counted.set(counterKey, (this.#counted.get(counterKey) ?? 0) + delta);
    }
  }

  /** What a record counts that is hidden now. */
  async #countsBelow(reader: Reader, subkey: string): Promise<Counts> {
    const record = await getThrough(reader, this.#below, subkey);
    if (record === undefined) return {};
    try {
      return readRecord(subkey, record).counts;
    } catch {
      this.#isUncertain = true;
      return {};
    }
  }

  /** Whether one of its records could not be read: then bodies that seem to be in no use may be. */
  get isUncertain(): boolean {
    return this.#isUncertain;
  }

  /** After its last record. */
  async finish(reader: Reader): Promise<Found[]> {
    const findings: Found[] = [];
    const counters = new Set([...this.#counted.keys(), ...this.#kept.keys()]);
    if (counters.size === 0) return findings;
    const buckets = await this.#bucketsOf(reader);
    for (const counterKey of counters) {
      // What is left of the counters of a bucket that is gone is never read again.
      const bucket = buckets.get(layered.counterBucket(counterKey));
      const [kept, right] = [this.#kept.get(counterKey) ?? 0, this.#counted.get(counterKey) ?? 0];
      if (bucket === undefined || kept === right) continue;
      const word = COUNTER_WORDS[layered.counterName(counterKey) as keyof typeof COUNTER_WORDS];
      const text = `bucket ${bucket.name}: layer ${this.layerId} counts ${kept} ${word} and holds ${right}`;
      const mending = {
        repair: `sets the count to ${right}`,
        mend: async (tx: Transaction) => tx.put(layerPrefix(this.layerId) + counterKey, String(right)),
      };
      findings.push(fault("counter", text, this.#isUncertain ? {} : mending));
    }
    return findings;
  }

  async #checkBucket(reader: Reader, subkey: string, bucket: BucketRecord): Promise<Found[]> {
    const { name, partition, id, configurations } = bucket;
    if (layered.bucket(partition, name) !== subkey)
      return [fault("bucket", `the record of bucket ${name} stands under another name: ${quoted(subkey)}`)];
    const findings: Found[] = [];
    for (const kind of configurations) {
      if (!(await this.#hasConfiguration(reader, id, kind)))
        findings.push(fault("bucket", `bucket ${name} has no document of its configuration ${kind}`));
    }
    return findings;
  }

  async #hasConfiguration(reader: Reader, bucketId: string, kind: ConfigurationKind): Promise<boolean> {
    if (!isNamedKind(kind))
      return (await getThrough(reader, this.#stack, layered.configuration(bucketId, kind))) !== undefined;
    const range = layered.namedConfigurations(bucketId, kind);
    return (await scanLayered(reader, this.#stack, { range, limit: 1 })).length > 0;
  }

  async #checkConfiguration(reader: Reader, subkey: string): Promise<Found[]> {
    const bucket = (await this.#bucketsOf(reader)).get(layered.bucketIdOf(subkey));
    const name = layered.configurationKind(subkey);
    const [kind = ""] = name.split("/");
    // What layers keep of a bucket that is gone is never read again.
    if (bucket === undefined || kind === "renames") return [];
    const known = bucket.configurations.find((present) => present === kind);
    if (known !== undefined && isNamedKind(known) === (kind !== name)) return [];
    return [
      fault("bucket", `bucket ${bucket.name} does not know of its configuration ${name}`, {
        repair: "removes the document",
        mend: async (tx) =>
          this.#below.layers.length === 0
            ? tx.delete(layerPrefix(this.layerId) + subkey)
            : tx.put(layerPrefix(this.layerId) + subkey, TOMBSTONE),
      }),
    ];
  }

  /** The buckets that the stack shows from this layer, by their ids. */
  async #bucketsOf(reader: Reader): Promise<ReadonlyMap<string, BucketRecord>> {
    if (this.#buckets !== undefined) return this.#buckets;
    const buckets = new Map<string, BucketRecord>();
    const { end, start } = layered.allBuckets;
    for (let from = start; ;) {
      const page = await mergeLayers(reader, this.#stack, { range: { start: from, end }, limit: BUCKETS_PAGE });
      for (const [, record] of page) {
        if (record === TOMBSTONE) continue;
        const bucket = readBucket(record);
        if (bucket !== undefined) buckets.set(bucket.id, bucket);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < BUCKETS_PAGE) break;
      from = `${last[0]}\0`;
    }
    this.#buckets = buckets;
    return buckets;
  }

  async #uploadsOf(reader: Reader, bucketId: string): Promise<ReadonlySet<string>> {
    const known = this.#uploads.get(bucketId);
    if (known !== undefined) return known;
    const entries = await scanAllLayered(reader, this.#stack, prefixRange(layered.uploads(bucketId).start));
    const uploads = new Set(entries.map(([subkey]) => layered.uploadId(subkey)));
    this.#uploads.set(bucketId, uploads);
    return uploads;
  }
}

const besideVersion = (
  kind: "manifest" | "attributes" | "annotation",
  { version, layerId, subkey }: { version: Version | undefined; layerId: string; subkey: string },
): Found[] => {
  const key = quoted(layerPrefix(layerId) + subkey);
  if (version === undefined || version.kind === "deleteMarker")
    return [fault("version", `the record ${key} is of no version`)];
  // Where the version knows of any, it counts them itself.
  if (kind !== "annotation" || version.annotationCount > 0) return [];
  return [fault("version", `the annotation ${key} is of a version that has none`)];
};

/** One that cannot be read is a finding where it stands. */
const readBucket = (record: string): BucketRecord | undefined => {
  try {
    return decodeBucket(record, { accountId: "", epoch: 0 });
  } catch {
    return undefined;
  }
};

const tombstoneAtBottom = (key: string): Found =>
  fault("record", `the record ${quoted(key)} deletes something although nothing is below it`, {
    repair: "removes the record",
    mend: async (tx) => tx.delete(key),
  });
