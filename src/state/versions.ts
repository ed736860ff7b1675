/**
 * How the versions of one key are stored: `live` holds the current object, `version` records hold what is not current and
 * every delete marker, so that lists and HEAD never step over markers. A key's sequence numbers give the order; no clock does.
 */
import { eraseAnnotations } from "./annotation-records.ts";
import { extentsOf, releaseExtents } from "./bodies/references.ts";
import { count } from "./counters.ts";
import { layered, prefixRange } from "./keys.ts";
import type { Bucket, ObjectVersion, Version } from "./model.ts";
import {
  decodeAttributesRecord,
  decodeManifestChunk,
  decodeVersion,
  encodeAttributes,
  encodeAttributesRecord,
  encodeDeleteMarker,
  encodeObject,
} from "./records.ts";
import {
  deleteLayered,
  getLayered,
  putLayered,
  scanAllLayered,
  scanLayered,
  type LayeredEntry,
  type Stack,
} from "./stack.ts";
import { seqOfVersionId } from "./version-ids.ts";
import type { Tx, View } from "./view.ts";

/** Attributes whose JSON is longer than this stand in a record of their own, so that listed records stay short. */
const ATTRIBUTES_CHARS_MAX = 1_024;

/** Versions that one page of a search through a key's versions reads. */
const VERSIONS_PAGE = 100;

/** A key of a bucket, with the stack that its records are read from or written to. */
export type KeyScope = { readonly bucket: Bucket; readonly stack: Stack; readonly key: string };

/** A version where it was found. */
export type Stored<V extends Version = Version> = {
  readonly version: V;
  /** Whether its attributes stand in a record of their own. */
  readonly attributesApart: boolean;
  readonly subkey: string;
  readonly record: string;
};

/** Completes a version whose attributes are kept apart. */
const withAttributes = async (view: View, { bucket, stack, key }: KeyScope, stored: Stored): Promise<Stored> => {
  const { version } = stored;
  if (version.kind === "deleteMarker") return stored;
  const apart = await getLayered(view.reader, stack, layered.attributes(bucket.id, key, version.seq));
  if (apart === undefined) throw new Error(`the attributes of ${bucket.name}/${key} are missing`);
  return { ...stored, version: { ...version, attributes: decodeAttributesRecord(apart) } };
};

/** Decodes a record and completes it. */
const readStored = async (view: View, scope: KeyScope, at: { subkey: string; record: string }): Promise<Stored> => {
  const stored: Stored = { ...decodeVersion(scope.key, at.record), ...at };
  return stored.attributesApart ? await withAttributes(view, scope, stored) : stored;
};

/** The versions of a key whose records a scan found. */
export const readRecords = async (
  view: View,
  scope: KeyScope,
  entries: readonly LayeredEntry[],
): Promise<Version[]> => {
  const versions: Version[] = [];
  for (const [subkey, record] of entries) versions.push((await readStored(view, scope, { subkey, record })).version);
  return versions;
};

export const readLive = async (view: View, scope: KeyScope): Promise<Stored<ObjectVersion> | undefined> => {
  const subkey = layered.live(scope.bucket.id, scope.key);
  const record = await getLayered(view.reader, scope.stack, subkey);
  if (record === undefined) return undefined;
  const { version, attributesApart } = decodeVersion(scope.key, record);
  const stored = { version, attributesApart, subkey, record };
  return (attributesApart ? await withAttributes(view, scope, stored) : stored) as Stored<ObjectVersion>;
};

/** The newest version that is not current: the latest of all when there is no current object. */
export const readNewestNoncurrent = async (view: View, scope: KeyScope): Promise<Stored | undefined> => {
  const range = layered.versionsOf(scope.bucket.id, scope.key);
  const [entry] = await scanLayered(view.reader, scope.stack, { range, limit: 1 });
  if (entry === undefined) return undefined;
  return readStored(view, scope, { subkey: entry[0], record: entry[1] });
};

/** Looks through the noncurrent versions of a key, newest first, until one fits. */
export const searchNoncurrent = async (
  view: View,
  scope: KeyScope,
  fits: (version: Version) => boolean,
): Promise<Stored | undefined> => {
  const { bucket, stack, key } = scope;
  const whole = layered.versionsOf(bucket.id, key);
  let { start } = whole;
  for (;;) {
    const page = await scanLayered(view.reader, stack, { range: { start, end: whole.end }, limit: VERSIONS_PAGE });
    for (const [subkey, record] of page) {
      if (!fits(decodeVersion(key, record).version)) continue;
      return readStored(view, scope, { subkey, record });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < VERSIONS_PAGE) return undefined;
    start = `${last[0]}\0`;
  }
};

/** A version that is not current, by its id: one read for an id that was stamped, else a search. */
export const findNoncurrent = async (view: View, scope: KeyScope, versionId: string): Promise<Stored | undefined> => {
  const seq = seqOfVersionId(versionId);
  if (seq === undefined) return searchNoncurrent(view, scope, (version) => version.versionId === versionId);
  const stored = await readNoncurrent(view, scope, seq);
  return stored?.version.versionId === versionId ? stored : undefined;
};

/** The version with that sequence number, unless it is current. */
export const readNoncurrent = async (view: View, scope: KeyScope, seq: number): Promise<Stored | undefined> => {
  const subkey = layered.version(scope.bucket.id, scope.key, seq);
  const record = await getLayered(view.reader, scope.stack, subkey);
  return record === undefined ? undefined : readStored(view, scope, { subkey, record });
};

/** Writes a version's record at `subkey`; long attributes go apart. */
export const writeVersion = (
  tx: Tx,
  { bucket, stack, key }: KeyScope,
  { subkey, version }: { subkey: string; version: Version },
): void => {
  if (version.kind === "deleteMarker") {
    putLayered(tx.tx, stack, [subkey, encodeDeleteMarker(version)]);
    return;
  }
  const attributes = encodeAttributes(version.attributes);
  const apart = attributes.length > ATTRIBUTES_CHARS_MAX;
  if (apart) {
    putLayered(tx.tx, stack, [layered.attributes(bucket.id, key, version.seq), encodeAttributesRecord(attributes)]);
  }
  putLayered(tx.tx, stack, [subkey, encodeObject(version, apart ? undefined : attributes)]);
};

/** Writes a version again, with what was changed of it, where it stands. */
export const rewriteVersion = (
  tx: Tx,
  scope: KeyScope,
  { was, version }: { was: Stored; version: ObjectVersion },
): void => {
  if (was.attributesApart)
    deleteLayered(tx.tx, scope.stack, layered.attributes(scope.bucket.id, scope.key, version.seq));
  writeVersion(tx, scope, { subkey: was.subkey, version });
};

/** The current object becomes a noncurrent version. Its record moves as it is. */
export const retireLive = (tx: Tx, { bucket, stack, key }: KeyScope, live: Stored<ObjectVersion>): void => {
  deleteLayered(tx.tx, stack, live.subkey);
  putLayered(tx.tx, stack, [layered.version(bucket.id, key, live.version.seq), live.record]);
  count(tx, stack, { bucketId: bucket.id, deltas: { current: -1, noncurrent: 1 } });
};

/** After the latest version went: the newest that is left becomes current, unless it is a delete marker. */
export const promoteNewest = async (tx: Tx, scope: KeyScope): Promise<void> => {
  const { bucket, stack, key } = scope;
  const newest = await readNewestNoncurrent(tx, scope);
  if (newest === undefined || newest.version.kind === "deleteMarker") return;
  deleteLayered(tx.tx, stack, newest.subkey);
  putLayered(tx.tx, stack, [layered.live(bucket.id, key), newest.record]);
  count(tx, stack, { bucketId: bucket.id, deltas: { current: 1, noncurrent: -1 } });
};

/** Removes one version's records and its references. Counters of `current` and `noncurrent` are the caller's to keep. */
export const eraseVersion = async (
  tx: Tx,
  scope: KeyScope,
  { version, attributesApart, subkey }: Stored,
): Promise<void> => {
  const { bucket, stack, key } = scope;
  deleteLayered(tx.tx, stack, subkey);
  if (version.kind === "deleteMarker") return;
  if (attributesApart) deleteLayered(tx.tx, stack, layered.attributes(bucket.id, key, version.seq));
  if (version.hasManifest) {
    const chunks = await scanAllLayered(tx.reader, stack, prefixRange(layered.manifest(bucket.id, key, version.seq)));
    const parts = chunks.flatMap(([, record]) => decodeManifestChunk(record));
    await releaseExtents(tx, stack, extentsOf(parts));
    for (const [chunk] of chunks) deleteLayered(tx.tx, stack, chunk);
  } else await releaseExtents(tx, stack, version.extents);
  if (version.annotationCount > 0) await eraseAnnotations(tx, scope, version);
  count(tx, stack, { bucketId: bucket.id, deltas: { bytes: -version.sizeBytes } });
};
