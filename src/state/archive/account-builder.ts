/** From the lines of an account to the records of its layer. */
import { writeAnnotation } from "../annotation-records.ts";
import { count } from "../counters.ts";
import { NamespaceConflictError } from "../errors.ts";
import { isNamedKind } from "../configuration-kinds.ts";
import { DUE_KINDS, dueRecord, KEY_TIME_MS_MAX, lifecycleStart } from "../due.ts";
import { positionOfUploadId } from "../id-stream.ts";
import { nameOf } from "../identities/model.ts";
import { encodeIdentity, identityKey } from "../identities/records.ts";
import { layered } from "../keys.ts";
import { PARTITIONS, type Bucket, type ConfigurationKind, type ObjectVersion, type Upload } from "../model.ts";
import { MANIFEST_CHUNK_PARTS } from "../objects.ts";
import {
  decodeManifestChunk,
  decodeName,
  encodeBucket,
  encodeManifestChunk,
  encodeName,
  encodePart,
  encodeUpload,
} from "../records.ts";
import { getLayered, putLayered, type LayeredEntry, type Stack } from "../stack.ts";
import { seqOfVersionId } from "../version-ids.ts";
import { writeVersion } from "../versions.ts";
import type { Step } from "./build.ts";
import {
  damaged,
  type AnnotationLine,
  type BucketLine,
  type DeleteMarkerLine,
  type DueLine,
  type IdentityLine,
  type Line,
  type ObjectLine,
  type PartLine,
  type UploadLine,
  type UploadPartLine,
} from "./format.ts";

import { accessPointLineRecords, accountBlockRecord } from "./control-lines.ts";
import { readIdentityLine } from "./identity-lines.ts";

const BUCKET_NAME = /^[a-zA-Z0-9._-]{3,255}$/;

/** What the next line may belong to. */
type Owner =
  | { readonly type: "none" }
  | {
      readonly type: "object";
      readonly version: ObjectVersion;
      partsLeft: number;
      parts: number;
      annotationsLeft: number;
    }
  | { readonly type: "upload"; readonly upload: Upload };

/** Parts that go to one record of a manifest, in one step. */
type PartRun = { readonly key: string; readonly chunk: number; readonly lines: PartLine[] };

export class AccountBuilder {
  readonly accountId: string;
  readonly stack: Stack;
  readonly #names: Stack | undefined;
  readonly #newId: () => string;
  #bucket: Bucket | undefined;
  #last: { readonly key: string; readonly seq: number } | undefined;
  #owner: Owner = { type: "none" };
  #run: PartRun | undefined;
  /** Above every position of the id stream that an upload of the account was drawn at. */
  idPositionMin = 0;

  /** `names`: where the names of its buckets are entered, if anywhere. */
  constructor(options: { accountId: string; stack: Stack; names: Stack | undefined; newId: () => string }) {
    this.accountId = options.accountId;
    this.stack = options.stack;
    this.#names = options.names;
    this.#newId = options.newId;
  }

  /** The steps that write a file of lines. Throws `ArchiveError` for lines that do not follow one another. */
  steps(lines: readonly Line[]): Step[] {
    // What a run has gathered was written with the file before.
    this.#run = undefined;
    return lines.flatMap((line) => this.#step(line) ?? []);
  }

  /** Throws `ArchiveError` where more lines ought to follow. */
  end(): void {
    const owner = this.#owner;
    if (owner.type === "object" && (owner.partsLeft > 0 || owner.annotationsLeft > 0))
      throw damaged(`the object ${JSON.stringify(owner.version.key)} lacks some of its parts or annotations`);
    this.#owner = { type: "none" };
  }

  #step(line: Line): Step | undefined {
    switch (line.type) {
      case "part":
        return this.#part(line);
      case "annotation":
        return this.#annotation(line);
      case "uploadPart":
        return this.#uploadPart(line);
    }
    this.end();
    switch (line.type) {
      case "bucket":
        return this.#newBucket(line);
      case "object":
        return this.#object(line);
      case "deleteMarker":
        return this.#deleteMarker(line);
      case "upload":
        return this.#upload(line);
      case "identity":
        return this.#identity(line);
      case "accountBlock":
        return this.#controlRecords("public access block", [accountBlockRecord(line)]);
      case "accessPoint":
        return this.#controlRecords(`access point ${line.name}`, accessPointLineRecords(line, this.accountId));
      case "due":
        return this.#due(line);
      case "accessKey":
        throw damaged("an access key stands among an account's records");
    }
  }

  #identity(line: IdentityLine): Step {
    const identity = readIdentityLine(line);
    if (identity.accountId !== this.accountId) throw damaged("an identity is another account's");
    const { stack } = this;
    const at = layered.identity(identityKey(identity.kind, nameOf(identity)));
    return async (tx) => {
      if ((await getLayered(tx.reader, stack, at)) !== undefined)
        throw damaged(`the ${identity.kind} ${nameOf(identity)} is there twice`);
      putLayered(tx.tx, stack, [at, encodeIdentity(identity)]);
    };
  }

  /** `records`: that by which it is found first. */
  #controlRecords(what: string, records: readonly LayeredEntry[]): Step {
    const { stack } = this;
    return async (tx) => {
      const [[at] = [""]] = records;
      if ((await getLayered(tx.reader, stack, at)) !== undefined) throw damaged(`the ${what} is there twice`);
      for (const record of records) putLayered(tx.tx, stack, record);
    };
  }

  #due({ type: _type, ...due }: DueLine): Step {
    const { kind, dueAtMs } = due;
    if (!DUE_KINDS.includes(kind) || dueAtMs < 0 || dueAtMs > KEY_TIME_MS_MAX)
      throw damaged(`work of the kind ${JSON.stringify(kind)} is due at ${dueAtMs}`);
    return async (tx) => putLayered(tx.tx, this.stack, dueRecord(due));
  }

  #newBucket({ type: _type, configurations, ...shown }: BucketLine): Step {
    const { partition, name } = shown;
    if (!PARTITIONS.includes(partition) || !BUCKET_NAME.test(name)) throw damaged(`a bucket is named ${name}`);
    const kinds = Object.keys(configurations) as ConfigurationKind[];
    const bucket: Bucket = {
      ...shown,
      id: this.#newId(),
      accountId: this.accountId,
      hadUploads: false,
      configurations: kinds,
      epoch: 0,
    };
    this.#bucket = bucket;
    this.#last = undefined;
    const { stack, accountId } = this;
    const names = this.#names;
    return async (tx) => {
      const at = layered.bucket(partition, name);
      if ((await getLayered(tx.reader, stack, at)) !== undefined) throw damaged(`the bucket ${name} is there twice`);
      putLayered(tx.tx, stack, [at, encodeBucket(bucket)]);
      for (const record of documentRecords(bucket.id, configurations)) putLayered(tx.tx, stack, record);
      if (kinds.includes("lifecycle")) putLayered(tx.tx, stack, dueRecord(lifecycleStart(bucket, 0)));
      if (names === undefined) return;
      const nameAt = layered.name(partition, name);
      const taken = await getLayered(tx.reader, names, nameAt);
      if (taken !== undefined) {
        const ownerAccountId = decodeName(taken).accountId;
        throw new NamespaceConflictError({ bucketName: name, ownerAccountId, accountId });
      }
      putLayered(tx.tx, names, [nameAt, encodeName({ accountId, bucketId: bucket.id })]);
    };
  }

  #requireBucket(): Bucket {
    if (this.#bucket === undefined) throw damaged("a record stands before the bucket that it belongs to");
    return this.#bucket;
  }

  /** Where a version stands: those of a key come one after another, newest first. */
  #place({ key, versionId, order }: { key: string; versionId: string; order?: number | undefined }) {
    const bucket = this.#requireBucket();
    const seq = seqOfVersionId(versionId) ?? order;
    const isFirst = this.#last?.key !== key;
    if (seq === undefined || seq < 1 || (!isFirst && seq >= (this.#last?.seq ?? 0)))
      throw damaged(`the versions of ${JSON.stringify(key)} are not in order`);
    this.#last = { key, seq };
    return { bucket, seq, isFirst, scope: { bucket, stack: this.stack, key } };
  }

  #object({ type: kind, order, parts = 0, annotations = 0, body, ...shown }: ObjectLine): Step {
    const { bucket, seq, isFirst, scope } = this.#place({ ...shown, order });
    const described = { kind, ...shown, seq, hasManifest: parts > 0, partCount: parts, annotationCount: annotations };
    const version: ObjectVersion = { ...described, extents: [] };
    this.#owner = { type: "object", version, partsLeft: parts, parts: 0, annotationsLeft: annotations };
    this.#notePosition(version.attributes.uploadId);
    const { key, sizeBytes } = version;
    return async (tx, take) => {
      const extents = parts > 0 ? [] : await take(this.stack, { body, sizeBytes });
      const subkey = isFirst ? layered.live(bucket.id, key) : layered.version(bucket.id, key, seq);
      writeVersion(tx, scope, { subkey, version: { ...version, extents } });
      const deltas = { bytes: sizeBytes, ...(isFirst ? { current: 1 } : { noncurrent: 1 }) };
      count(tx, this.stack, { bucketId: bucket.id, deltas });
    };
  }

  #deleteMarker({ type: kind, order, ...shown }: DeleteMarkerLine): Step {
    const { bucket, seq, scope } = this.#place({ ...shown, order });
    return async (tx) => {
      const subkey = layered.version(bucket.id, shown.key, seq);
      writeVersion(tx, scope, { subkey, version: { kind, ...shown, seq } });
      count(tx, this.stack, { bucketId: bucket.id, deltas: { noncurrent: 1 } });
    };
  }

  #part(line: PartLine): Step | undefined {
    const bucket = this.#requireBucket();
    const owner = this.#owner;
    if (owner.type !== "object" || owner.partsLeft === 0) throw damaged("a part belongs to no object");
    const chunk = Math.floor(owner.parts / MANIFEST_CHUNK_PARTS);
    owner.parts += 1;
    owner.partsLeft -= 1;
    const { key, seq } = owner.version;
    const at = layered.manifestChunk(layered.manifest(bucket.id, key, seq), chunk);
    if (this.#run?.key === at) {
      this.#run.lines.push(line);
      return undefined;
    }
    const run: PartRun = { key: at, chunk, lines: [line] };
    this.#run = run;
    return async (tx, take) => {
      const before = await getLayered(tx.reader, this.stack, at);
      const parts = before === undefined ? [] : decodeManifestChunk(before);
      for (const { type: _type, body, ...part } of run.lines)
        parts.push({ ...part, extents: await take(this.stack, { body, sizeBytes: part.sizeBytes }) });
      putLayered(tx.tx, this.stack, [at, encodeManifestChunk(parts)]);
    };
  }

  #annotation({ type: _type, body, ...shown }: AnnotationLine): Step {
    const bucket = this.#requireBucket();
    const owner = this.#owner;
    if (owner.type !== "object" || owner.annotationsLeft === 0) throw damaged("an annotation belongs to no object");
    owner.annotationsLeft -= 1;
    const { version } = owner;
    const { stack } = this;
    return async (tx, take) => {
      const annotation = { ...shown, extents: await take(stack, { body, sizeBytes: shown.sizeBytes }) };
      writeAnnotation(tx, { bucket, stack }, { version, annotation });
      count(tx, stack, { bucketId: bucket.id, deltas: { bytes: shown.sizeBytes } });
    };
  }

  #upload({ type: _type, ...upload }: UploadLine): Step {
    const bucket = { ...this.#requireBucket(), hadUploads: true };
    this.#bucket = bucket;
    this.#owner = { type: "upload", upload };
    this.#notePosition(upload.uploadId);
    return async (tx) => {
      const at = layered.upload(bucket.id, upload.key, upload.uploadId);
      putLayered(tx.tx, this.stack, [at, encodeUpload(upload)]);
      putLayered(tx.tx, this.stack, [layered.bucket(bucket.partition, bucket.name), encodeBucket(bucket)]);
      count(tx, this.stack, { bucketId: bucket.id, deltas: { uploads: 1 } });
    };
  }

  #uploadPart({ type: _type, body, ...part }: UploadPartLine): Step {
    const bucket = this.#requireBucket();
    const owner = this.#owner;
    if (owner.type !== "upload") throw damaged("a part belongs to no upload");
    const { uploadId } = owner.upload;
    return async (tx, take) => {
      const extents = await take(this.stack, { body, sizeBytes: part.sizeBytes });
      const at = layered.part(bucket.id, uploadId, part.partNumber);
      putLayered(tx.tx, this.stack, [at, encodePart({ ...part, extents })]);
      count(tx, this.stack, { bucketId: bucket.id, deltas: { bytes: part.sizeBytes } });
    };
  }

  #notePosition(uploadId: string | undefined): void {
    const position = uploadId === undefined ? undefined : positionOfUploadId(uploadId);
    if (position !== undefined) this.idPositionMin = Math.max(this.idPositionMin, position + 1);
  }
}

/** A bucket's documents as they are kept; those of which there may be many stand in an archive by their ids. */
const documentRecords = (bucketId: string, documents: BucketLine["configurations"]): LayeredEntry[] =>
  (Object.entries(documents) as [ConfigurationKind, object | string][]).flatMap(([kind, document]): LayeredEntry[] => {
    if (typeof document === "string") return [[layered.configuration(bucketId, kind), document]];
    if (!isNamedKind(kind)) return [[layered.configuration(bucketId, kind), JSON.stringify(document)]];
    return Object.entries(document).map(([id, named]) => [
      layered.namedConfiguration(bucketId, kind, id),
      JSON.stringify(named),
    ]);
  });
