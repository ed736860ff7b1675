/** Which values are equal, and which come first. */
import { compareDecimals, decimal, decimalToNumber, type Decimal } from "./decimal.ts";
import { isDecimal, isList, isNumeric, isStruct, isTimestamp, type Numeric, type Value } from "./values.ts";

/** Code units from here to U+DFFF are halves of characters that come after all others. */
const SURROGATES_START = 0xd800;

/** By Unicode code points, which is also the order of UTF-8 bytes. */
const compareText = (a: string, b: string): number => {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    if (left < SURROGATES_START || right < SURROGATES_START) return left - right;
    const isPair = (unit: number): boolean => unit < 0xe000;
    return isPair(left) === isPair(right) ? left - right : isPair(left) ? 1 : -1;
  }
  return a.length - b.length;
};

export const toDecimal = (value: bigint | Decimal): Decimal => (typeof value === "bigint" ? decimal(value, 0) : value);

export const toFloat = (value: Numeric): number => (isDecimal(value) ? decimalToNumber(value) : Number(value));

const compareNumbers = (a: Numeric, b: Numeric): number => {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "number" || typeof b === "number") return toFloat(a) - toFloat(b);
  return compareDecimals(toDecimal(a), toDecimal(b));
};

const compareBigints = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Below, at or above 0 as `a` comes before `b`, is equal or comes after; undefined for kinds that have no order between them. */
export const compareValues = (a: Value, b: Value): number | undefined => {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (isTimestamp(a) && isTimestamp(b)) return compareBigints(a.epochNs, b.epochNs);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  return undefined;
};

/** Whether two values are the same; values of different kinds are not. */
export const equalValues = (a: Value, b: Value): boolean => {
  if (isList(a) && isList(b)) return equalLists(a, b);
  if (isStruct(a) && isStruct(b)) return equalTexts(a.names, b.names) && equalLists(a.values, b.values);
  if (a === b) return true;
  return compareValues(a, b) === 0;
};

const equalTexts = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, at) => text === b[at]);

const equalLists = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((value, at) => equalValues(value, b[at] ?? null));
