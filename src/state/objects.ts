/** Objects and their versions. */
import { copyAnnotations, type AnnotationSource } from "./annotation-records.ts";
import { adoptBody, extentsOf, shareParts } from "./bodies/references.ts";
import type { ReceivedBody } from "./bodies/receive.ts";
import { count } from "./counters.ts";
import { layered, prefixRange } from "./keys.ts";
import type { Bucket, DeleteMarker, Extent, ManifestPart, ObjectVersion, Version } from "./model.ts";
import { decodeManifestChunk, encodeManifestChunk } from "./records.ts";
import { putLayered, scanAllLayered, type Stack } from "./stack.ts";
import { markUploadsOf } from "./uploads-mark.ts";
import {
  eraseVersion,
  findNoncurrent,
  promoteNewest,
  readLive,
  readNewestNoncurrent,
  readNoncurrent,
  retireLive,
  rewriteVersion,
  searchNoncurrent,
  writeVersion,
  type KeyScope,
  type Stored,
} from "./versions.ts";
import { NULL_VERSION_ID, stampVersionId } from "./version-ids.ts";
import type { Tx, View } from "./view.ts";

/** Objects of so many extents or fewer keep them in their own record. */
const INLINE_EXTENTS_MAX = 4;
/** Parts in one manifest record. */
export const MANIFEST_CHUNK_PARTS = 500;

/** Where a new object's bytes come from. */
export type Content =
  | { readonly body: ReceivedBody }
  /** Bytes that are stored already: new references to them, nothing is written again. */
  | { readonly copied: readonly ManifestPart[]; readonly multipart: boolean }
  /** The same, and what was received after them; not one with parts. */
  | { readonly copied: readonly ManifestPart[]; readonly appended: ReceivedBody; readonly multipart: false }
  /** Bytes of uploaded parts that this object takes over with their references. */
  | { readonly taken: readonly ManifestPart[] };

export type NewObject = Omit<
  ObjectVersion,
  "kind" | "seq" | "extents" | "hasManifest" | "partCount" | "annotationCount"
> & {
  readonly content: Content;
  /** The version whose annotations it gets too; absent: it begins with none. */
  readonly annotationsOf?: AnnotationSource | undefined;
};

const scopeOf = async (view: View, bucket: Bucket, key: string): Promise<KeyScope> => ({
  bucket,
  key,
  stack: await view.stackOf(bucket),
});

export const writableScope = async (tx: Tx, bucket: Bucket, key: string): Promise<KeyScope> => ({
  bucket,
  key,
  stack: await tx.writableStack(bucket.accountId),
});

/** The current object of a key: one point read, never a delete marker. */
export const currentObject = async (view: View, bucket: Bucket, key: string): Promise<ObjectVersion | undefined> =>
  (await readLive(view, await scopeOf(view, bucket, key)))?.version;

/** The latest version of a key, which may be a delete marker. */
export const latestVersion = async (view: View, bucket: Bucket, key: string): Promise<Version | undefined> => {
  const scope = await scopeOf(view, bucket, key);
  const live = await readLive(view, scope);
  if (live !== undefined || bucket.versioning === "Unversioned") return live?.version;
  return (await readNewestNoncurrent(view, scope))?.version;
};

export const findVersion = async (
  view: View,
  bucket: Bucket,
  { key, versionId }: { key: string; versionId: string },
): Promise<Version | undefined> => (await locateVersion(view, await scopeOf(view, bucket, key), versionId))?.version;

const locateVersion = async (view: View, scope: KeyScope, versionId: string): Promise<Stored | undefined> => {
  const live = await readLive(view, scope);
  if (live?.version.versionId === versionId) return live;
  if (scope.bucket.versioning === "Unversioned") return undefined;
  return findNoncurrent(view, scope, versionId);
};

/** Puts an object; what becomes of the one before is the bucket's versioning to say. */
export const putObject = async (tx: Tx, bucket: Bucket, wanted: NewObject): Promise<ObjectVersion> => {
  const { content } = wanted;
  const scope = await writableScope(tx, bucket, wanted.key);
  const { stack, key } = scope;
  const { seq, makesRoom } = await nextVersion(tx, scope);
  // First the new references, then the old ones go: a copy onto itself must not let its bytes die in between.
  const parts =
    "body" in content ? { extents: adoptBody(tx, stack, content.body) } : await placeParts(tx, stack, content);
  const { annotationsOf } = wanted;
  const annotationCount =
    annotationsOf === undefined ? 0 : await copyAnnotations(tx, scope, { seq, source: annotationsOf });
  await makesRoom?.();
  const { extents, hasManifest, partCount } = storedContent(tx, { scope, seq, parts });
  const version: ObjectVersion = {
    kind: "object",
    key,
    versionId: versionIdFor(bucket, { drawn: wanted.versionId, seq }),
    seq,
    etag: wanted.etag,
    sizeBytes: wanted.sizeBytes,
    lastModifiedMs: wanted.lastModifiedMs,
    storageClass: wanted.storageClass,
    checksum: wanted.checksum,
    ownerAccountId: wanted.ownerAccountId,
    extents,
    hasManifest,
    partCount,
    attributes: wanted.attributes,
    annotationCount,
  };
  writeVersion(tx, scope, { subkey: layered.live(bucket.id, key), version });
  count(tx, stack, { bucketId: bucket.id, deltas: { current: 1, bytes: version.sizeBytes } });
  if (bucket.hadUploads) await markUploadsOf(tx, scope);
  return version;
};

const versionIdFor = ({ versioning }: Bucket, { drawn, seq }: { drawn: string; seq: number }): string =>
  versioning === "Enabled" ? stampVersionId(drawn, seq) : NULL_VERSION_ID;

/** The sequence number of a key's next version, and what must make room for it. */
const nextVersion = async (tx: Tx, scope: KeyScope): Promise<{ seq: number; makesRoom?: () => Promise<void> }> => {
  const { bucket, stack } = scope;
  const live = await readLive(tx, scope);
  if (bucket.versioning === "Unversioned") {
    if (live === undefined) return { seq: 1 };
    return {
      seq: live.version.seq + 1,
      makesRoom: async () => {
        await eraseVersion(tx, scope, live);
        count(tx, stack, { bucketId: bucket.id, deltas: { current: -1 } });
      },
    };
  }
  const latest = live ?? (await readNewestNoncurrent(tx, scope));
  return {
    seq: (latest?.version.seq ?? 0) + 1,
    makesRoom: async () => {
      if (bucket.versioning === "Suspended") await eraseNullVersion(tx, scope, live);
      if (live !== undefined && !(bucket.versioning === "Suspended" && live.version.versionId === NULL_VERSION_ID)) {
        retireLive(tx, scope, live);
      }
    },
  };
};

/** While versioning is suspended, whatever is written takes the place of the null version. */
const eraseNullVersion = async (tx: Tx, scope: KeyScope, live: Stored<ObjectVersion> | undefined): Promise<void> => {
  const { bucket, stack } = scope;
  if (live?.version.versionId === NULL_VERSION_ID) {
    await eraseVersion(tx, scope, live);
    count(tx, stack, { bucketId: bucket.id, deltas: { current: -1 } });
    return;
  }
  const older = await searchNoncurrent(tx, scope, (version) => version.versionId === NULL_VERSION_ID);
  if (older === undefined) return;
  await eraseVersion(tx, scope, older);
  count(tx, stack, { bucketId: bucket.id, deltas: { noncurrent: -1 } });
};

type PlacedContent =
  | { readonly extents: readonly Extent[] }
  | { readonly parts: readonly ManifestPart[]; readonly multipart: boolean };

/** References of a new object to the bytes of parts that are stored already. */
export const placeParts = async (
  tx: Tx,
  stack: Stack,
  content: Exclude<Content, { body: unknown }>,
): Promise<PlacedContent> => {
  if ("taken" in content) return { parts: content.taken, multipart: true };
  const { multipart } = content;
  const parts = await shareParts(tx, stack, content.copied);
  if (!("appended" in content)) return { parts, multipart };
  const { appended: body } = content;
  parts.push({ partNumber: 0, sizeBytes: body.sizeBytes, extents: adoptBody(tx, stack, body) });
  return { parts, multipart };
};

/** The part of an object's record that says where its bytes are; writes a manifest where they are in many places. */
export const storedContent = (
  tx: Tx,
  { scope, seq, parts: placed }: { scope: KeyScope; seq: number; parts: PlacedContent },
): Pick<ObjectVersion, "extents" | "hasManifest" | "partCount"> => {
  if ("extents" in placed) return { extents: placed.extents, hasManifest: false, partCount: 0 };
  const { parts, multipart } = placed;
  const extents = extentsOf(parts);
  if (!multipart && extents.length <= INLINE_EXTENTS_MAX) return { extents, hasManifest: false, partCount: 0 };
  const manifest = layered.manifest(scope.bucket.id, scope.key, seq);
  for (let chunk = 0; chunk * MANIFEST_CHUNK_PARTS < parts.length; chunk += 1) {
    const from = chunk * MANIFEST_CHUNK_PARTS;
    const record = encodeManifestChunk(parts.slice(from, from + MANIFEST_CHUNK_PARTS));
    putLayered(tx.tx, scope.stack, [layered.manifestChunk(manifest, chunk), record]);
  }
  return { extents: [], hasManifest: true, partCount: multipart ? parts.length : 0 };
};

/** An object's parts with their extents; a plain object is one part with the number 0. */
export const readManifest = async (view: View, bucket: Bucket, object: ObjectVersion): Promise<ManifestPart[]> => {
  if (!object.hasManifest) return [{ partNumber: 0, sizeBytes: object.sizeBytes, extents: object.extents }];
  const stack = await view.stackOf(bucket);
  const range = prefixRange(layered.manifest(bucket.id, object.key, object.seq));
  const chunks = await scanAllLayered(view.reader, stack, range);
  return chunks.flatMap(([, record]) => decodeManifestChunk(record));
};

/** What is kept beside the bytes of a version. */
type ObjectChange = Partial<
  Pick<
    ObjectVersion,
    "attributes" | "storageClass" | "etag" | "lastModifiedMs" | "ownerAccountId" | "checksum" | "annotationCount"
  >
>;

/** Changes what is kept beside the bytes of a version that was found in this transaction; its time too only if it is named. */
export const updateObject = async (
  tx: Tx,
  bucket: Bucket,
  { object, change }: { object: ObjectVersion; change: ObjectChange },
): Promise<ObjectVersion> => {
  const scope = await writableScope(tx, bucket, object.key);
  const live = await readLive(tx, scope);
  const was = live?.version.seq === object.seq ? live : await readNoncurrent(tx, scope, object.seq);
  if (was?.version.kind !== "object") throw new Error(`the version ${object.versionId} is not there any more`);
  const version = { ...was.version, ...change };
  rewriteVersion(tx, scope, { was, version });
  return version;
};

export type DeleteRequest = {
  readonly key: string;
  /** The version to delete for good; absent: delete as the bucket's versioning says. */
  readonly versionId?: string;
  /** The marker that a versioned bucket gets. */
  readonly marker: Pick<DeleteMarker, "versionId" | "lastModifiedMs" | "ownerAccountId">;
};

export type DeleteOutcome = {
  /** Whether there was something to delete. */
  readonly found: boolean;
  /** Whether a marker was made, or the version that was deleted was one. */
  readonly deleteMarker: boolean;
  /** Of the marker made or the version deleted; absent in an unversioned bucket. */
  readonly versionId?: string;
};

export const deleteObject = async (tx: Tx, bucket: Bucket, request: DeleteRequest): Promise<DeleteOutcome> => {
  const scope = await writableScope(tx, bucket, request.key);
  const outcome = await deleteWithin(tx, scope, request);
  if (bucket.hadUploads && (outcome.found || outcome.deleteMarker)) await markUploadsOf(tx, scope);
  return outcome;
};

const deleteWithin = async (tx: Tx, scope: KeyScope, request: DeleteRequest): Promise<DeleteOutcome> => {
  const { bucket } = scope;
  if (bucket.versioning === "Unversioned") return deleteUnversioned(tx, scope, request.versionId);
  return request.versionId === undefined
    ? putDeleteMarker(tx, scope, request.marker)
    : deleteVersion(tx, scope, request.versionId);
};

const deleteUnversioned = async (tx: Tx, scope: KeyScope, versionId: string | undefined): Promise<DeleteOutcome> => {
  const none = { found: false, deleteMarker: false };
  if (versionId !== undefined && versionId !== NULL_VERSION_ID) return none;
  const live = await readLive(tx, scope);
  if (live === undefined) return none;
  await eraseVersion(tx, scope, live);
  count(tx, scope.stack, { bucketId: scope.bucket.id, deltas: { current: -1 } });
  return { found: true, deleteMarker: false };
};

const putDeleteMarker = async (tx: Tx, scope: KeyScope, marker: DeleteRequest["marker"]): Promise<DeleteOutcome> => {
  const { bucket, stack, key } = scope;
  const { seq, makesRoom } = await nextVersion(tx, scope);
  await makesRoom?.();
  const versionId = versionIdFor(bucket, { drawn: marker.versionId, seq });
  const version: DeleteMarker = { ...marker, kind: "deleteMarker", key, versionId, seq };
  writeVersion(tx, scope, { subkey: layered.version(bucket.id, key, seq), version });
  count(tx, stack, { bucketId: bucket.id, deltas: { noncurrent: 1 } });
  return { found: seq > 1, deleteMarker: true, versionId };
};

const deleteVersion = async (tx: Tx, scope: KeyScope, versionId: string): Promise<DeleteOutcome> => {
  const { bucket, stack } = scope;
  const live = await readLive(tx, scope);
  if (live?.version.versionId === versionId) {
    await eraseVersion(tx, scope, live);
    count(tx, stack, { bucketId: bucket.id, deltas: { current: -1 } });
    await promoteNewest(tx, scope);
    return { found: true, deleteMarker: false, versionId };
  }
  const older = await findNoncurrent(tx, scope, versionId);
  if (older === undefined) return { found: false, deleteMarker: false, versionId };
  await eraseVersion(tx, scope, older);
  count(tx, stack, { bucketId: bucket.id, deltas: { noncurrent: -1 } });
  if (live === undefined) await promoteNewest(tx, scope);
  return { found: true, deleteMarker: older.version.kind === "deleteMarker", versionId };
};
