/** TO_STRING and TO_TIMESTAMP with a pattern. */
import { SelectError } from "../errors.ts";
import {
  formatOffset,
  localFields,
  padded,
  timestampOf,
  type LocalFields,
  type Precision,
  type Timestamp,
} from "../values/timestamp.ts";
import { readPattern, type PatternSymbol, type PatternToken } from "./timestamp-pattern.ts";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const NANOSECOND_DIGITS = 9;

const yearText = (year: number, width: number): string => {
  if (width === 2) return padded(year % 100, 2);
  return width === 4 ? padded(year, 4) : String(year);
};

const monthText = (month: number, width: number): string => {
  const name = MONTHS[month - 1] ?? "";
  if (width === 3) return name.slice(0, 3);
  if (width === 4) return name;
  return width === 5 ? name.slice(0, 1) : padded(month, width);
};

/** `+08`, `+0800`, `+08:00`, by the number of symbols. */
const offsetText = (offsetMinutes: number, width: number): string => {
  if (width === 1) return formatOffset(offsetMinutes, "").slice(0, 3);
  return formatOffset(offsetMinutes, width === 3 || width === 5 ? ":" : "");
};

const fieldText = (
  { symbol, width }: { readonly symbol: PatternSymbol; readonly width: number },
  fields: LocalFields,
  offsetMinutes: number,
): string => {
  switch (symbol) {
    case "y":
      return yearText(fields.year, width);
    case "M":
      return monthText(fields.month, width);
    case "d":
      return padded(fields.day, width);
    case "a":
      return fields.hour < 12 ? "AM" : "PM";
    case "h":
      return padded(fields.hour % 12 || 12, width);
    case "H":
      return padded(fields.hour, width);
    case "m":
      return padded(fields.minute, width);
    case "s":
      return padded(fields.second, width);
    case "S":
      return padded(fields.nanosecond, NANOSECOND_DIGITS).slice(0, width);
    case "n":
      return String(fields.nanosecond);
    case "X":
      return offsetMinutes === 0 ? "Z" : offsetText(offsetMinutes, width);
    case "x":
      return offsetText(offsetMinutes, width);
  }
};

/** TO_STRING. Errors: those of the pattern. */
export const formatByPattern = (pattern: string): ((timestamp: Timestamp) => string) => {
  const tokens = readPattern(pattern);
  return (timestamp) => {
    const fields = localFields(timestamp);
    const offset = timestamp.offsetMinutes ?? 0;
    return tokens.map((token) => (token.kind === "text" ? token.text : fieldText(token, fields, offset))).join("");
  };
};

type Reading = { -readonly [Field in PatternSymbol]?: number };

const DIGITS: Readonly<Partial<Record<PatternSymbol, string>>> = { y: "\\d{4}", n: "\\d{1,9}" };

const fieldPattern = ({ symbol, width }: { symbol: PatternSymbol; width: number }): string => {
  if (symbol === "M" && width === 3) return MONTHS.map((name) => name.slice(0, 3)).join("|");
  if (symbol === "M" && width === 4) return MONTHS.join("|");
  if (symbol === "a") return "AM|PM";
  if (symbol === "S") return `\\d{${width}}`;
  if (symbol === "X" || symbol === "x") {
    const minutes = width === 1 ? "" : width === 3 || width === 5 ? ":\\d{2}" : "\\d{2}";
    return `${symbol === "X" ? "Z|" : ""}[+-]\\d{2}${minutes}`;
  }
  return (width === 2 ? "\\d{2}" : DIGITS[symbol]) ?? "\\d{1,2}";
};

const CENTURY_PIVOT = 70;

const readField = ({ symbol, width }: { symbol: PatternSymbol; width: number }, text: string): number => {
  if (symbol === "M" && width >= 3) {
    return MONTHS.findIndex((name) => name.slice(0, 3).toUpperCase() === text.slice(0, 3).toUpperCase()) + 1;
  }
  if (symbol === "a") return text.toUpperCase() === "PM" ? 12 : 0;
  if (symbol === "S") return Number(text.padEnd(NANOSECOND_DIGITS, "0"));
  if (symbol === "X" || symbol === "x") {
    if (text === "Z") return 0;
    const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(":", ""));
    return text.startsWith("-") ? -minutes : minutes;
  }
  if (symbol === "y" && width === 2) return Number(text) + (Number(text) < CENTURY_PIVOT ? 2_000 : 1_900);
  return Number(text);
};

type FieldToken = Extract<PatternToken, { kind: "field" }>;

/** Which symbols say the same thing, so that only one of them may stand in a pattern that is parsed. */
const SAME: Readonly<Partial<Record<PatternSymbol, PatternSymbol>>> = { h: "H", n: "S", x: "X" };

const assertParsable = (fields: readonly FieldToken[]): void => {
  const seen = new Set<PatternSymbol>();
  for (const { symbol, width } of fields) {
    if (symbol === "M" && width === 5) {
      throw new SelectError("EvaluatorInvalidTimestampFormatPatternSymbolForParsing");
    }
    const meaning = SAME[symbol] ?? symbol;
    if (seen.has(meaning)) throw new SelectError("EvaluatorTimestampFormatPatternDuplicateFields");
    seen.add(meaning);
  }
  const has = (symbol: PatternSymbol): boolean => fields.some((field) => field.symbol === symbol);
  if (has("h") ? !has("a") : has("a")) {
    throw new SelectError("EvaluatorTimestampFormatPatternHourClockAmPmMismatch");
  }
  if (!has("y")) throw new SelectError("EvaluatorInvalidTimestampFormatPattern");
};

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const precisionOf = (read: Reading): Precision => {
  if (read.s !== undefined || read.S !== undefined || read.n !== undefined) return "second";
  if (read.H !== undefined || read.h !== undefined || read.m !== undefined) return "minute";
  if (read.d !== undefined) return "day";
  return read.M === undefined ? "year" : "month";
};

const hourOf = ({ H, h, a }: Reading): number => H ?? (h === undefined ? 0 : (h % 12) + (a ?? 0));

/** TO_TIMESTAMP with a pattern. Errors: those of the pattern; ValueParseFailure for a text that does not fit. */
export const parseByPattern = (pattern: string): ((text: string) => Timestamp) => {
  const tokens = readPattern(pattern);
  const fields = tokens.filter((token) => token.kind === "field");
  assertParsable(fields);
  const source = tokens.map((token) => (token.kind === "text" ? escaped(token.text) : `(${fieldPattern(token)})`));
  const whole = new RegExp(`^${source.join("")}$`, "i");
  const width =
    fields.find(({ symbol }) => symbol === "S")?.width ?? (fields.some(({ symbol }) => symbol === "n") ? 9 : 0);
  return (text) => {
    const found = whole.exec(text);
    if (found === null) throw new SelectError("ValueParseFailure");
    const read: Reading = {};
    fields.forEach((field, at) => (read[field.symbol] = readField(field, found[at + 1] ?? "")));
    const timestamp = timestampOf(
      {
        year: read.y ?? 0,
        month: read.M ?? 1,
        day: read.d ?? 1,
        hour: hourOf(read),
        minute: read.m ?? 0,
        second: read.s ?? 0,
        nanosecond: read.S ?? read.n ?? 0,
      },
      { precision: precisionOf(read), fractionDigits: width, offsetMinutes: read.X ?? read.x },
    );
    if (timestamp === undefined) throw new SelectError("ValueParseFailure");
    return timestamp;
  };
};
