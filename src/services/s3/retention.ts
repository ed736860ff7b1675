/**
 * Changing the retention of a version: what PutObjectRetention asks for, and what the retention that is there allows.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
 */
import type { Operations } from "../../protocol/generated/s3.ts";
import type { ObjectLock } from "../../state/model.ts";
import { invalidRequest, S3Error } from "./errors.ts";
import {
  assertRetainUntil,
  durationOfNoHold,
  lockedError,
  lockMode,
  readHoldDuration,
  retainUntil,
} from "./object-lock.ts";

type RetentionInput = NonNullable<Operations["PutObjectRetention"]["input"]["Retention"]>;

/** What a client asks for; `none`: that the version be retained no more. */
type WantedRetention =
  | "none"
  | {
      readonly mode: NonNullable<ObjectLock["mode"]>;
      readonly retainUntilMs?: number;
      readonly eventHold?: ObjectLock["eventHold"];
    };

/**
 * What the document asks for, as far as it can be judged without the version.
 * Errors: MalformedXML, InvalidRequest, InvalidArgument.
 */
export const readRetention = (input: RetentionInput | undefined, nowMs: number): WantedRetention => {
  if (input === undefined) throw new S3Error("MalformedXML");
  const { Mode: mode, RetainUntilDate: until, EventHold: hold, EventHoldDuration: duration } = input;
  if (mode === undefined && until === undefined && hold === undefined && duration === undefined) return "none";
  const known = mode === undefined ? undefined : lockMode(mode);
  if (known === undefined || (until === undefined && hold === undefined)) throw new S3Error("MalformedXML");
  const eventHold = readEventHold(input);
  if (until !== undefined) {
    const argument = () => ({ name: "RetainUntilDate", value: javaDate(until) });
    assertRetainUntil(until.getTime(), { nowMs, eventHold, argument });
  }
  return {
    mode: known,
    ...(until === undefined ? {} : { retainUntilMs: until.getTime() }),
    ...(eventHold === undefined ? {} : { eventHold }),
  };
};

/** AWS says which faults it finds, not in which words: see docs/fidelity.md#objects. */
const readEventHold = ({ EventHold: status, EventHoldDuration: duration }: RetentionInput): ObjectLock["eventHold"] => {
  if (status !== undefined && status !== "ON" && status !== "OFF") throw new S3Error("MalformedXML");
  if (status !== "ON") {
    if (duration === undefined) return status === undefined ? undefined : { status };
    throw status === undefined ? new S3Error("MalformedXML") : durationOfNoHold();
  }
  if (duration === undefined) throw invalidRequest("EventHold:ON must be supplied with an EventHoldDuration.");
  const argumentOf = (name: string): string => name;
  const period = readHoldDuration({ days: duration.Days, years: duration.Years }, { argumentOf });
  return { status, period };
};

/** Made when it is needed: the first one of a process costs a tenth of the start-up time. */
const seattleTime = (): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US", {
    timeZone: "America/Los_Angeles",
    weekday: "short",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    year: "numeric",
  });

/** AWS names a refused date as Java prints it, in Seattle's time: `Tue Dec 31 16:00:00 PST 2019`. */
export const javaDate = (date: Date): string => {
  const parts = new Map(
    seattleTime()
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
  const clock = `${parts.get("hour")}:${parts.get("minute")}:${parts.get("second")}`;
  return `${parts.get("weekday")} ${parts.get("month")} ${parts.get("day")} ${clock} ${parts.get("timeZoneName")} ${parts.get("year")}`;
};

/** When a request is made, and whether it may override governance. */
type Circumstances = { readonly nowMs: number; readonly bypass: boolean };

/**
 * The lock of a version once its retention is what was asked for. Its legal hold stays.
 * Errors: AccessDenied where the retention that is there forbids it, InvalidRequest.
 */
export const changeRetention = (
  current: ObjectLock | undefined,
  wanted: WantedRetention,
  circumstances: Circumstances,
): ObjectLock | undefined => {
  const changed = wanted === "none" ? {} : resolve(current ?? {}, wanted, circumstances);
  assertAllowed(current ?? {}, changed, circumstances);
  const lock = current?.legalHold === undefined ? changed : { ...changed, legalHold: current.legalHold };
  return lock.mode === undefined && lock.legalHold === undefined ? undefined : lock;
};

/** The date and the event hold that a request leads to. */
const resolve = (
  current: ObjectLock,
  { mode, retainUntilMs, eventHold }: Exclude<WantedRetention, "none">,
  { nowMs, bypass }: Circumstances,
): ObjectLock => {
  const untilMs = retainUntil(current, nowMs);
  // What was reached so far is kept, also where a shorter duration takes over or the hold is released.
  const reachedMs = untilMs !== undefined && untilMs > nowMs ? untilMs : undefined;
  if (eventHold === undefined) {
    const { eventHold: held } = current;
    const shortens = reachedMs !== undefined && (retainUntilMs ?? 0) < reachedMs;
    if (held?.status === "ON" && shortens) throw shortenedUnderHold(current, bypass);
    return lockOf({ mode, retainUntilMs, eventHold: held });
  }
  const dateMs = retainUntilMs ?? reachedMs;
  if (eventHold.status === "OFF" && dateMs === undefined) {
    throw invalidRequest(
      "To turn off an event hold, either provide a retain-until-date in the future in the request or the object version must already have a retain-until-date in the future.",
    );
  }
  // A release sets the later of both dates, but for one who may shorten it.
  const releasedMs = eventHold.status === "OFF" && !bypass ? Math.max(dateMs ?? 0, reachedMs ?? 0) : dateMs;
  return lockOf({ mode, retainUntilMs: releasedMs, eventHold });
};

/** The date alone cannot be shortened while a hold moves it on: who may do so must say what becomes of the hold. */
const shortenedUnderHold = ({ mode }: ObjectLock, bypass: boolean): S3Error =>
  mode === "GOVERNANCE" && bypass
    ? invalidRequest(
        "Using the governance mode bypass to shorten the retain-until-date of a retention period in governance mode with an ON event hold requires the providing of a new ON event hold or a new OFF event hold.",
      )
    : lockedError();

const lockOf = ({
  mode,
  retainUntilMs,
  eventHold,
}: {
  mode: ObjectLock["mode"];
  retainUntilMs: number | undefined;
  eventHold: ObjectLock["eventHold"];
}): ObjectLock => ({
  ...(mode === undefined ? {} : { mode }),
  ...(retainUntilMs === undefined ? {} : { retainUntilMs }),
  ...(eventHold === undefined ? {} : { eventHold }),
});

/** Nobody weakens compliance; who may bypass governance may do all; everyone may extend, and change what has ended. */
const assertAllowed = (current: ObjectLock, changed: ObjectLock, { nowMs, bypass }: Circumstances): void => {
  const untilMs = retainUntil(current, nowMs);
  if (untilMs === undefined || untilMs <= nowMs) return;
  if (current.mode === "GOVERNANCE" && bypass) return;
  const kept = changed.mode === current.mode && (retainUntil(changed, nowMs) ?? 0) >= untilMs;
  if (!kept) throw lockedError();
};
