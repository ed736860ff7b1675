/**
 * The operators of conditions: a row each, without ForAllValues, ForAnyValue and IfExists, which any of them takes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { arnMatcher } from "./arn-patterns.ts";
import type { TextRules } from "./compiled-text.ts";
import { rangeOf } from "./ip-ranges.ts";
import { globMatches, globOf, wildcardMatcher } from "./wildcards.ts";

/** `Null` is not here: it asks whether a key is there, not what it says. */
export type OperatorRow = {
  /** True where several wanted values mean none of them. */
  readonly negated: boolean;
  readonly rules: TextRules;
};

const same = (text: string): string => text;
const lower = (text: string): string => text.toLowerCase();

const NO_VARIABLES = { variables: false, wildcards: false, fold: same, resolved: () => () => false } as const;

const exactly = (fold: (text: string) => string): TextRules => ({
  variables: true,
  wildcards: false,
  fold,
  fixed: (wanted) => (actual) => fold(actual) === wanted,
  resolved: (glob) => (actual) => globMatches(glob, fold(actual)),
});

const LIKE: TextRules = {
  variables: true,
  wildcards: true,
  fold: same,
  fixed: wildcardMatcher,
  resolved: (glob) => (actual) => globMatches(glob, actual),
};

const ARN: TextRules = {
  variables: true,
  wildcards: true,
  fold: same,
  fixed: (wanted) => arnMatcher(globOf(wanted)),
  resolved: arnMatcher,
};

const BOOLEAN = /^(?:true|false)$/;

const BOOL: TextRules = {
  ...exactly(lower),
  fixed: (wanted) => (BOOLEAN.test(wanted) ? (actual) => lower(actual) === wanted : undefined),
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const BINARY: TextRules = {
  ...NO_VARIABLES,
  fixed: (wanted) => {
    if (!BASE64.test(wanted)) return undefined;
    const bytes = Buffer.from(wanted, "base64");
    return (actual) => bytes.equals(Buffer.from(actual, "base64"));
  },
};

const IP: TextRules = { ...NO_VARIABLES, fixed: rangeOf };

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const EPOCH_SECONDS = /^-?\d+(?:\.\d+)?$/;
/** Seconds since 1970 are a number of 64 bits with a sign. */
const EPOCH_SECONDS_END = 2 ** 63;
const W3C_DAY = /^\d{4}(?:-\d\d(?:-\d\d)?)?$/;
/** As AWS takes it: the hour may have one digit, the zone no minutes. */
const W3C_TIME = /^(\d{4}-\d\d-\d\d)[Tt](\d{1,2})(:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?:(Z)|([+-]\d\d)(:\d\d)?)?$/;

const numberOf = (text: string): number => (NUMBER.test(text) ? Number(text) : Number.NaN);

/** Milliseconds of a date as the W3C writes it, or of seconds since 1970; NaN for anything else. */
const millisecondsOf = (text: string): number => {
  // A year alone and seconds since 1970 look alike; AWS's own dates are never a year alone, and seconds never so few.
  if (EPOCH_SECONDS.test(text) && text.length > 4) {
    const seconds = Number(text);
    return Math.abs(seconds) < EPOCH_SECONDS_END ? seconds * 1_000 : Number.NaN;
  }
  if (W3C_DAY.test(text)) return Date.parse(text);
  const [, day, hour = "", rest, , zone, minutes = ":00"] = W3C_TIME.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  return Date.parse(`${day}T${hour.padStart(2, "0")}${rest}${zone === undefined ? "Z" : zone + minutes}`);
};

type Compare = (actual: number, wanted: number) => boolean;

const compared =
  (valueOf: (text: string) => number) =>
  (compare: Compare): TextRules => ({
    ...NO_VARIABLES,
    fixed: (text) => {
      const wanted = valueOf(text);
      return Number.isNaN(wanted) ? undefined : (actual) => compare(valueOf(actual), wanted);
    },
  });

const numeric = compared(numberOf);
const date = compared(millisecondsOf);

const equal: Compare = (actual, wanted) => actual === wanted;
const less: Compare = (actual, wanted) => actual < wanted;
const lessOrEqual: Compare = (actual, wanted) => actual <= wanted;
const greater: Compare = (actual, wanted) => actual > wanted;
const greaterOrEqual: Compare = (actual, wanted) => actual >= wanted;

const is = (rules: TextRules): OperatorRow => ({ negated: false, rules });
const isNot = (rules: TextRules): OperatorRow => ({ negated: true, rules });

export const OPERATORS = {
  StringEquals: is(exactly(same)),
  StringNotEquals: isNot(exactly(same)),
  StringEqualsIgnoreCase: is(exactly(lower)),
  StringNotEqualsIgnoreCase: isNot(exactly(lower)),
  StringLike: is(LIKE),
  StringNotLike: isNot(LIKE),
  NumericEquals: is(numeric(equal)),
  NumericNotEquals: isNot(numeric(equal)),
  NumericLessThan: is(numeric(less)),
  NumericLessThanEquals: is(numeric(lessOrEqual)),
  NumericGreaterThan: is(numeric(greater)),
  NumericGreaterThanEquals: is(numeric(greaterOrEqual)),
  DateEquals: is(date(equal)),
  DateNotEquals: isNot(date(equal)),
  DateLessThan: is(date(less)),
  DateLessThanEquals: is(date(lessOrEqual)),
  DateGreaterThan: is(date(greater)),
  DateGreaterThanEquals: is(date(greaterOrEqual)),
  Bool: is(BOOL),
  BinaryEquals: is(BINARY),
  IpAddress: is(IP),
  NotIpAddress: isNot(IP),
  ArnEquals: is(ARN),
  ArnLike: is(ARN),
  ArnNotEquals: isNot(ARN),
  ArnNotLike: isNot(ARN),
} as const satisfies Readonly<Record<string, OperatorRow>>;

export type OperatorName = keyof typeof OPERATORS;
