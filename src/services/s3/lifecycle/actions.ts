/**
 * What lifecycle rules mean for one version, and when. Rules act at midnights in Greenwich, whatever they count from.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
import type { DeleteMarker, ObjectVersion, Version } from "../../../state/model.ts";
import { TRANSITION_BYTES_MIN } from "../limits.ts";
import { isArchived } from "../storage-class.ts";
import type { Lifecycle, Rule, RuleFilter, When } from "./rules.ts";

export type Action = { readonly do: "expire" } | { readonly do: "transition"; readonly storageClass: string };

/** An action that a rule takes from a time on, once so many newer noncurrent versions are there. */
export type TimedAction = {
  readonly action: Action;
  /** World time in milliseconds since 1970: a midnight. */
  readonly atMs: number;
  readonly newerMin: number;
  readonly rule: Rule;
};

const DAY_MS = 86_400_000;

/** The first midnight that is not before `timeMs`. */
export const midnightFrom = (timeMs: number): number => Math.ceil(timeMs / DAY_MS) * DAY_MS;

/** The midnight at which what counts from `fromMs` is due. A date holds for what comes later too, from the next midnight on. */
export const dueAt = (when: When, fromMs: number): number =>
  "days" in when
    ? midnightFrom(fromMs + when.days * DAY_MS)
    : Math.max(midnightFrom(when.dateMs), midnightFrom(fromMs));

const isWithinSize = ({ largerThanBytes, smallerThanBytes }: RuleFilter, sizeBytes: number): boolean =>
  (largerThanBytes === undefined || sizeBytes > largerThanBytes) &&
  (smallerThanBytes === undefined || sizeBytes < smallerThanBytes);

const hasTags = ({ tags: wanted }: RuleFilter, { attributes: { tags = [] } }: ObjectVersion): boolean =>
  wanted.every(({ key, value }) => tags.some((tag) => tag.key === key && tag.value === value));

const namesSize = ({ largerThanBytes, smallerThanBytes }: RuleFilter): boolean =>
  largerThanBytes !== undefined || smallerThanBytes !== undefined;

/** Whether a rule is for a version. A delete marker has neither tags nor a size: rules that ask for either leave it alone. */
export const matches = ({ filter }: Rule, version: Version): boolean => {
  if (!version.key.startsWith(filter.prefix)) return false;
  if (version.kind === "deleteMarker") return filter.tags.length === 0 && !namesSize(filter);
  return isWithinSize(filter, version.sizeBytes) && hasTags(filter, version);
};

/**
 * Storage classes by how far down a transition may go: each only to a later one.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
const WATERFALL = [
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "INTELLIGENT_TIERING",
  "ONEZONE_IA",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
];

/** Whether a transition leads down the waterfall. */
const leadsDown = (from: string, to: string): boolean => {
  // From one zone alone there is no way to instant retrieval.
  if (from === "ONEZONE_IA" && to === "GLACIER_IR") return false;
  return WATERFALL.indexOf(to) > WATERFALL.indexOf(from);
};

/** Objects below 128 KiB stay where they are, unless the rule or the bucket says otherwise. */
const isLargeEnough = (
  { smallObjectsArchived }: Lifecycle,
  { filter }: Rule,
  { sizeBytes, storageClass }: { sizeBytes: number; storageClass: string },
): boolean =>
  sizeBytes >= TRANSITION_BYTES_MIN || namesSize(filter) || (smallObjectsArchived && isArchived(storageClass));

const mayGoTo = (
  lifecycle: Lifecycle,
  { rule, object, storageClass }: { rule: Rule; object: ObjectVersion; storageClass: string },
): boolean =>
  leadsDown(object.storageClass, storageClass) &&
  isLargeEnough(lifecycle, rule, { sizeBytes: object.sizeBytes, storageClass });

/**
 * Classes from the one that is taken last, of several at one time, to the one that is taken first: the cheaper the sooner, but
 * intelligent tiering before all that are not archives.
 */
const PREFERENCE = ["STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE"];

type TimedTransition = Omit<TimedAction, "action"> & { readonly storageClass: string };

/**
 * Those of the rules' transitions that an object can still make. One that lost to the class that the object has now, because that
 * is preferred and came at the same time or later, is not made up for.
 */
const possible = (
  lifecycle: Lifecycle,
  object: ObjectVersion,
  transitions: readonly TimedTransition[],
): TimedAction[] => {
  const arrivals = transitions.filter(({ storageClass }) => storageClass === object.storageClass);
  const arrivedMs = Math.max(...arrivals.map(({ atMs }) => atMs));
  const rank = PREFERENCE.indexOf(object.storageClass);
  return transitions
    .filter(({ rule, storageClass }) => mayGoTo(lifecycle, { rule, object, storageClass }))
    .filter(({ storageClass, atMs }) => PREFERENCE.indexOf(storageClass) > rank || atMs > arrivedMs)
    .map(({ storageClass, ...timed }) => ({ ...timed, action: { do: "transition", storageClass } }));
};

/**
 * When a rule acts on an object that was made at `madeAtMs`. A date that is over never acts at the very midnight at which an object
 * is made: what S3 itself writes of its acting (a log object) would be acted on in turn, at once and without end.
 */
const objectDueAt = (when: When, madeAtMs: number): number => dueAt(when, "days" in when ? madeAtMs : madeAtMs + 1);

/** What rules do to a current object. */
export const currentActions = (lifecycle: Lifecycle, object: ObjectVersion): TimedAction[] => {
  const expiries: TimedAction[] = [];
  const moves: TimedTransition[] = [];
  const { lastModifiedMs: madeAtMs } = object;
  for (const rule of lifecycle.rules) {
    if (!matches(rule, object)) continue;
    const { expiration, transitions } = rule;
    if (expiration !== undefined) {
      expiries.push({ action: { do: "expire" }, atMs: objectDueAt(expiration, madeAtMs), newerMin: 0, rule });
    }
    for (const { when, storageClass } of transitions) {
      moves.push({ storageClass, atMs: objectDueAt(when, madeAtMs), newerMin: 0, rule });
    }
  }
  return [...expiries, ...possible(lifecycle, object, moves)];
};

/**
 * What rules do to a delete marker that is all that is left of its key: it goes at once where a rule says so, and where objects
 * expire once it is as old as they would be. https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
 */
export const markerActions = (lifecycle: Lifecycle, marker: DeleteMarker): TimedAction[] => {
  const found: TimedAction[] = [];
  const { lastModifiedMs: fromMs } = marker;
  for (const rule of lifecycle.rules) {
    if (!matches(rule, marker)) continue;
    const { expiration, cleansMarkers } = rule;
    const when = cleansMarkers ? { days: 0 } : expiration;
    if (when === undefined) continue;
    found.push({ action: { do: "expire" }, atMs: dueAt(when, fromMs), newerMin: 0, rule });
  }
  return found;
};

/** What rules do to a version that is noncurrent since `sinceMs`. */
export const noncurrentActions = (
  lifecycle: Lifecycle,
  { version, sinceMs }: { readonly version: Version; readonly sinceMs: number },
): TimedAction[] => {
  if (!lifecycle.actsOnNoncurrent) return [];
  const expiries: TimedAction[] = [];
  const moves: TimedTransition[] = [];
  for (const rule of lifecycle.rules) {
    if (!matches(rule, version)) continue;
    const { noncurrentExpiration: expiration, noncurrentTransitions } = rule;
    if (expiration !== undefined) {
      const { when, newerMin } = expiration;
      expiries.push({ action: { do: "expire" }, atMs: dueAt(when, sinceMs), newerMin, rule });
    }
    for (const { when, newerMin, storageClass } of noncurrentTransitions) {
      moves.push({ storageClass, atMs: dueAt(when, sinceMs), newerMin, rule });
    }
  }
  return version.kind === "deleteMarker" ? expiries : [...expiries, ...possible(lifecycle, version, moves)];
};

/** Of transitions the one that is preferred. */
const preferred = (a: TimedAction, b: TimedAction): TimedAction =>
  b.action.do === "transition" &&
  a.action.do === "transition" &&
  PREFERENCE.indexOf(b.action.storageClass) > PREFERENCE.indexOf(a.action.storageClass)
    ? b
    : a;

/**
 * The one action that is taken of those whose time has come: deleting for good before a change of class, that before a delete
 * marker; of several classes the preferred one. https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
 */
export const chooseAction = (
  actions: readonly TimedAction[],
  {
    nowMs,
    newerCount = 0,
    expiryIsMarker = false,
  }: { readonly nowMs: number; readonly newerCount?: number; readonly expiryIsMarker?: boolean },
): TimedAction | undefined => {
  const reached = actions.filter(({ atMs, newerMin }) => atMs <= nowMs && newerCount >= newerMin);
  const expiry = reached.filter(({ action }) => action.do === "expire").toSorted((a, b) => a.atMs - b.atMs)[0];
  const transitions = reached.filter(({ action }) => action.do === "transition");
  const transition = transitions.length === 0 ? undefined : transitions.reduce(preferred);
  return expiryIsMarker ? (transition ?? expiry) : (expiry ?? transition);
};

/** When the next action's time comes after `nowMs`; undefined: never, as things are. */
export const nextTime = (actions: readonly TimedAction[], nowMs: number): number | undefined => {
  const later = actions.filter(({ atMs }) => atMs > nowMs).map(({ atMs }) => atMs);
  return later.length === 0 ? undefined : Math.min(...later);
};
