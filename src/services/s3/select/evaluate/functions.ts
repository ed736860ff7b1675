/**
 * The functions of S3 Select, over values.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html
 */
import { SelectError } from "../errors.ts";
import type { ExtractPart, TrimSide } from "../sql/ast.ts";
import {
  addToTimestamp,
  localFields,
  parseTimestamp,
  timestampDifference,
  type DatePart,
  type Timestamp,
} from "../values/timestamp.ts";
import { isTimestamp, isUnknown, type Value } from "../values/values.ts";

const wrongType = (): SelectError => new SelectError("IncorrectSqlFunctionArgumentType");

/** Errors: IncorrectSqlFunctionArgumentType. */
export const asText = (value: Value): string => {
  if (typeof value !== "string") throw wrongType();
  return value;
};

/** A timestamp, or a text that is one. Errors: IncorrectSqlFunctionArgumentType, ValueParseFailure. */
export const asTimestamp = (value: Value): Timestamp => {
  if (isTimestamp(value)) return value;
  const timestamp = parseTimestamp(asText(value));
  if (timestamp === undefined) throw new SelectError("ValueParseFailure");
  return timestamp;
};

/** Errors: IncorrectSqlFunctionArgumentType. */
export const asInt = (value: Value): bigint => {
  if (typeof value === "bigint") return value;
  if (typeof value === "string" && /^-?\d{1,18}$/.test(value)) return BigInt(value);
  throw wrongType();
};

export const charLength = (text: string): bigint => BigInt(Array.from(text).length);

/** From the character `start` on, counted from 1. Errors: IllegalSqlFunctionArgument for a negative length. */
export const substring = (text: string, start: bigint, length: bigint | undefined): string => {
  if (length !== undefined && length < 0n) throw new SelectError("IllegalSqlFunctionArgument");
  const characters = Array.from(text);
  const from = start < 1n ? 1n : start;
  // A start before the text uses up some of the length.
  const end = length === undefined ? BigInt(characters.length) + 1n : start + length;
  return characters.slice(clamped(from, characters) - 1, Math.max(0, clamped(end, characters) - 1)).join("");
};

const clamped = (place: bigint, characters: readonly string[]): number =>
  Number(place > BigInt(characters.length + 1) ? BigInt(characters.length + 1) : place < 1n ? 1n : place);

/** Without any of `characters` at its ends. */
export const trim = (text: string, side: TrimSide, characters: string): string => {
  const removed = new Set(characters);
  const all = Array.from(text);
  let from = 0;
  let to = all.length;
  if (side !== "TRAILING") while (from < to && removed.has(all[from] ?? "")) from += 1;
  if (side !== "LEADING") while (to > from && removed.has(all[to - 1] ?? "")) to -= 1;
  return all.slice(from, to).join("");
};

/** Errors: ExternalEvalException for a time beyond the years 1 to 9999. */
export const dateAdd = (part: DatePart, quantity: bigint, timestamp: Timestamp): Timestamp => {
  const later = addToTimestamp(timestamp, { part, quantity });
  if (later === undefined) throw new SelectError("ExternalEvalException");
  return later;
};

export const dateDiff = timestampDifference;

export const extract = (part: ExtractPart, timestamp: Timestamp): bigint => {
  const offset = timestamp.offsetMinutes ?? 0;
  if (part === "timezone_hour") return BigInt(Math.trunc(offset / 60));
  if (part === "timezone_minute") return BigInt(offset % 60);
  return BigInt(localFields(timestamp)[part]);
};

/** `call` over arguments that are all known; NULL if one of them is not. */
export const known =
  (call: (...args: Value[]) => Value) =>
  (...args: Value[]): Value =>
    args.some(isUnknown) ? null : call(...args);
