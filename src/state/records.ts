/**
 * How records are written: JSON arrays of fixed positions, the format number first. Older formats are read forever, only the
 * newest is written. Positions are cheaper to write and to read than names, and a list of 1,000 is read in one go.
 */
import type {
  AccessKey,
  Annotation,
  Bucket,
  Checksum,
  ConfigurationKind,
  DeleteMarker,
  Extent,
  ManifestPart,
  ObjectAttributes,
  ObjectOwnership,
  ObjectVersion,
  Part,
  Partition,
  SnapshotCapture,
  Upload,
  Version,
  Versioning,
  WorldLife,
  WorldSettings,
} from "./model.ts";

/** The format of every record that this program writes. */
export const RECORD_FORMAT = 1;

const parse = <T extends readonly unknown[]>(text: string): T => {
  const record = JSON.parse(text) as T;
  if (record[0] !== RECORD_FORMAT) throw new Error(`record of unknown format ${String(record[0])}`);
  return record;
};

const write = (...fields: unknown[]): string => JSON.stringify([RECORD_FORMAT, ...fields]);

/** Which layer is on top of an account's stack. */
export type Head = {
  readonly layerId: string;
  /** Goes up with every reset and restore. */
  readonly epoch: number;
  /** Whether a snapshot or fork stands on the top layer, so that the next write needs a new one. */
  readonly sealed: boolean;
};

type HeadRecord = [format: number, layerId: string, epoch: number, sealed: 0 | 1];
export const encodeHead = (head: Head): string => write(head.layerId, head.epoch, head.sealed ? 1 : 0);
export const decodeHead = (text: string): Head => {
  const [, layerId, epoch, sealed] = parse<HeadRecord>(text);
  return { layerId, epoch, sealed: sealed === 1 };
};

type LayerRecord = [format: number, parentId: string];
/** `parentId` is empty for the bottom of a stack. */
export const encodeLayer = (parentId: string): string => write(parentId);
export const decodeLayer = (text: string): string => parse<LayerRecord>(text)[1];

export type WorldRecord = {
  readonly settings: WorldSettings;
  /** The settings it was created with: a reset of everything goes back to them. */
  readonly initialSettings: WorldSettings;
  /** 64 hex digits. */
  readonly seed: string;
} & WorldLife;
type WorldFields = [
  format: number,
  settings: WorldSettings,
  initialSettings: WorldSettings,
  seed: string,
  life?: WorldLife,
];
export const encodeWorld = ({ settings, initialSettings, seed, ...life }: WorldRecord): string =>
  write(settings, initialSettings, seed, life);
export const decodeWorld = (text: string): WorldRecord => {
  const [, settings, initialSettings, seed, life] = parse<WorldFields>(text);
  return { settings, initialSettings, seed, ...life };
};

export type SnapshotRecord = {
  readonly createdAtMs: number;
  readonly whole: boolean;
  readonly idPosition: number;
} & SnapshotCapture;
type SnapshotFields = [
  format: number,
  createdAtMs: number,
  whole: 0 | 1,
  idPosition: number,
  capture?: SnapshotCapture,
];
export const encodeSnapshot = ({ createdAtMs, whole, idPosition, ...capture }: SnapshotRecord): string =>
  write(createdAtMs, whole ? 1 : 0, idPosition, capture);
export const decodeSnapshot = (text: string): SnapshotRecord => {
  const [, createdAtMs, whole, idPosition, capture] = parse<SnapshotFields>(text);
  return { createdAtMs, whole: whole === 1, idPosition, ...capture };
};

/** The namespace's record of a bucket name. */
export type NameRecord = { readonly accountId: string; readonly bucketId: string };
type NameFields = [format: number, accountId: string, bucketId: string];
export const encodeName = (name: NameRecord): string => write(name.accountId, name.bucketId);
export const decodeName = (text: string): NameRecord => {
  const [, accountId, bucketId] = parse<NameFields>(text);
  return { accountId, bucketId };
};

export type BucketRecord = Omit<Bucket, "epoch" | "accountId">;
type BucketFields = [
  format: number,
  id: string,
  name: string,
  partition: Partition,
  region: string,
  createdAtMs: number,
  versioning: Versioning,
  objectOwnership: ObjectOwnership,
  objectLockEnabled: 0 | 1,
  hadUploads: 0 | 1,
  locationConstraint: string,
  configurations: readonly ConfigurationKind[],
];
export const encodeBucket = (bucket: BucketRecord): string =>
  write(
    bucket.id,
    bucket.name,
    bucket.partition,
    bucket.region,
    bucket.createdAtMs,
    bucket.versioning,
    bucket.objectOwnership,
    bucket.objectLockEnabled ? 1 : 0,
    bucket.hadUploads ? 1 : 0,
    bucket.locationConstraint ?? "",
    bucket.configurations,
  );
export const decodeBucket = (text: string, owner: { accountId: string; epoch: number }): Bucket => {
  const [
    ,
    id,
    name,
    partition,
    region,
    createdAtMs,
    versioning,
    objectOwnership,
    locked,
    hadUploads,
    constraint,
    configurations,
  ] = parse<BucketFields>(text);
  const bucket: Bucket = {
    id,
    name,
    accountId: owner.accountId,
    partition,
    region,
    createdAtMs,
    versioning,
    objectOwnership,
    objectLockEnabled: locked === 1,
    hadUploads: hadUploads === 1,
    configurations,
    epoch: owner.epoch,
  };
  return constraint === "" ? bucket : { ...bucket, locationConstraint: constraint };
};

type ExtentFields = [bodyId: string, offsetBytes: number, lengthBytes: number, holder: string];
const encodeExtents = (extents: readonly Extent[]): ExtentFields[] =>
  extents.map(({ bodyId, offsetBytes, lengthBytes, holder }) => [bodyId, offsetBytes, lengthBytes, holder]);
const decodeExtents = (fields: readonly ExtentFields[]): Extent[] =>
  fields.map(([bodyId, offsetBytes, lengthBytes, holder]) => ({ bodyId, offsetBytes, lengthBytes, holder }));

/** 0 stands for what is usual or absent, so that most records stay short. */
type VersionFields = [
  format: number,
  seq: number,
  versionId: string,
  lastModifiedMs: number,
  ownerAccountId: string,
  /** Absent from here on for a delete marker. */
  etag?: string,
  sizeBytes?: number,
  storageClass?: string | 0,
  checksum?: [algorithm: string, composite: 0 | 1, value: string] | 0,
  partCount?: number,
  /** 1: in manifest records of its own. */
  content?: ExtentFields[] | 1,
  /** 0: none. 1: in a record of its own. */
  attributes?: ObjectAttributes | 0 | 1,
  /** Absent: none. */
  annotationCount?: number,
];

export const STANDARD = "STANDARD";

const encodeChecksum = (checksum: Checksum | undefined): [string, 0 | 1, string] | 0 =>
  checksum === undefined ? 0 : [checksum.algorithm, checksum.type === "COMPOSITE" ? 1 : 0, checksum.value];

export const encodeDeleteMarker = ({ seq, versionId, lastModifiedMs, ownerAccountId }: DeleteMarker): string =>
  write(seq, versionId, lastModifiedMs, ownerAccountId);

/** The record of an object; its attributes come as `encodeAttributes` wrote them, or stand in a record of their own. */
export const encodeObject = (version: ObjectVersion, attributes: string | undefined): string => {
  const { seq, versionId, lastModifiedMs, ownerAccountId } = version;
  const members = write(
    seq,
    versionId,
    lastModifiedMs,
    ownerAccountId,
    version.etag,
    version.sizeBytes,
    version.storageClass === STANDARD ? 0 : version.storageClass,
    encodeChecksum(version.checksum),
    version.partCount,
    version.hasManifest ? 1 : encodeExtents(version.extents),
  );
  // The attributes are JSON already: written once, for their length and for the record.
  const annotations = version.annotationCount === 0 ? "" : `,${version.annotationCount}`;
  return `${members.slice(0, -1)},${attributes ?? "1"}${annotations}]`;
};

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

const NO_ATTRIBUTES: ObjectAttributes = {};

export const decodeVersion = (key: string, text: string): { version: Version; attributesApart: boolean } => {
  const [
    ,
    seq,
    versionId,
    lastModifiedMs,
    ownerAccountId,
    etag,
    sizeBytes,
    storageClass,
    checksum,
    partCount,
    content,
    attributes,
    annotationCount,
  ] = parse<VersionFields>(text);
  if (etag === undefined) {
    const marker: DeleteMarker = { kind: "deleteMarker", key, versionId, seq, lastModifiedMs, ownerAccountId };
    return { version: marker, attributesApart: false };
  }
  // Filled in place: a spread within a literal costs more than all of its members.
  const object: Mutable<ObjectVersion> = {
    kind: "object",
    key,
    versionId,
    seq,
    etag,
    sizeBytes: sizeBytes ?? 0,
    lastModifiedMs,
    storageClass: storageClass === 0 || storageClass === undefined ? STANDARD : storageClass,
    ownerAccountId,
    extents: Array.isArray(content) ? decodeExtents(content) : [],
    hasManifest: content === 1,
    partCount: partCount ?? 0,
    attributes: typeof attributes === "object" ? attributes : NO_ATTRIBUTES,
    annotationCount: annotationCount ?? 0,
  };
  if (checksum !== 0 && checksum !== undefined) {
    const [algorithm, composite, value] = checksum;
    object.checksum = { algorithm, type: composite === 1 ? "COMPOSITE" : "FULL_OBJECT", value };
  }
  return { version: object, attributesApart: attributes === 1 };
};

type ManifestFields = [
  format: number,
  parts: [partNumber: number, sizeBytes: number, checksum: string | 0, extents: ExtentFields[]][],
];
export const encodeManifestChunk = (parts: readonly ManifestPart[]): string =>
  write(
    parts.map(({ partNumber, sizeBytes, checksum, extents }) => [
      partNumber,
      sizeBytes,
      checksum ?? 0,
      encodeExtents(extents),
    ]),
  );
export const decodeManifestChunk = (text: string): ManifestPart[] =>
  parse<ManifestFields>(text)[1].map(([partNumber, sizeBytes, checksum, extents]) => ({
    partNumber,
    sizeBytes,
    ...(checksum === 0 ? {} : { checksum }),
    extents: decodeExtents(extents),
  }));

/** As they stand within a record. */
export const encodeAttributes = (attributes: ObjectAttributes): string => JSON.stringify(attributes);
/** As a record of their own. */
export const encodeAttributesRecord = (attributes: string): string => `[${RECORD_FORMAT},${attributes}]`;
export const decodeAttributesRecord = (text: string): ObjectAttributes => parse<[number, ObjectAttributes]>(text)[1];

type AnnotationFields = [
  format: number,
  etag: string,
  sizeBytes: number,
  lastModifiedMs: number,
  checksumAlgorithm: string,
  checksumValue: string,
  extents: ExtentFields[],
];
export const encodeAnnotation = ({ etag, sizeBytes, lastModifiedMs, checksum, extents }: Annotation): string =>
  write(etag, sizeBytes, lastModifiedMs, checksum.algorithm, checksum.value, encodeExtents(extents));
export const decodeAnnotation = (name: string, text: string): Annotation => {
  const [, etag, sizeBytes, lastModifiedMs, algorithm, value, extents] = parse<AnnotationFields>(text);
  return { name, etag, sizeBytes, lastModifiedMs, checksum: { algorithm, value }, extents: decodeExtents(extents) };
};

type UploadFields = [format: number, upload: Omit<Upload, "key" | "uploadId">];
export const encodeUpload = ({ key: _key, uploadId: _uploadId, ...rest }: Upload): string => write(rest);
export const decodeUpload = (text: string, name: { key: string; uploadId: string }): Upload => ({
  ...name,
  ...parse<UploadFields>(text)[1],
});

type PartFields = [
  format: number,
  partNumber: number,
  etag: string,
  sizeBytes: number,
  lastModifiedMs: number,
  checksumAlgorithm: string,
  checksumValue: string,
  checksumGiven: 0 | 1,
  extents: ExtentFields[],
];
export const encodePart = (part: Part): string =>
  write(
    part.partNumber,
    part.etag,
    part.sizeBytes,
    part.lastModifiedMs,
    part.checksum.algorithm,
    part.checksum.value,
    part.checksumGiven ? 1 : 0,
    encodeExtents(part.extents),
  );
export const decodePart = (text: string): Part => {
  const [, partNumber, etag, sizeBytes, lastModifiedMs, algorithm, value, given, extents] = parse<PartFields>(text);
  return {
    partNumber,
    etag,
    sizeBytes,
    lastModifiedMs,
    checksum: { algorithm, value },
    checksumGiven: given === 1,
    extents: decodeExtents(extents),
  };
};

type AccessKeyFields = [
  format: number,
  secretAccessKey: string,
  accountId: string,
  userName: string,
  createdAtMs: number,
];
export const encodeAccessKey = (key: AccessKey): string =>
  write(key.secretAccessKey, key.accountId, key.userName ?? "", key.createdAtMs);
export const decodeAccessKey = (accessKeyId: string, text: string): AccessKey => {
  const [, secretAccessKey, accountId, userName, createdAtMs] = parse<AccessKeyFields>(text);
  return { accessKeyId, secretAccessKey, accountId, ...(userName === "" ? {} : { userName }), createdAtMs };
};

/** The document of work that falls due; its key says the rest. */
export const encodeDue = (document: string): string => write(document);
export const decodeDue = (text: string): string => parse<[format: number, document: string]>(text)[1];
