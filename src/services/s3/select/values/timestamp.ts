/**
 * Moments in time as S3 Select has them: with a precision, and with an offset from UTC or an unknown one.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-data-types.html
 */

/** What a timestamp says; `second` includes a fraction. */
export type Precision = "year" | "month" | "day" | "minute" | "second";

export type Timestamp = {
  readonly kind: "timestamp";
  /** Nanoseconds since 1970, UTC. */
  readonly epochNs: bigint;
  readonly precision: Precision;
  /** Digits of the second's fraction, 0 to 9. */
  readonly fractionDigits: number;
  /** Minutes that the local time is ahead of UTC; undefined where nobody said. */
  readonly offsetMinutes: number | undefined;
};

/** A timestamp's fields in its local time. `month` and `day` count from 1. */
export type LocalFields = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
};

export type DatePart = "year" | "month" | "day" | "hour" | "minute" | "second";

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const MS_PER_MINUTE = 60_000;
const FRACTION_DIGITS_MAX = 9;
const YEAR_MAX = 9_999;
const OFFSET_MINUTES_MAX = 24 * 60 - 1;

const PATTERN =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T(?:(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Milliseconds since 1970 of fields in UTC, for years of less than 100 too. */
const utcMs = ({ year, month, day, hour, minute, second }: Omit<LocalFields, "nanosecond">): number =>
  new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1_000;

const daysOfMonth = (year: number, month: number): number =>
  new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate();

/** The timestamp with these fields in its local time; undefined if there is no such moment. */
export const timestampOf = (
  fields: LocalFields,
  { precision, fractionDigits, offsetMinutes }: Pick<Timestamp, "precision" | "fractionDigits" | "offsetMinutes">,
): Timestamp | undefined => {
  const { year, month, day, hour, minute, second, nanosecond } = fields;
  if (year < 1 || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) {
    return undefined;
  }
  if (hour > 23 || minute > 59 || second > 59 || Math.abs(offsetMinutes ?? 0) > OFFSET_MINUTES_MAX) return undefined;
  const ms = utcMs(fields) - (offsetMinutes ?? 0) * MS_PER_MINUTE;
  const epochNs = BigInt(ms) * NS_PER_MS + BigInt(nanosecond);
  return { kind: "timestamp", epochNs, precision, fractionDigits, offsetMinutes };
};

const readOffset = (text: string | undefined): number | undefined => {
  // `-00:00` says that the offset is not known.
  if (text === undefined || text === "-00:00") return undefined;
  if (text === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return text.startsWith("-") ? -minutes : minutes;
};

/** A timestamp as it is written: `2007T`, `2007-02-23`, `2007-02-23T12:14:33.079-08:00`. Undefined for what is none. */
export const parseTimestamp = (text: string): Timestamp | undefined => {
  const found = PATTERN.exec(text);
  if (found === null) return undefined;
  const [, year = "", month, day, hour, minute, second, fraction = "", offset] = found;
  const hasTime = hour !== undefined;
  // A year or month ends with T; a time follows a day; an offset follows a time.
  if ((day === undefined && !text.endsWith("T")) || (hasTime && day === undefined)) return undefined;
  if (!hasTime && offset !== undefined) return undefined;
  const kept = fraction.slice(0, FRACTION_DIGITS_MAX);
  const fields = {
    year: Number(year),
    month: Number(month ?? 1),
    day: Number(day ?? 1),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    nanosecond: Number(kept.padEnd(FRACTION_DIGITS_MAX, "0")),
  };
  const precision = second !== undefined ? "second" : hasTime ? "minute" : day ? "day" : month ? "month" : "year";
  return timestampOf(fields, { precision, fractionDigits: kept.length, offsetMinutes: readOffset(offset) });
};

/** A moment with an offset of zero; three digits of its second's fraction unless it is a date. */
export const timestampOfMs = (ms: number): Timestamp => ({
  kind: "timestamp",
  epochNs: BigInt(ms) * NS_PER_MS,
  precision: "second",
  fractionDigits: 3,
  offsetMinutes: 0,
});

/** What a clock shows at the timestamp's place. */
export const localFields = ({ epochNs, offsetMinutes }: Timestamp): LocalFields => {
  const localNs = epochNs + BigInt(offsetMinutes ?? 0) * 60n * NS_PER_SECOND;
  const nanosecond = ((localNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  const date = new Date(Number((localNs - nanosecond) / NS_PER_MS));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(nanosecond),
  };
};

export const padded = (value: number, digits: number): string => String(value).padStart(digits, "0");

/** `+08:00`; `colon` stands between hours and minutes. */
export const formatOffset = (offsetMinutes: number, colon: string): string => {
  const size = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? "-" : "+";
  return `${sign}${padded(Math.floor(size / 60), 2)}${colon}${padded(size % 60, 2)}`;
};

/** As {@link parseTimestamp} reads it. */
export const formatTimestamp = (timestamp: Timestamp): string => {
  const { precision, fractionDigits, offsetMinutes } = timestamp;
  const { year, month, day, hour, minute, second, nanosecond } = localFields(timestamp);
  if (precision === "year") return `${padded(year, 4)}T`;
  if (precision === "month") return `${padded(year, 4)}-${padded(month, 2)}T`;
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  if (precision === "day") return date;
  const fraction = fractionDigits === 0 ? "" : `.${padded(nanosecond, FRACTION_DIGITS_MAX).slice(0, fractionDigits)}`;
  const seconds = precision === "second" ? `:${padded(second, 2)}${fraction}` : "";
  const offset = offsetMinutes === undefined ? "-00:00" : offsetMinutes === 0 ? "Z" : formatOffset(offsetMinutes, ":");
  return `${date}T${padded(hour, 2)}:${padded(minute, 2)}${seconds}${offset}`;
};

const PRECISIONS: readonly Precision[] = ["year", "month", "day", "minute", "second"];

/** The precision that a timestamp has once a part of it was counted. */
const finer = (precision: Precision, part: DatePart): Precision => {
  const wanted = part === "hour" ? "minute" : part;
  return PRECISIONS.indexOf(wanted) > PRECISIONS.indexOf(precision) ? wanted : precision;
};

const NS_PER_PART = {
  day: 24n * 3600n * NS_PER_SECOND,
  hour: 3600n * NS_PER_SECOND,
  minute: 60n * NS_PER_SECOND,
  second: NS_PER_SECOND,
} as const;

/** More than any timestamp is away from any other, in seconds. */
const QUANTITY_MAX = 400_000_000_000n;

/** `quantity` parts later; the last day of a month stands for days that it does not have. Undefined beyond the years 1 to 9999. */
export const addToTimestamp = (
  timestamp: Timestamp,
  { part, quantity }: { readonly part: DatePart; readonly quantity: bigint },
): Timestamp | undefined => {
  if (quantity > QUANTITY_MAX || quantity < -QUANTITY_MAX) return undefined;
  const { fractionDigits, offsetMinutes } = timestamp;
  const precision = finer(timestamp.precision, part);
  const fields = localFields(timestamp);
  if (part === "year" || part === "month") {
    const months = fields.year * 12 + fields.month - 1 + Number(quantity) * (part === "year" ? 12 : 1);
    const year = Math.floor(months / 12);
    const month = (months % 12) + 1;
    if (year < 1 || year > YEAR_MAX) return undefined;
    const day = Math.min(fields.day, daysOfMonth(year, month));
    return timestampOf({ ...fields, year, month, day }, { precision, fractionDigits, offsetMinutes });
  }
  const epochNs = timestamp.epochNs + quantity * NS_PER_PART[part];
  const { year } = localFields({ ...timestamp, epochNs });
  // A date that JavaScript cannot hold has a year that is no number.
  return year >= 1 && year <= YEAR_MAX ? { ...timestamp, epochNs, precision } : undefined;
};

/** Whole parts from `from` to `to`; negative when `to` is earlier. */
export const timestampDifference = (part: DatePart, from: Timestamp, to: Timestamp): bigint => {
  if (part !== "year" && part !== "month") return (to.epochNs - from.epochNs) / NS_PER_PART[part];
  if (to.epochNs < from.epochNs) return -timestampDifference(part, to, from);
  const start = localFields({ ...from, offsetMinutes: 0 });
  const end = localFields({ ...to, offsetMinutes: 0 });
  let months = (end.year - start.year) * 12 + end.month - start.month;
  const later = addToTimestamp({ ...from, offsetMinutes: 0 }, { part: "month", quantity: BigInt(months) });
  if (later === undefined || later.epochNs > to.epochNs) months -= 1;
  return BigInt(part === "year" ? Math.trunc(months / 12) : months);
};
