/**
 * Lifecycle as its documentation says it, in the plainest way: at each midnight every key of a bucket is looked at in full, again
 * and again until nothing more is to be done.
 */
import type { LifecycleRule } from "@aws-sdk/client-s3";

const DAY = 86_400_000;

export type PlainVersion = {
  readonly marker: boolean;
  /** Of what a client made; absent for a marker that lifecycle made. */
  readonly versionId: string | undefined;
  readonly modifiedMs: number;
  readonly size: number;
  readonly tags: Readonly<Record<string, string>>;
  storageClass: string;
};

export type Mode = "Unversioned" | "Enabled" | "Suspended";

export type PlainBucket = {
  mode: Mode;
  rules: readonly LifecycleRule[];
  /** Newest first. */
  readonly keys: Map<string, PlainVersion[]>;
};

const NULL = "null";

/** A version comes, as a client's write or delete makes one. */
export const add = ({ mode, keys }: PlainBucket, key: string, version: PlainVersion): void => {
  const before = keys.get(key) ?? [];
  const rest = mode === "Enabled" ? before : before.filter(({ versionId }) => versionId !== NULL);
  keys.set(key, [version, ...rest]);
};

/** A client deletes a key, or what was seen of a version. */
export const remove = (
  bucket: PlainBucket,
  key: string,
  { versionId, markerId, nowMs }: { versionId?: string | undefined; markerId?: string | undefined; nowMs: number },
): void => {
  const { mode, keys } = bucket;
  if (versionId !== undefined || mode === "Unversioned") {
    const wanted = versionId ?? NULL;
    keys.set(
      key,
      (keys.get(key) ?? []).filter((version) => version.versionId !== wanted),
    );
    return;
  }
  add(bucket, key, { marker: true, versionId: markerId, modifiedMs: nowMs, size: 0, tags: {}, storageClass: "" });
};

const midnight = (ms: number): number => Math.ceil(ms / DAY) * DAY;

const fits = (rule: LifecycleRule, key: string, version: PlainVersion): boolean => {
  const filter = rule.Filter?.And ?? rule.Filter ?? {};
  const tags = rule.Filter?.And?.Tags ?? (rule.Filter?.Tag === undefined ? [] : [rule.Filter.Tag]);
  const { ObjectSizeGreaterThan: over, ObjectSizeLessThan: under } = filter;
  if (!key.startsWith(filter.Prefix ?? "")) return false;
  if (version.marker) return tags.length === 0 && over === undefined && under === undefined;
  if (over !== undefined && version.size <= over) return false;
  if (under !== undefined && version.size >= under) return false;
  return tags.every((tag) => version.tags[tag.Key ?? ""] === tag.Value);
};

/** Storage classes of the rules that the tests use, the cheapest last. */
const CLASSES = ["STANDARD", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];

const goesDown = (version: PlainVersion, to: string): boolean =>
  !version.marker && CLASSES.indexOf(to) > CLASSES.indexOf(version.storageClass);

/** What one midnight does to a key; true if it did something. */
const step = (bucket: PlainBucket, key: string, nowMs: number): boolean => {
  const versions = bucket.keys.get(key) ?? [];
  const [latest] = versions;
  if (latest === undefined) return false;
  return (
    versions.slice(1).some((version, index) => stepNoncurrent(bucket, { key, version, index, nowMs })) ||
    stepLatest(bucket, { key, latest, alone: versions.length === 1, nowMs })
  );
};

const stepNoncurrent = (
  { rules, keys }: PlainBucket,
  { key, version, index, nowMs }: { key: string; version: PlainVersion; index: number; nowMs: number },
): boolean => {
  const versions = keys.get(key) ?? [];
  const since = versions[index]?.modifiedMs ?? 0;
  const mine = rules.filter((rule) => fits(rule, key, version));
  const reached = (days: number | undefined, newer: number | undefined): boolean =>
    midnight(since + (days ?? 0) * DAY) <= nowMs && index >= (newer ?? 0);
  const ends = mine.some(
    ({ NoncurrentVersionExpiration: rule }) =>
      rule !== undefined && reached(rule.NoncurrentDays, rule.NewerNoncurrentVersions),
  );
  if (ends) {
    keys.set(
      key,
      versions.filter((other) => other !== version),
    );
    return true;
  }
  const moves = mine
    .flatMap(({ NoncurrentVersionTransitions = [] }) => NoncurrentVersionTransitions)
    .filter((rule) => reached(rule.NoncurrentDays, rule.NewerNoncurrentVersions))
    .map((rule) => rule.StorageClass ?? "");
  return move(version, moves);
};

const move = (version: PlainVersion, classes: readonly string[]): boolean => {
  const [to] = classes
    .filter((storageClass) => goesDown(version, storageClass))
    .toSorted((a, b) => CLASSES.indexOf(b) - CLASSES.indexOf(a));
  if (to === undefined) return false;
  version.storageClass = to;
  return true;
};

const stepLatest = (
  bucket: PlainBucket,
  { key, latest, alone, nowMs }: { key: string; latest: PlainVersion; alone: boolean; nowMs: number },
): boolean => {
  const mine = bucket.rules.filter((rule) => fits(rule, key, latest));
  const reached = ({ Days: days, Date: date }: { Days?: number | undefined; Date?: Date | undefined }): boolean => {
    if (days !== undefined) return midnight(latest.modifiedMs + days * DAY) <= nowMs;
    if (date === undefined) return false;
    // An object that was made at a midnight waits for the next one.
    return date.getTime() <= nowMs && midnight(latest.modifiedMs + (latest.marker ? 0 : 1)) <= nowMs;
  };
  const expires = mine.some(({ Expiration: rule }) => rule !== undefined && reached(rule));
  if (latest.marker) {
    const cleaned = mine.some(({ Expiration: rule }) => rule?.ExpiredObjectDeleteMarker === true);
    if (!alone || !(expires || (cleaned && midnight(latest.modifiedMs) <= nowMs))) return false;
    bucket.keys.set(key, []);
    return true;
  }
  if (expires && bucket.mode === "Unversioned") {
    bucket.keys.set(key, []);
    return true;
  }
  const moves = mine
    .flatMap(({ Transitions = [] }) => Transitions)
    .filter(reached)
    .map((rule) => rule.StorageClass ?? "");
  if (move(latest, moves)) return true;
  if (!expires) return false;
  remove(bucket, key, { markerId: bucket.mode === "Suspended" ? NULL : undefined, nowMs });
  return true;
};

/** All midnights after `fromMs` up to `untilMs`. */
export const passTime = (bucket: PlainBucket, { fromMs, untilMs }: { fromMs: number; untilMs: number }): void => {
  for (let nowMs = midnight(fromMs + 1); nowMs <= untilMs; nowMs += DAY) {
    for (const key of bucket.keys.keys()) while (step(bucket, key, nowMs));
  }
};
