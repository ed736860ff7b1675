/**
 * Every key of the store, and nowhere else. See docs/store-format.md.
 *
 * A key is a tuple written so that its UTF-8 bytes sort as the tuple does: fixed-width parts stand as they are, a text that
 * something follows has its NULs escaped and ends with two. Ids are 16 lower-case hex digits.
 */
import { prefixEnd } from "../engine/keys.ts";
import type { KeyRange } from "../engine/port.ts";
import type { Partition } from "./model.ts";

/** Ends a text of any length within a key; sorts below every continuation of the text. */
const END = "\0\0";
const ID_CHARS = 16;

const escapeText = (text: string): string => (text.includes("\0") ? text.replaceAll("\0", "\0\u0001") : text);
const unescapeText = (text: string): string => (text.includes("\0") ? text.replaceAll("\0\u0001", "\0") : text);

export const prefixRange = (prefix: string): KeyRange => ({ start: prefix, end: prefixEnd(prefix) });

/** The catalog: what is not layered. World and snapshot names and account ids contain no NUL. */
export const catalog = {
  format: "Cf",
  boot: "Cb",
  /** Boots whose files may include some that no record names: those not ended in order, or with bodies that died since. */
  unfinishedBoot: (bootId: string) => `Cu${bootId}`,
  unfinishedBoots: prefixRange("Cu"),
  world: (world: string) => `Cw${world}`,
  worlds: prefixRange("Cw"),
  idPosition: (world: string) => `Cp${world}`,
  head: (world: string, accountId: string) => `Ch${world}\0${accountId}`,
  heads: (world: string) => prefixRange(`Ch${world}\0`),
  headAccount: (key: string) => key.slice(key.indexOf("\0") + 1),
  layer: (layerId: string) => `Cy${layerId}`,
  snapshot: (world: string, name: string) => `Cs${world}\0${name}`,
  snapshots: (world: string) => prefixRange(`Cs${world}\0`),
  snapshotName: (key: string) => key.slice(key.indexOf("\0") + 1),
  snapshotHead: (world: string, name: string, accountId: string) => `Ct${world}\0${name}\0${accountId}`,
  snapshotHeads: (world: string, name: string) => prefixRange(`Ct${world}\0${name}\0`),
  snapshotHeadAccount: (key: string) => key.slice(key.lastIndexOf("\0") + 1),
  accessKey: (world: string, accessKeyId: string) => `Ck${world}\0${accessKeyId}`,
  accessKeys: (world: string) => prefixRange(`Ck${world}\0`),
};

/** Bodies stand outside all layers. */
export const bodyKeys = {
  /** Text: the size of a body that is a file. */
  file: (bodyId: string) => `Bf${bodyId}`,
  /** Bytes: a small body itself. */
  inline: (bodyId: string) => `Bi${bodyId}`,
  /** Text: present once a body has had more than one holder. */
  shared: (bodyId: string) => `Bs${bodyId}`,
  /** Text: one holder of a shared body. */
  reference: (bodyId: string, holder: string) => `Br${bodyId}/${holder}`,
  references: (bodyId: string) => prefixRange(`Br${bodyId}/`),
};

/** A layered key: what a layer's records begin with, and the rest, which is the same in every layer. */
export const layerPrefix = (layerId: string): string => `L${layerId}`;
export const LAYER_PREFIX_CHARS = 1 + ID_CHARS;

const PARTITION_CODES: Record<Partition, string> = { aws: "a", "aws-cn": "c", "aws-us-gov": "g" };

const objectPath = (kind: string, bucketId: string, key: string): string =>
  `${kind}${bucketId}${escapeText(key)}${END}`;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

const SEQ_DIGITS = 11;
/** Sequence numbers of a key's versions go from 1 to this. */
export const SEQ_MAX = 16 ** SEQ_DIGITS - 1;
const PART_DIGITS = 4;

export const layered = {
  /** An account's own list of its buckets. */
  bucket: (partition: Partition, name: string) => `b${PARTITION_CODES[partition]}${name}`,
  buckets: (partition: Partition, prefix: string) => prefixRange(`b${PARTITION_CODES[partition]}${prefix}`),
  allBuckets: prefixRange("b"),
  /** The namespace's own records: which account has a name. */
  name: (partition: Partition, name: string) => `n${PARTITION_CODES[partition]}${name}`,
  configuration: (bucketId: string, kind: string) => `f${bucketId}${kind}`,
  configurations: (bucketId: string) => prefixRange(`f${bucketId}`),
  counter: (bucketId: string, counter: string) => `c${bucketId}${counter}`,
  counters: (bucketId: string) => prefixRange(`c${bucketId}`),
  allCounters: prefixRange("c"),
  counterBucket: (subkey: string) => subkey.slice(1, 1 + ID_CHARS),
  counterName: (subkey: string) => subkey.slice(1 + ID_CHARS),
  /** The current object of a key; the key stands last and needs no escape. */
  live: (bucketId: string, key: string) => `o${bucketId}${key}`,
  lives: (bucketId: string) => prefixRange(`o${bucketId}`),
  liveObjectKey: (subkey: string) => subkey.slice(1 + ID_CHARS),
  /** Versions that are not current, and all delete markers, newest first. */
  version: (bucketId: string, key: string, seq: number) =>
    `${objectPath("v", bucketId, key)}${hex(SEQ_MAX - seq, SEQ_DIGITS)}`,
  versions: (bucketId: string) => prefixRange(`v${bucketId}`),
  versionsOf: (bucketId: string, key: string) => prefixRange(objectPath("v", bucketId, key)),
  versionObjectKey: (subkey: string) => unescapeText(subkey.slice(1 + ID_CHARS, -SEQ_DIGITS - END.length)),
  /** Where versions whose keys begin with `prefix` start. */
  versionsFrom: (bucketId: string, prefix: string) => `v${bucketId}${escapeText(prefix)}`,
  /** The extents and parts of an object that has many, in chunks. */
  manifest: (bucketId: string, key: string, seq: number) => `${objectPath("m", bucketId, key)}${hex(seq, SEQ_DIGITS)}`,
  manifestChunk: (manifest: string, chunk: number) => `${manifest}${hex(chunk, PART_DIGITS)}`,
  /** Attributes that are too long to stand in a listed record. */
  attributes: (bucketId: string, key: string, seq: number) =>
    `${objectPath("x", bucketId, key)}${hex(seq, SEQ_DIGITS)}`,
  upload: (bucketId: string, key: string, uploadId: string) => `${objectPath("u", bucketId, key)}${uploadId}`,
  uploads: (bucketId: string) => prefixRange(`u${bucketId}`),
  uploadsOf: (bucketId: string, key: string) => prefixRange(objectPath("u", bucketId, key)),
  uploadsFrom: (bucketId: string, prefix: string) => `u${bucketId}${escapeText(prefix)}`,
  uploadObjectKey: (subkey: string) => unescapeText(subkey.slice(1 + ID_CHARS, subkey.lastIndexOf(END))),
  part: (bucketId: string, uploadId: string, partNumber: number) =>
    `p${bucketId}${uploadId}/${hex(partNumber, PART_DIGITS)}`,
  parts: (bucketId: string, uploadId: string) => prefixRange(`p${bucketId}${uploadId}/`),
};
