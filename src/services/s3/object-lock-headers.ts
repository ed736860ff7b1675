/** The lock that the headers of a write ask for. */
import type { Bucket, ObjectLock } from "../../state/model.ts";
import { invalidArgument, invalidRequest } from "./errors.ts";
import { assertLockBucket, assertRetainUntil, durationOfNoHold, lockMode, readHoldDuration } from "./object-lock.ts";

type LockInput = {
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
  readonly ObjectLockEventHold?: string | undefined;
  readonly ObjectLockEventHoldDurationDays?: number | undefined;
  readonly ObjectLockEventHoldDurationYears?: number | undefined;
};

const MODE = "x-amz-object-lock-mode";
const UNTIL = "x-amz-object-lock-retain-until-date";
const LEGAL_HOLD = "x-amz-object-lock-legal-hold";
const EVENT_HOLD = "x-amz-object-lock-event-hold";
const DURATION = `${EVENT_HOLD}-duration`;
const BOTH = `${UNTIL} and ${MODE} must both be supplied`;

/**
 * The lock that a write asks for; undefined for none. The bucket is looked at last, as by AWS.
 * Errors: InvalidArgument, InvalidRequest (also on a bucket without object lock).
 */
export const readLock = (
  input: LockInput,
  { bucket, nowMs }: { readonly bucket: Bucket; readonly nowMs: number },
): ObjectLock | undefined => {
  if (!asksForLock(input)) return undefined;
  const mode = readMode(input.ObjectLockMode);
  const legalHold = readLegalHold(input.ObjectLockLegalHoldStatus);
  const eventHold = readEventHold(input);
  const retainUntilMs = readUntil(input, { nowMs, eventHold });
  assertLockBucket(bucket);
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(retainUntilMs === undefined ? {} : { retainUntilMs }),
    ...(legalHold === undefined ? {} : { legalHold }),
    ...(eventHold === undefined ? {} : { eventHold }),
  };
};

const asksForLock = (input: LockInput): boolean =>
  input.ObjectLockMode !== undefined ||
  input.ObjectLockRetainUntilDate !== undefined ||
  input.ObjectLockLegalHoldStatus !== undefined ||
  input.ObjectLockEventHold !== undefined ||
  input.ObjectLockEventHoldDurationDays !== undefined ||
  input.ObjectLockEventHoldDurationYears !== undefined;

const readMode = (text: string | undefined): ObjectLock["mode"] => {
  if (text === undefined) return undefined;
  const mode = lockMode(text);
  if (mode === undefined) throw invalidArgument("Unknown wormMode directive.", { name: MODE, value: text });
  return mode;
};

const readLegalHold = (text: string | undefined): boolean | undefined => {
  if (text === undefined) return undefined;
  if (text === "ON" || text === "OFF") return text === "ON";
  throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", { name: LEGAL_HOLD, value: text });
};

/** AWS says which faults it finds, not in which words: see docs/fidelity.md#objects. */
const readEventHold = (input: LockInput): ObjectLock["eventHold"] => {
  const { ObjectLockEventHold: status, ObjectLockEventHoldDurationDays: days } = input;
  const years = input.ObjectLockEventHoldDurationYears;
  const hasDuration = days !== undefined || years !== undefined;
  if (status === undefined) {
    if (hasDuration) throw invalidRequest(`${DURATION}-days and ${DURATION}-years need ${EVENT_HOLD}`);
    return undefined;
  }
  if (status === "OFF") {
    if (hasDuration) throw durationOfNoHold();
    return { status };
  }
  if (status !== "ON") {
    throw invalidArgument("Event Hold must be either of 'ON' or 'OFF'", { name: EVENT_HOLD, value: status });
  }
  if ((days === undefined) === (years === undefined)) {
    throw invalidRequest("EventHold:ON must be supplied with an EventHoldDuration, either in days or in years.");
  }
  const argumentOf = (name: string): string => `${DURATION}-${name.toLowerCase()}`;
  return { status, period: readHoldDuration({ days, years }, { argumentOf }) };
};

/** A mode comes with a date, with an event hold that is on, or with both. */
const readUntil = (
  { ObjectLockMode: mode, ObjectLockRetainUntilDate: until }: LockInput,
  { nowMs, eventHold }: { readonly nowMs: number; readonly eventHold: ObjectLock["eventHold"] },
): number | undefined => {
  const held = eventHold?.status === "ON";
  if (mode === undefined && (until !== undefined || eventHold !== undefined)) {
    throw until === undefined
      ? invalidArgument(`${EVENT_HOLD} needs ${MODE}`, { name: MODE, value: "" })
      : invalidArgument(BOTH, { name: MODE, value: "" });
  }
  if (mode !== undefined && until === undefined && !held) throw invalidArgument(BOTH, { name: UNTIL, value: "" });
  if (until === undefined) return undefined;
  const argument = () => ({ name: UNTIL, value: until.toISOString().replace(".000Z", "Z") });
  assertRetainUntil(until.getTime(), { nowMs, eventHold, argument });
  return until.getTime();
};
