/** The versions of one key in their order, a few at a time, however many there are. */
import { layered } from "./keys.ts";
import type { Bucket, Version } from "./model.ts";
import { scanLayered } from "./stack.ts";
import { readLive, readNoncurrent, readRecords, type KeyScope } from "./versions.ts";
import type { View } from "./view.ts";

const scopeOf = async (view: View, bucket: Bucket, key: string): Promise<KeyScope> => ({
  bucket,
  key,
  stack: await view.stackOf(bucket),
});

/** Versions and delete markers of a key, the latest first, at most `limit`; those that are older than `afterSeq`, if it is given. */
export const listKeyVersions = async (
  view: View,
  bucket: Bucket,
  { key, afterSeq, limit }: { readonly key: string; readonly afterSeq?: number | undefined; readonly limit: number },
): Promise<Version[]> => {
  const scope = await scopeOf(view, bucket, key);
  const live = afterSeq === undefined ? (await readLive(view, scope))?.version : undefined;
  const whole = layered.versionsOf(bucket.id, key);
  const start = afterSeq === undefined ? whole.start : `${layered.version(bucket.id, key, afterSeq)}\0`;
  const older = limit - (live === undefined ? 0 : 1);
  const entries = await scanLayered(view.reader, scope.stack, { range: { start, end: whole.end }, limit: older });
  const versions = await readRecords(view, scope, entries);
  return live === undefined ? versions : [live, ...versions];
};

/** A version that is not its key's latest. */
export type NoncurrentVersion = {
  readonly version: Version;
  /** When the version came that took its place, in milliseconds since 1970. */
  readonly noncurrentSinceMs: number;
  /** How many noncurrent versions are newer, as far as they were counted. */
  readonly newerCount: number;
};

/**
 * The version of a key with that sequence number, unless it is the latest or gone. Newer ones are counted up to `countMax`, from 0.
 */
export const findNoncurrentVersion = async (
  view: View,
  bucket: Bucket,
  { key, seq, countMax }: { readonly key: string; readonly seq: number; readonly countMax: number },
): Promise<NoncurrentVersion | undefined> => {
  const scope = await scopeOf(view, bucket, key);
  const stored = await readNoncurrent(view, scope, seq);
  if (stored === undefined) return undefined;
  const range = { start: layered.versionsOf(bucket.id, key).start, end: layered.version(bucket.id, key, seq) };
  // The latest is one of them where it is a delete marker.
  const limit = countMax + 2;
  const entries = await scanLayered(view.reader, scope.stack, { range, limit, reverse: true });
  const newer = await readRecords(view, scope, entries.slice(0, 1));
  const live = newer.length === 0 || entries.length < limit ? (await readLive(view, scope))?.version : undefined;
  const successor = newer[0] ?? live;
  if (successor === undefined) return undefined;
  const counted = live === undefined && entries.length < limit ? entries.length - 1 : entries.length;
  return {
    version: stored.version,
    noncurrentSinceMs: successor.lastModifiedMs,
    newerCount: Math.min(counted, countMax),
  };
};
