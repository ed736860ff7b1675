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
  allHeads: prefixRange("Ch"),
  headAccount: (key: string) => key.slice(key.indexOf("\0") + 1),
  layer: (layerId: string) => `Cy${layerId}`,
  layers: prefixRange("Cy"),
  snapshot: (world: string, name: string) => `Cs${world}\0${name}`,
  snapshots: (world: string) => prefixRange(`Cs${world}\0`),
  allSnapshots: prefixRange("Cs"),
  snapshotName: (key: string) => key.slice(key.indexOf("\0") + 1),
  snapshotHead: (world: string, name: string, accountId: string) => `Ct${world}\0${name}\0${accountId}`,
  snapshotHeads: (world: string, name: string) => prefixRange(`Ct${world}\0${name}\0`),
  allSnapshotHeads: prefixRange("Ct"),
  snapshotHeadAccount: (key: string) => key.slice(key.lastIndexOf("\0") + 1),
  /** The registered keys that a snapshot's world had, for forks of the snapshot. */
  snapshotKey: (world: string, name: string, accessKeyId: string) => `Cq${world}\0${name}\0${accessKeyId}`,
  snapshotKeys: (world: string, name: string) => prefixRange(`Cq${world}\0${name}\0`),
  allSnapshotKeys: prefixRange("Cq"),
  accessKey: (world: string, accessKeyId: string) => `Ck${world}\0${accessKeyId}`,
  accessKeys: (world: string) => prefixRange(`Ck${world}\0`),
  allAccessKeys: prefixRange("Ck"),
  /** What the control plane registered of an account: users, roles ...; see identities/. */
  identity: (world: string, accountId: string, key: string) => `Ci${world}\0${accountId}\0${key}`,
  identities: (world: string) => prefixRange(`Ci${world}\0`),
  allIdentities: prefixRange("Ci"),
  /** The registered identities that a snapshot's world had; they end as those of a world do. */
  snapshotIdentities: (world: string, name: string) => prefixRange(`Cj${world}\0${name}\0`),
  allSnapshotIdentities: prefixRange("Cj"),
  /** A layer that is kept while something is read or built; see pinned-snapshot.ts. */
  pin: (pinId: string, layerId: string) => `Cl${pinId}/${layerId}`,
  pinned: (pinId: string) => prefixRange(`Cl${pinId}/`),
  allPins: prefixRange("Cl"),
  /** Where an import that is under way has put the bytes of a digest. */
  importedBody: (importId: string, digest: string) => `Cz${importId}/${digest}`,
  importedBodies: (importId: string) => prefixRange(`Cz${importId}/`),
  allImportedBodies: prefixRange("Cz"),
  /** Every record of a world but its own and the position of its id stream: they go when the world does. */
  ofWorld: (world: string): readonly KeyRange[] =>
    ["Ch", "Cs", "Ct", "Cq", "Ck", "Ci", "Cj"].map((kind) => prefixRange(`${kind}${world}\0`)),
};

/** Bodies stand outside all layers. */
export const bodyKeys = {
  /** Text: the size of a body that is a file. */
  file: (bodyId: string) => `Bf${bodyId}`,
  /** Bytes: a small body itself. */
  inline: (bodyId: string) => `Bi${bodyId}`,
  allFiles: prefixRange("Bf"),
  allInline: prefixRange("Bi"),
  /** Text: present once a body has had more than one holder. */
  shared: (bodyId: string) => `Bs${bodyId}`,
  /** Text: one holder of a shared body. */
  allShared: prefixRange("Bs"),
  reference: (bodyId: string, holder: string) => `Br${bodyId}/${holder}`,
  allReferences: prefixRange("Br"),
  references: (bodyId: string) => prefixRange(`Br${bodyId}/`),
};

/** A layered key: what a layer's records begin with, and the rest, which is the same in every layer. */
export const layerPrefix = (layerId: string): string => `L${layerId}`;
export const LAYER_PREFIX_CHARS = 1 + ID_CHARS;
export const allLayered = prefixRange("L");

const PARTITION_CODES: Record<Partition, string> = { aws: "a", "aws-cn": "c", "aws-us-gov": "g" };

const objectPath = (kind: string, bucketId: string, key: string): string =>
  `${kind}${bucketId}${escapeText(key)}${END}`;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

const SEQ_DIGITS = 11;
/** Sequence numbers of a key's versions go from 1 to this. */
export const SEQ_MAX = 16 ** SEQ_DIGITS - 1;
const PART_DIGITS = 4;
const TIME_DIGITS = 12;
/** Times within keys, in milliseconds since 1970, go from 0 to this, in the year 10889. */
export const KEY_TIME_MS_MAX = 16 ** TIME_DIGITS - 2;

const annotationPath = (bucketId: string, { key, seq }: { key: string; seq: number }): string =>
  `${objectPath("a", bucketId, key)}${hex(seq, SEQ_DIGITS)}`;

export const layered = {
  /** An account's own list of its buckets. */
  bucket: (partition: Partition, name: string) => `b${PARTITION_CODES[partition]}${name}`,
  buckets: (partition: Partition, prefix: string) => prefixRange(`b${PARTITION_CODES[partition]}${prefix}`),
  allBuckets: prefixRange("b"),
  /** The namespace's own records: which account has a name. */
  name: (partition: Partition, name: string) => `n${PARTITION_CODES[partition]}${name}`,
  allNames: prefixRange("n"),
  /** What clients made through IAM; see identities/. */
  identity: (key: string) => `i${key}`,
  identities: (keyPrefix: string) => prefixRange(`i${keyPrefix}`),
  identityKey: (subkey: string) => subkey.slice(1),
  /** What S3 Control keeps of an account. Regions and names of access points hold no slash. */
  control: prefixRange("s"),
  accountBlock: "sb",
  accessPoint: (region: string, name: string) => `sp${region}/${name}`,
  accessPoints: (region: string) => prefixRange(`sp${region}/`),
  allAccessPoints: prefixRange("sp"),
  /** Policy or tags of an access point. */
  accessPointDocument: (region: string, name: string, kind: string) => `sd${region}/${name}/${kind}`,
  /** The access point that an alias stands for. */
  accessPointAlias: (alias: string) => `sa${alias}`,
  /** What a subkey of an access point, or of one of its documents, says. */
  accessPointPlace: (subkey: string) => {
    const [region = "", name = "", document] = subkey.slice(2).split("/");
    return { region, name, document };
  },
  configuration: (bucketId: string, kind: string) => `f${bucketId}${kind}`,
  configurations: (bucketId: string) => prefixRange(`f${bucketId}`),
  /** A configuration of which there may be many; its id stands last and needs no escape. */
  namedConfiguration: (bucketId: string, kind: string, id: string) => `f${bucketId}${kind}/${id}`,
  namedConfigurations: (bucketId: string, kind: string) => prefixRange(`f${bucketId}${kind}/`),
  /** Client tokens of renames that were done; they go with the bucket's configurations. */
  renameTokens: (bucketId: string, record: number) => `f${bucketId}renames/${record}`,
  counter: (bucketId: string, counter: string) => `c${bucketId}${counter}`,
  counters: (bucketId: string) => prefixRange(`c${bucketId}`),
  allCounters: prefixRange("c"),
  isCounter: (subkey: string) => subkey.startsWith("c"),
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
  /** An annotation of a version; its name stands last and needs no escape. */
  annotation: (bucketId: string, version: { key: string; seq: number }, name: string) =>
    `${annotationPath(bucketId, version)}${name}`,
  annotations: (bucketId: string, version: { key: string; seq: number }) =>
    prefixRange(annotationPath(bucketId, version)),
  annotationName: (bucketId: string, version: { key: string; seq: number }, subkey: string) =>
    subkey.slice(annotationPath(bucketId, version).length),
  annotationsFrom: (bucketId: string, prefix: string) => `a${bucketId}${escapeText(prefix)}`,
  /** What an annotation's subkey says. */
  annotationPlace: (subkey: string) => {
    const end = subkey.indexOf(END);
    const name = end + END.length + SEQ_DIGITS;
    const seq = Number.parseInt(subkey.slice(end + END.length, name), 16);
    return { key: unescapeText(subkey.slice(1 + ID_CHARS, end)), seq, name: subkey.slice(name) };
  },
  upload: (bucketId: string, key: string, uploadId: string) => `${objectPath("u", bucketId, key)}${uploadId}`,
  uploads: (bucketId: string) => prefixRange(`u${bucketId}`),
  uploadsOf: (bucketId: string, key: string) => prefixRange(objectPath("u", bucketId, key)),
  uploadsFrom: (bucketId: string, prefix: string) => `u${bucketId}${escapeText(prefix)}`,
  uploadId: (subkey: string) => subkey.slice(subkey.lastIndexOf(END) + END.length),
  uploadObjectKey: (subkey: string) => unescapeText(subkey.slice(1 + ID_CHARS, subkey.lastIndexOf(END))),
  part: (bucketId: string, uploadId: string, partNumber: number) =>
    `p${bucketId}${uploadId}/${hex(partNumber, PART_DIGITS)}`,
  parts: (bucketId: string, uploadId: string) => prefixRange(`p${bucketId}${uploadId}/`),
  allParts: (bucketId: string) => prefixRange(`p${bucketId}`),
  /** Work of an account that falls due, by kind (one letter) and time; its id stands last and needs no escape. */
  due: (kind: string, { dueAtMs, id }: { dueAtMs: number; id: string }) => `d${kind}${hex(dueAtMs, TIME_DIGITS)}${id}`,
  /** What falls due up to `untilMs`. */
  duesUntil: (kind: string, untilMs: number): KeyRange => ({
    start: `d${kind}`,
    end: `d${kind}${hex(untilMs + 1, TIME_DIGITS)}`,
  }),
  allDues: prefixRange("d"),
  /** What a subkey of such work says. */
  duePlace: (subkey: string) => ({
    kind: subkey.charAt(1),
    dueAtMs: Number.parseInt(subkey.slice(2, 2 + TIME_DIGITS), 16),
    id: subkey.slice(2 + TIME_DIGITS),
  }),
  /** The sequencer of an account's last event, and how many there were. */
  eventSequence: "es",
  /** Where the journal of an account's events begins and ends. */
  eventJournal: "eh",
  /** An event in the journal. */
  event: (position: number) => `ej${hex(position, TIME_DIGITS)}`,
  eventsAfter: (position: number): KeyRange => ({ ...prefixRange("ej"), start: `ej${hex(position + 1, TIME_DIGITS)}` }),
  eventPosition: (subkey: string) => Number.parseInt(subkey.slice(2), 16),
  partUploadId: (subkey: string) => subkey.slice(1 + ID_CHARS, subkey.lastIndexOf("/")),
  partNumber: (subkey: string) => Number.parseInt(subkey.slice(subkey.lastIndexOf("/") + 1), 16),
  configurationKind: (subkey: string) => subkey.slice(1 + ID_CHARS),
  /** All records whose subkeys begin with that letter. */
  ofKind: (kind: string) => prefixRange(kind),
  /** The object key within a subkey that has something after it, and what that is. */
  objectPlace: (subkey: string) => {
    const end = subkey.indexOf(END, 1 + ID_CHARS);
    return { key: unescapeText(subkey.slice(1 + ID_CHARS, end)), rest: subkey.slice(end + END.length) };
  },
  /** The bucket that a record of a bucket's contents or configurations belongs to, by its id. */
  bucketIdOf: (subkey: string) => subkey.slice(1, 1 + ID_CHARS),
};
