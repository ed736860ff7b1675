/** What one layered record says, as a check needs it: what it counts, where its bytes are, what it depends on. */
import { decodeAccessPoint } from "../access-points.ts";
import { decodeEvent, decodeEventJournal, decodeEventSequence } from "../event-records.ts";
import { decodeIdentity } from "../identities/records.ts";
import { layered } from "../keys.ts";
import type { Extent, ManifestPart, ObjectAttributes, ObjectVersion } from "../model.ts";
import {
  decodeAnnotation,
  decodeAttributesRecord,
  decodeBucket,
  decodeDue,
  decodeManifestChunk,
  decodeName,
  decodePart,
  decodeUpload,
  decodeVersion,
  type NameRecord,
  type BucketRecord,
} from "../records.ts";
import { TOMBSTONE } from "../stack.ts";

/** How a record changes its bucket's counters, by their names in keys. */
export type Counts = { readonly [Counter in "o" | "n" | "u" | "b"]?: number };

/** Bytes of a record, with what tells whether they are right. */
export type Bytes = {
  readonly sizeBytes: number;
  readonly extents: readonly Extent[];
  /** Of the whole of them. */
  readonly digest?: { readonly algorithm: string; readonly value: string; readonly encoding: "base64" | "hex" };
};

export type Facts =
  | { readonly kind: "none" }
  | { readonly kind: "bucket"; readonly bucket: BucketRecord }
  | { readonly kind: "name"; readonly name: NameRecord }
  | { readonly kind: "configuration" }
  | { readonly kind: "version"; readonly version?: ObjectVersion; readonly seq: number; readonly apart: boolean }
  | { readonly kind: "manifest"; readonly parts: readonly ManifestPart[] }
  | { readonly kind: "attributes" | "annotation" | "upload" | "part" };

export type RecordFacts = { readonly facts: Facts; readonly counts: Counts; readonly bytes: readonly Bytes[] };

const NOTHING: RecordFacts = { facts: { kind: "none" }, counts: {}, bytes: [] };

const MD5_HEX = /^[0-9a-f]{32}$/;

/** Whether the ETags of what is encrypted so are MD5s. */
const showsMd5 = (encryption: ObjectAttributes["encryption"]): boolean =>
  encryption === undefined || (encryption.algorithm === "AES256" && encryption.customerKeyMd5 === undefined);

const digestOfVersion = ({ checksum, etag, partCount, attributes }: ObjectVersion, apart: boolean): Bytes["digest"] => {
  if (checksum?.type === "FULL_OBJECT") return { ...checksum, encoding: "base64" };
  const isMd5 = partCount === 0 && !apart && showsMd5(attributes.encryption) && MD5_HEX.test(etag);
  return isMd5 ? { algorithm: "MD5", value: etag, encoding: "hex" } : undefined;
};

const withDigest = (digest: Bytes["digest"]): Pick<Bytes, "digest"> => (digest === undefined ? {} : { digest });

/** The digest that a part's checksum is, where it is the part's own. */
export const digestOfPart = (algorithm: string, value: string | undefined): Bytes["digest"] =>
  value === undefined || value.includes("-") ? undefined : { algorithm, value, encoding: "base64" };

/** What `subkey` and its record say. Throws where the record cannot be read. */
export const readRecord = (subkey: string, record: string): RecordFacts => {
  if (record === TOMBSTONE) return NOTHING;
  switch (subkey[0]) {
    case "b":
      return { ...NOTHING, facts: { kind: "bucket", bucket: decodeBucket(record, { accountId: "", epoch: 0 }) } };
    case "n":
      return { ...NOTHING, facts: { kind: "name", name: decodeName(record) } };
    case "i":
      decodeIdentity(layered.identityKey(subkey), { text: record, accountId: "" });
      return NOTHING;
    case "f":
      JSON.parse(record);
      return { ...NOTHING, facts: { kind: "configuration" } };
    case "c":
      if (!Number.isSafeInteger(Number(record))) throw new Error("it is no number");
      return NOTHING;
    case "o":
    case "v":
      return readVersion(subkey, record);
    case "m": {
      const parts = decodeManifestChunk(record);
      return {
        facts: { kind: "manifest", parts },
        counts: {},
        bytes: parts.map(({ sizeBytes, extents }) => ({ sizeBytes, extents })),
      };
    }
    case "x":
      decodeAttributesRecord(record);
      return { ...NOTHING, facts: { kind: "attributes" } };
    case "a": {
      const { sizeBytes, extents, checksum } = decodeAnnotation("", record);
      const digest = digestOfPart(checksum.algorithm, checksum.value);
      return {
        facts: { kind: "annotation" },
        counts: { b: sizeBytes },
        bytes: [{ sizeBytes, extents, ...withDigest(digest) }],
      };
    }
    case "u":
      decodeUpload(record, { key: "", uploadId: "" });
      return { ...NOTHING, facts: { kind: "upload" }, counts: { u: 1 } };
    case "p": {
      const { sizeBytes, extents, checksum } = decodePart(record);
      const digest = digestOfPart(checksum.algorithm, checksum.value);
      return {
        facts: { kind: "part" },
        counts: { b: sizeBytes },
        bytes: [{ sizeBytes, extents, ...withDigest(digest) }],
      };
    }
    case "d":
      decodeDue(record);
      return NOTHING;
    case "e":
      readEventRecord(subkey, record);
      return NOTHING;
    case "s":
      readControlRecord(subkey, record);
      return NOTHING;
    default:
      throw new Error("records of its kind are unknown");
  }
};

const readEventRecord = (subkey: string, record: string): void => {
  if (subkey === layered.eventSequence) decodeEventSequence(record);
  else if (subkey === layered.eventJournal) decodeEventJournal(record);
  else decodeEvent(record);
};

const readControlRecord = (subkey: string, record: string): void => {
  if (subkey.startsWith(layered.allAccessPoints.start)) decodeAccessPoint(subkey, { text: record, accountId: "" });
  else if (!subkey.startsWith(layered.accessPointAlias(""))) JSON.parse(record);
};

const readVersion = (subkey: string, record: string): RecordFacts => {
  const { version, attributesApart: apart } = decodeVersion("", record);
  const { seq } = version;
  const counter = subkey.startsWith("o") ? "o" : "n";
  if (version.kind === "deleteMarker") {
    if (counter === "o") throw new Error("a delete marker stands as a current object");
    return { facts: { kind: "version", seq, apart: false }, counts: { n: 1 }, bytes: [] };
  }
  const { sizeBytes, extents, hasManifest } = version;
  const bytes = hasManifest ? [] : [{ sizeBytes, extents, ...withDigest(digestOfVersion(version, apart)) }];
  return { facts: { kind: "version", version, seq, apart }, counts: { [counter]: 1, b: sizeBytes }, bytes };
};

/** The bucket and the object key that a record belongs to, as findings name them. */
export const objectKeyOf = (subkey: string): string =>
  subkey.startsWith("o") ? layered.liveObjectKey(subkey) : layered.objectPlace(subkey).key;
