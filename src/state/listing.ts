/**
 * Lists with prefix and delimiter. A common prefix is skipped by seeking past it, however many keys it has. Keys are ordered
 * by their UTF-8 bytes, as S3 lists them.
 */
import { compareKeys, prefixEnd } from "../engine/keys.ts";
import { layered, prefixRange } from "./keys.ts";
import type { Bucket, ListedVersion, ObjectVersion, Upload } from "./model.ts";
import { decodeUpload, decodeVersion } from "./records.ts";
import { scanLayered, type LayeredEntry, type Stack } from "./stack.ts";
import { findNoncurrent, readLive, type KeyScope } from "./versions.ts";
import { seqOfVersionId } from "./version-ids.ts";
import type { View } from "./view.ts";

/** Entries read at a time where a delimiter may make most of them one common prefix. */
const DELIMITED_PAGE_ENTRIES = 64;

/** The common prefix that `key` is rolled up into, if any. */
export const commonPrefixOf = (
  key: string,
  { prefix, delimiter }: { prefix: string; delimiter: string | undefined },
): string | undefined => {
  if (delimiter === undefined || delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
};

/** How one kind of record is walked: where its keys are, and how to read an object key off a subkey. */
type Walk = {
  readonly stack: Stack;
  /** All records of the kind whose object keys begin with the list's prefix. */
  readonly range: { readonly start: string; readonly end: string };
  readonly objectKeyOf: (subkey: string) => string;
  /** Where records of object keys that begin with `prefix` start. */
  readonly startOf: (prefix: string) => string;
};

/** Reads a walk's records page by page; `skipTo` moves on without reading what lies between. */
class Cursor {
  readonly #view: View;
  readonly #walk: Walk;
  readonly #pageEntries: number;
  #page: readonly LayeredEntry[] = [];
  #at = 0;
  #start: string;
  #exhausted = false;

  constructor(view: View, options: { walk: Walk; start: string; pageEntries: number }) {
    this.#view = view;
    this.#walk = options.walk;
    this.#start = options.start;
    this.#pageEntries = options.pageEntries;
  }

  async peek(): Promise<LayeredEntry | undefined> {
    while (this.#at === this.#page.length) {
      if (this.#exhausted) return undefined;
      const range = { start: this.#start, end: this.#walk.range.end };
      this.#page = await scanLayered(this.#view.reader, this.#walk.stack, { range, limit: this.#pageEntries });
      this.#at = 0;
      const last = this.#page.at(-1);
      this.#exhausted = last === undefined || this.#page.length < this.#pageEntries;
      if (last !== undefined) this.#start = `${last[0]}\0`;
    }
    return this.#page[this.#at];
  }

  advance(): void {
    this.#at += 1;
  }

  /** On to the first record at or after `subkey`. */
  skipTo(subkey: string): void {
    while (this.#at < this.#page.length && compareKeys(this.#page[this.#at]?.[0] ?? "", subkey) < 0) this.#at += 1;
    if (this.#at === this.#page.length && compareKeys(this.#start, subkey) < 0) this.#start = subkey;
  }
}

type RolledUp<T> = { readonly commonPrefix: string } | T;
type Listed = { readonly key: string; readonly entry: LayeredEntry };

/** Records in order from `start`, rolled up by the delimiter; one more than `limit` where there are more. */
const walkRecords = async (
  view: View,
  walk: Walk,
  options: { start: string; prefix: string; delimiter: string | undefined; limit: number },
): Promise<RolledUp<Listed>[]> => {
  const { start, prefix, delimiter, limit } = options;
  const delimited = delimiter !== undefined && delimiter !== "";
  const pageEntries = delimited ? Math.min(limit + 1, DELIMITED_PAGE_ENTRIES) : limit + 1;
  const cursor = new Cursor(view, { walk, start, pageEntries });
  const found: RolledUp<Listed>[] = [];
  while (found.length <= limit) {
    const entry = await cursor.peek();
    if (entry === undefined) break;
    const key = walk.objectKeyOf(entry[0]);
    const commonPrefix = commonPrefixOf(key, { prefix, delimiter });
    if (commonPrefix === undefined) {
      found.push({ key, entry });
      cursor.advance();
    } else {
      found.push({ commonPrefix });
      cursor.skipTo(prefixEnd(walk.startOf(commonPrefix)));
    }
  }
  return found;
};

/** After which key or common prefix a list goes on; undefined: from its start. */
type Marker = { readonly marker: string | undefined; readonly prefix: string; readonly delimiter: string | undefined };

/**
 * Where a list goes on: past the whole common prefix when the marker lies within one, else where `within` says in the marker's
 * own key, of which there may be several records.
 */
const startAfterKey = (
  walk: Walk,
  { marker, prefix, delimiter }: Marker,
  { within }: { within: (key: string) => string },
): string => {
  if (marker === undefined || compareKeys(marker, prefix) < 0) return walk.range.start;
  const commonPrefix = marker.startsWith(prefix) ? commonPrefixOf(marker, { prefix, delimiter }) : undefined;
  return commonPrefix === undefined ? within(marker) : prefixEnd(walk.startOf(commonPrefix));
};

export type ObjectListing = {
  readonly entries: readonly ({ readonly object: ObjectVersion } | { readonly commonPrefix: string })[];
  readonly truncated: boolean;
  /** The last key or common prefix given out: pass it as `after` to go on. */
  readonly next?: string;
};

/** Current objects and common prefixes, at most `limit` of both together, after the key or prefix `after`. */
export const listObjects = async (
  view: View,
  bucket: Bucket,
  options: { prefix: string; delimiter?: string; after?: string; limit: number },
): Promise<ObjectListing> => {
  const { prefix, delimiter, after, limit } = options;
  const stack = await view.stackOf(bucket);
  const startOf = (key: string): string => layered.live(bucket.id, key);
  const walk: Walk = { stack, range: prefixRange(startOf(prefix)), objectKeyOf: layered.liveObjectKey, startOf };
  const start = startAfterKey(walk, { marker: after, prefix, delimiter }, { within: (key) => `${startOf(key)}\0` });
  const found = await walkRecords(view, walk, { start, prefix, delimiter, limit });
  const entries: ({ object: ObjectVersion } | { commonPrefix: string })[] = [];
  for (const item of found.slice(0, limit)) {
    // Attributes that stand apart are not read: no list shows them.
    entries.push("entry" in item ? { object: decodeVersion(item.key, item.entry[1]).version as ObjectVersion } : item);
  }
  const last = entries.at(-1);
  return {
    entries,
    truncated: found.length > limit,
    ...(last === undefined ? {} : { next: "object" in last ? last.object.key : last.commonPrefix }),
  };
};

export type UploadListing = {
  readonly entries: readonly ({ readonly upload: Upload } | { readonly commonPrefix: string })[];
  readonly truncated: boolean;
};

/**
 * Unfinished uploads by key, and within a key in the order in which they began. With `uploadIdMarker` the list goes on after
 * that upload of `keyMarker`, without it after all of `keyMarker`'s.
 */
export const listUploads = async (
  view: View,
  bucket: Bucket,
  options: { prefix: string; delimiter?: string; keyMarker?: string; uploadIdMarker?: string; limit: number },
): Promise<UploadListing> => {
  const { prefix, delimiter, keyMarker, uploadIdMarker, limit } = options;
  const stack = await view.stackOf(bucket);
  const startOf = (key: string): string => layered.uploadsFrom(bucket.id, key);
  const walk: Walk = { stack, range: prefixRange(startOf(prefix)), objectKeyOf: layered.uploadObjectKey, startOf };
  const within = (key: string): string =>
    uploadIdMarker === undefined
      ? layered.uploadsOf(bucket.id, key).end
      : `${layered.upload(bucket.id, key, uploadIdMarker)}\0`;
  const start = startAfterKey(walk, { marker: keyMarker, prefix, delimiter }, { within });
  const found = await walkRecords(view, walk, { start, prefix, delimiter, limit });
  const entries = found.slice(0, limit).map((item) => {
    if (!("entry" in item)) return item;
    const uploadId = item.entry[0].slice(layered.uploadsOf(bucket.id, item.key).start.length);
    return { upload: decodeUpload(item.entry[1], { key: item.key, uploadId }) };
  });
  return { entries, truncated: found.length > limit };
};

export type VersionListing = {
  readonly entries: readonly ({ readonly version: ListedVersion } | { readonly commonPrefix: string })[];
  readonly truncated: boolean;
};

/**
 * All versions and delete markers by key, newest first within a key. With `versionIdMarker` the list goes on after that
 * version of `keyMarker`, without it after all of `keyMarker`'s. A marker whose version is gone still means its place; one that
 * tells none begins its key again: clients that delete page by page must not miss what was behind the page.
 */
export const listVersions = async (
  view: View,
  bucket: Bucket,
  options: { prefix: string; delimiter?: string; keyMarker?: string; versionIdMarker?: string; limit: number },
): Promise<VersionListing> => {
  const { prefix, delimiter, keyMarker, versionIdMarker, limit } = options;
  const stack = await view.stackOf(bucket);
  const walks = versionWalks(bucket, stack, prefix);
  const marker = { marker: keyMarker, prefix, delimiter };
  const place =
    keyMarker === undefined ? undefined : await placeOf(view, { bucket, stack, key: keyMarker }, versionIdMarker);
  const starts = {
    live: startAfterKey(walks.live, marker, { within: () => place?.live ?? "" }),
    old: startAfterKey(walks.old, marker, { within: () => place?.old ?? "" }),
  };
  const pageEntries = delimiter === undefined ? limit + 1 : Math.min(limit + 1, DELIMITED_PAGE_ENTRIES);
  const live = new Cursor(view, { walk: walks.live, start: starts.live, pageEntries });
  const old = new Cursor(view, { walk: walks.old, start: starts.old, pageEntries });
  // What is left of the marker's own key is older than the marker, so none of it is the latest.
  let previousKey = place?.isStart === true ? undefined : keyMarker;
  const entries: ({ version: ListedVersion } | { commonPrefix: string })[] = [];
  while (entries.length <= limit) {
    const next = await foremost(walks, { live, old });
    if (next === undefined) break;
    const commonPrefix = commonPrefixOf(next.key, { prefix, delimiter });
    if (commonPrefix !== undefined) {
      entries.push({ commonPrefix });
      live.skipTo(prefixEnd(walks.live.startOf(commonPrefix)));
      old.skipTo(prefixEnd(walks.old.startOf(commonPrefix)));
      continue;
    }
    next.cursor.advance();
    const { version } = decodeVersion(next.key, next.entry[1]);
    entries.push({ version: { ...version, isLatest: next.key !== previousKey } });
    previousKey = next.key;
  }
  return { entries: entries.slice(0, limit), truncated: entries.length > limit };
};

type VersionWalks = { readonly live: Walk; readonly old: Walk };

const versionWalks = (bucket: Bucket, stack: Stack, prefix: string): VersionWalks => {
  const liveStart = (key: string): string => layered.live(bucket.id, key);
  const oldStart = (key: string): string => layered.versionsFrom(bucket.id, key);
  return {
    live: { stack, range: prefixRange(liveStart(prefix)), objectKeyOf: layered.liveObjectKey, startOf: liveStart },
    old: { stack, range: prefixRange(oldStart(prefix)), objectKeyOf: layered.versionObjectKey, startOf: oldStart },
  };
};

/** The next record of both walks; of one key the current object comes first, for it is the latest. */
const foremost = async (
  walks: VersionWalks,
  { live, old }: { live: Cursor; old: Cursor },
): Promise<{ key: string; entry: LayeredEntry; cursor: Cursor } | undefined> => {
  const current = await live.peek();
  const noncurrent = await old.peek();
  const currentKey = current === undefined ? undefined : walks.live.objectKeyOf(current[0]);
  const noncurrentKey = noncurrent === undefined ? undefined : walks.old.objectKeyOf(noncurrent[0]);
  if (current !== undefined && currentKey !== undefined) {
    if (noncurrentKey === undefined || compareKeys(currentKey, noncurrentKey) <= 0) {
      return { key: currentKey, entry: current, cursor: live };
    }
  }
  if (noncurrent === undefined || noncurrentKey === undefined) return undefined;
  return { key: noncurrentKey, entry: noncurrent, cursor: old };
};

/** Where the records of a key go on: of its current object and of its other versions. */
type Place = { readonly live: string; readonly old: string; readonly isStart?: true };

/** The place behind a version of `scope.key`; behind all of them where none is named; their start where an id tells no place. */
const placeOf = async (view: View, scope: KeyScope, versionId: string | undefined): Promise<Place> => {
  const current = layered.live(scope.bucket.id, scope.key);
  const all = layered.versionsOf(scope.bucket.id, scope.key);
  const behindCurrent = `${current}\0`;
  if (versionId === undefined) return { live: behindCurrent, old: all.end };
  const live = await readLive(view, scope);
  if (live?.version.versionId === versionId) return { live: behindCurrent, old: all.start };
  const seq = seqOfVersionId(versionId) ?? (await findNoncurrent(view, scope, versionId))?.version.seq;
  if (seq === undefined) return { live: current, old: all.start, isStart: true };
  // Its version may be gone, and what was older may have become current since.
  const place = layered.version(scope.bucket.id, scope.key, seq);
  const old = `${place}\0`;
  if (live !== undefined)
    return live.version.seq > seq ? { live: behindCurrent, old } : { live: current, old, isStart: true };
  const newer = await scanLayered(view.reader, scope.stack, { range: { start: all.start, end: old }, limit: 1 });
  return newer.length > 0 ? { live: current, old } : { live: current, old, isStart: true };
};
