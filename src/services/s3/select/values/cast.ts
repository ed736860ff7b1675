/** CAST. https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-conversion.html */
import { SelectError } from "../errors.ts";
import type { TypeName } from "../sql/ast.ts";
import { toDecimal, toFloat } from "./compare.ts";
import { decimal, formatDecimal, parseDecimal, truncateDecimal } from "./decimal.ts";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";
import {
  isDecimal,
  isList,
  isNumeric,
  isStruct,
  isTimestamp,
  isUnknown,
  type Numeric,
  type Struct,
  type Value,
} from "./values.ts";

const INT_BITS = 64;

const failed = (): SelectError => new SelectError("CastFailed");

/** A scalar as it is written in a CSV field: nothing for NULL and MISSING. */
export const scalarText = (value: Exclude<Value, Struct | readonly Value[]>): string => {
  if (isUnknown(value)) return "";
  if (isDecimal(value)) return formatDecimal(value);
  return isTimestamp(value) ? formatTimestamp(value) : String(value);
};

/** A text that is a number, as an INT where it is one and as a DECIMAL otherwise. */
export const readNumber = (text: string): Numeric | undefined => {
  const value = parseDecimal(text);
  if (value === undefined || value.exponent !== 0) return value;
  return BigInt.asIntN(INT_BITS, value.coefficient) === value.coefficient ? value.coefficient : value;
};

const toBool = (value: Value): boolean => {
  if (typeof value === "boolean") return value;
  if (isNumeric(value)) return isDecimal(value) ? value.coefficient !== 0n : Number(value) !== 0;
  const text = typeof value === "string" ? value.toLowerCase() : "";
  if (text !== "true" && text !== "false") throw failed();
  return text === "true";
};

const wholeOf = (value: Numeric): bigint => {
  if (typeof value === "bigint") return value;
  if (isDecimal(value)) return truncateDecimal(value);
  if (!Number.isFinite(value)) throw failed();
  return BigInt(Math.trunc(value));
};

const toInt = (value: Value): bigint => {
  if (typeof value === "boolean") return value ? 1n : 0n;
  // A text must be an INT; only numbers are cut.
  if (typeof value === "string" && !/^[+-]?0*\d{1,19}$/.test(value)) throw failed();
  const whole =
    typeof value === "string" ? BigInt(value.replace(/^\+/, "")) : isNumeric(value) ? wholeOf(value) : undefined;
  if (whole === undefined || BigInt.asIntN(INT_BITS, whole) !== whole) throw failed();
  return whole;
};

const toNumeric = (value: Value): Numeric => {
  if (isNumeric(value)) return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  const number = typeof value === "string" ? readNumber(value) : undefined;
  if (number === undefined) throw failed();
  return number;
};

const exactly = (value: number): Value => parseDecimal(String(value)) ?? decimal(0n, 0);

const toDecimalValue = (value: Value): Value => {
  const number = toNumeric(value);
  if (typeof number !== "number") return toDecimal(number);
  if (!Number.isFinite(number)) throw failed();
  return exactly(number);
};

const toText = (value: Value): string => {
  if (isList(value) || isStruct(value)) throw failed();
  return scalarText(value);
};

const toTimestamp = (value: Value): Value => {
  if (isTimestamp(value)) return value;
  const timestamp = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (timestamp === undefined) throw failed();
  return timestamp;
};

const CASTS: Readonly<Record<TypeName, (value: Value) => Value>> = {
  BOOL: toBool,
  INT: toInt,
  STRING: toText,
  FLOAT: (value) => toFloat(toNumeric(value)),
  DECIMAL: toDecimalValue,
  TIMESTAMP: toTimestamp,
};

/** `value` as a `type`; NULL and MISSING stay what they are. Errors: CastFailed. */
export const castValue = (value: Value, type: TypeName): Value => (isUnknown(value) ? value : CASTS[type](value));

/** Whether `value` is a `type`, as IS asks. */
export const isOfType = (value: Value, type: TypeName): boolean => {
  switch (type) {
    case "BOOL":
      return typeof value === "boolean";
    case "INT":
      return typeof value === "bigint";
    case "STRING":
      return typeof value === "string";
    case "FLOAT":
      return typeof value === "number";
    case "DECIMAL":
      return isDecimal(value);
    case "TIMESTAMP":
      return isTimestamp(value);
  }
};
