/** Multipart uploads: what was begun, its parts, and how they become an object. */
import { adoptBody, extentsOf, releaseExtents, shareParts } from "./bodies/references.ts";
import type { ReceivedBody } from "./bodies/receive.ts";
import { writeBucket } from "./bucket-record.ts";
import { count } from "./counters.ts";
import { layered } from "./keys.ts";
import type { Bucket, ManifestPart, ObjectVersion, Part, Upload, Version } from "./model.ts";
import { putObject, type NewObject } from "./objects.ts";
import { decodePart, decodeUpload, encodePart, encodeUpload } from "./records.ts";
import { deleteLayered, getLayered, putLayered, scanAllLayered, scanLayered, type Stack } from "./stack.ts";
import { readLive, searchNoncurrent } from "./versions.ts";
import type { Tx, View } from "./view.ts";

export type NewUpload = Omit<Upload, "keyChanged">;

/** `bucket` is the one that `requireBucket` gave in this transaction. */
export const createUpload = async (tx: Tx, bucket: Bucket, wanted: NewUpload): Promise<Upload> => {
  const stack = await tx.writableStack(bucket.accountId);
  const upload: Upload = { ...wanted, keyChanged: false };
  putLayered(tx.tx, stack, [layered.upload(bucket.id, upload.key, upload.uploadId), encodeUpload(upload)]);
  count(tx, stack, { bucketId: bucket.id, deltas: { uploads: 1 } });
  if (!bucket.hadUploads) writeBucket(tx, stack, { ...bucket, hadUploads: true });
  return upload;
};

export const findUpload = async (
  view: View,
  bucket: Bucket,
  name: { key: string; uploadId: string },
): Promise<Upload | undefined> => {
  const stack = await view.stackOf(bucket);
  const record = await getLayered(view.reader, stack, layered.upload(bucket.id, name.key, name.uploadId));
  return record === undefined ? undefined : decodeUpload(record, { key: name.key, uploadId: name.uploadId });
};

export type NewPart = Omit<Part, "extents"> & {
  readonly content: { readonly body: ReceivedBody } | { readonly copied: readonly ManifestPart[] };
};

/** Puts a part; one with its number before it is replaced. */
export const putPart = async (
  tx: Tx,
  bucket: Bucket,
  { upload, part: { content, ...wanted } }: { upload: Upload; part: NewPart },
): Promise<Part> => {
  const stack = await tx.writableStack(bucket.accountId);
  const subkey = layered.part(bucket.id, upload.uploadId, wanted.partNumber);
  const before = await getLayered(tx.reader, stack, subkey);
  let bytes = wanted.sizeBytes;
  if (before !== undefined) {
    const replaced = decodePart(before);
    await releaseExtents(tx, stack, replaced.extents);
    bytes -= replaced.sizeBytes;
  }
  const extents =
    "body" in content ? adoptBody(tx, stack, content.body) : extentsOf(await shareParts(tx, stack, content.copied));
  const part: Part = { ...wanted, extents };
  putLayered(tx.tx, stack, [subkey, encodePart(part)]);
  count(tx, stack, { bucketId: bucket.id, deltas: { bytes } });
  return part;
};

/** Parts with numbers above `after`, in order. */
export const listParts = async (
  view: View,
  bucket: Bucket,
  { upload, after, limit }: { upload: Upload; after: number; limit: number },
): Promise<{ parts: Part[]; truncated: boolean }> => {
  const stack = await view.stackOf(bucket);
  const whole = layered.parts(bucket.id, upload.uploadId);
  const range = { start: layered.part(bucket.id, upload.uploadId, after + 1), end: whole.end };
  const entries = await scanLayered(view.reader, stack, { range, limit: limit + 1 });
  return {
    parts: entries.slice(0, limit).map(([, record]) => decodePart(record)),
    truncated: entries.length > limit,
  };
};

/** All parts of an upload, in order. */
export const readParts = async (view: View, bucket: Bucket, upload: Upload): Promise<Part[]> =>
  partsOf(view, await view.stackOf(bucket), { bucket, uploadId: upload.uploadId });

const partsOf = async (
  view: View,
  stack: Stack,
  { bucket, uploadId }: { bucket: Bucket; uploadId: string },
): Promise<Part[]> => {
  const entries = await scanAllLayered(view.reader, stack, layered.parts(bucket.id, uploadId));
  return entries.map(([, record]) => decodePart(record));
};

/**
 * Makes an object of `chosen` parts: it takes over their bytes, nothing is written again. Parts that were not chosen and the
 * upload itself go.
 */
export const completeUpload = async (
  tx: Tx,
  bucket: Bucket,
  options: { upload: Upload; chosen: readonly Part[]; object: Omit<NewObject, "content"> },
): Promise<ObjectVersion> => {
  const { upload, chosen, object } = options;
  const stack = await tx.writableStack(bucket.accountId);
  const numbers = new Set(chosen.map((part) => part.partNumber));
  const parts = await partsOf(tx, stack, { bucket, uploadId: upload.uploadId });
  await releaseExtents(tx, stack, extentsOf(parts.filter((part) => !numbers.has(part.partNumber))));
  forgetUpload(tx, stack, { bucket, upload, parts });
  const taken = chosen.map(({ partNumber, sizeBytes, checksum, extents }): ManifestPart => ({
    partNumber,
    sizeBytes,
    checksum: checksum.value,
    extents,
  }));
  const attributes = { ...object.attributes, uploadId: upload.uploadId };
  return putObject(tx, bucket, { ...object, attributes, content: { taken } });
};

export const abortUpload = async (tx: Tx, bucket: Bucket, upload: Upload): Promise<void> => {
  const stack = await tx.writableStack(bucket.accountId);
  const parts = await partsOf(tx, stack, { bucket, uploadId: upload.uploadId });
  await releaseExtents(tx, stack, extentsOf(parts));
  forgetUpload(tx, stack, { bucket, upload, parts });
};

/** Deletes an upload's records; its parts' references are the caller's to release or to pass on. */
const forgetUpload = (
  tx: Tx,
  stack: Stack,
  { bucket, upload, parts }: { bucket: Bucket; upload: Pick<Upload, "key" | "uploadId">; parts: readonly Part[] },
): void => {
  let bytes = 0;
  for (const part of parts) {
    bytes += part.sizeBytes;
    deleteLayered(tx.tx, stack, layered.part(bucket.id, upload.uploadId, part.partNumber));
  }
  deleteLayered(tx.tx, stack, layered.upload(bucket.id, upload.key, upload.uploadId));
  count(tx, stack, { bucketId: bucket.id, deltas: { uploads: -1, bytes: -bytes } });
};

/** Aborts every upload of a bucket that is being deleted. */
export const abortAllUploads = async (tx: Tx, bucket: Bucket): Promise<void> => {
  const stack = await tx.writableStack(bucket.accountId);
  const range = layered.uploads(bucket.id);
  for (const [subkey, record] of await scanAllLayered(tx.reader, stack, range)) {
    const key = layered.uploadObjectKey(subkey);
    const uploadId = subkey.slice(layered.uploadsOf(bucket.id, key).start.length);
    await abortUpload(tx, bucket, decodeUpload(record, { key, uploadId }));
  }
};

/** The object that an upload became, while it is still there: completing it again answers the same. */
export const findCompletedUpload = async (
  view: View,
  bucket: Bucket,
  { key, uploadId }: { key: string; uploadId: string },
): Promise<ObjectVersion | undefined> => {
  const scope = { bucket, key, stack: await view.stackOf(bucket) };
  const cameOfIt = (version: Version): boolean => version.kind === "object" && version.attributes.uploadId === uploadId;
  const live = await readLive(view, scope);
  if (live !== undefined && cameOfIt(live.version)) return live.version;
  if (bucket.versioning === "Unversioned") return undefined;
  const older = await searchNoncurrent(view, scope, cameOfIt);
  return older?.version.kind === "object" ? older.version : undefined;
};
