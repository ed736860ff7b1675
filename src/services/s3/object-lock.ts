/** What every operation of object lock shares. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
import type { Bucket, LockPeriod, ObjectAttributes, ObjectLock, Version } from "../../state/model.ts";
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";
import { LOCK_DAYS_MAX, LOCK_YEARS_MAX } from "./limits.ts";

const DAY_MS = 86_400_000;
/** AWS does not count leap years. */
const DAYS_OF_YEAR = 365;

/** A period in milliseconds. */
export const periodMs = ({ days, years }: LockPeriod): number => (days ?? (years ?? 0) * DAYS_OF_YEAR) * DAY_MS;

/**
 * A period that a document or the headers name. `refuse` makes the error for a number that is out of range.
 * Errors: MalformedXML for both members or none.
 */
export const readPeriod = (
  { days, years }: { readonly days: number | undefined; readonly years: number | undefined },
  refuse: (problem: "not positive" | "too large", argument: { name: "Days" | "Years"; value: string }) => S3Error,
): LockPeriod => {
  if ((days === undefined) === (years === undefined)) throw new S3Error("MalformedXML");
  const [name, value, max] =
    days === undefined ? (["Years", years ?? 0, LOCK_YEARS_MAX] as const) : (["Days", days, LOCK_DAYS_MAX] as const);
  if (value < 1) throw refuse("not positive", { name, value: String(value) });
  if (value > max) throw refuse("too large", { name, value: String(value) });
  return days === undefined ? { years: value } : { days };
};

/** The duration of an event hold. `argumentOf`: what the request calls the number. Errors: MalformedXML, InvalidArgument. */
export const readHoldDuration = (
  duration: { readonly days: number | undefined; readonly years: number | undefined },
  { argumentOf }: { readonly argumentOf: (name: "Days" | "Years") => string },
): LockPeriod =>
  readPeriod(duration, (problem, { name, value }) =>
    invalidArgument(
      problem === "too large"
        ? "Event hold duration too large."
        : "Event hold duration must be a positive integer value.",
      { name: argumentOf(name), value },
    ),
  );

/** InvalidRequest for a hold that is to end and to last. */
export const durationOfNoHold = (): S3Error =>
  invalidRequest("EventHoldDuration must not be supplied with EventHold:OFF.");

/** Holds a date against now and against the hold that comes with it. `argument`: what the answer calls it. Errors: InvalidArgument. */
export const assertRetainUntil = (
  untilMs: number,
  {
    nowMs,
    eventHold,
    argument,
  }: {
    readonly nowMs: number;
    readonly eventHold: ObjectLock["eventHold"];
    readonly argument: () => { readonly name: string; readonly value: string };
  },
): void => {
  if (untilMs <= nowMs) throw invalidArgument("The retain until date must be in the future!", argument());
  if (eventHold?.status !== "ON" || untilMs >= nowMs + periodMs(eventHold.period)) return;
  throw invalidArgument(
    "The retain until date must be equal to or later than the current time plus the event hold duration.",
    argument(),
  );
};

/** A retention mode by its name; undefined for any other text. */
export const lockMode = (text: string): ObjectLock["mode"] =>
  text === "GOVERNANCE" || text === "COMPLIANCE" ? text : undefined;

/** Until when a version is retained, as of now: under an event hold it moves on with the time. Undefined: it is not. */
export const retainUntil = ({ retainUntilMs, eventHold }: ObjectLock, nowMs: number): number | undefined =>
  eventHold?.status === "ON" ? Math.max(retainUntilMs ?? 0, nowMs + periodMs(eventHold.period)) : retainUntilMs;

/** What GET and HEAD say of an object's lock. */
type LockMembers = {
  ObjectLockMode?: string;
  ObjectLockRetainUntilDate?: Date;
  ObjectLockLegalHoldStatus?: string;
  ObjectLockEventHold?: string;
  ObjectLockEventHoldDurationDays?: number;
  ObjectLockEventHoldDurationYears?: number;
};

/** What GET and HEAD say of an object's lock; undefined where it has none. */
export const lockMembers = (lock: ObjectLock | undefined, nowMs: number): LockMembers | undefined => {
  if (lock === undefined) return undefined;
  const members: LockMembers = {};
  const until = retainUntil(lock, nowMs);
  if (lock.mode !== undefined) members.ObjectLockMode = lock.mode;
  if (until !== undefined) members.ObjectLockRetainUntilDate = new Date(until);
  if (lock.legalHold !== undefined) members.ObjectLockLegalHoldStatus = lock.legalHold ? "ON" : "OFF";
  const { eventHold } = lock;
  if (eventHold === undefined) return members;
  members.ObjectLockEventHold = eventHold.status;
  if (eventHold.status === "OFF") return members;
  const { days, years } = eventHold.period;
  if (days !== undefined) members.ObjectLockEventHoldDurationDays = days;
  if (years !== undefined) members.ObjectLockEventHoldDurationYears = years;
  return members;
};

/** Attributes with another lock, or with none. */
export const withLock = ({ lock: _was, ...rest }: ObjectAttributes, lock: ObjectLock | undefined): ObjectAttributes =>
  lock === undefined ? rest : { ...rest, lock };

/** Errors: InvalidRequest for a lock in a bucket that does not know any. */
export const assertLockBucket = ({ objectLockEnabled }: Bucket): void => {
  if (!objectLockEnabled) throw invalidRequest("Bucket is missing Object Lock Configuration");
};

/** Errors: InvalidArgument where a client would bypass what the bucket does not have. */
export const assertBypassFits = (bucket: Bucket, bypass: boolean | undefined): void => {
  if (bypass === undefined || bucket.objectLockEnabled) return;
  const name = "x-amz-bypass-governance-retention";
  const message = `${name} is only applicable to Object Lock enabled buckets.`;
  throw new S3Error("InvalidArgument", { ArgumentName: name }, { message });
};

/** AccessDenied for what a lock forbids. */
export const lockedError = (): S3Error =>
  new S3Error("AccessDenied", {}, { message: "Access Denied because object protected by object lock." });

/** Whether a lock keeps a version from being deleted now; a governance lock does not where it may be bypassed. */
export const isLocked = (
  version: Version,
  nowMs: number,
  { bypass = false }: { readonly bypass?: boolean } = {},
): boolean => {
  if (version.kind === "deleteMarker") return false;
  const { lock } = version.attributes;
  if (lock === undefined) return false;
  const untilMs = retainUntil(lock, nowMs);
  return (
    lock.legalHold === true || (untilMs !== undefined && untilMs > nowMs && !(lock.mode === "GOVERNANCE" && bypass))
  );
};

/** Errors: AccessDenied for a version that must not be deleted yet. */
export const assertUnlocked = (
  version: Version | undefined,
  { bypass = false, nowMs }: { readonly bypass: boolean | undefined; readonly nowMs: number },
): void => {
  if (version !== undefined && isLocked(version, nowMs, { bypass })) throw lockedError();
};
