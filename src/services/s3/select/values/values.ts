/** The values that a query computes with. */
import type { Decimal } from "./decimal.ts";
import type { Timestamp } from "./timestamp.ts";

/** What a path that leads nowhere gives. It is unknown, as NULL is, and left out of what is written. */
export const MISSING = Symbol("MISSING");

/** A record or a JSON object: fields in their order. Names may come twice. */
export type Struct = {
  readonly kind: "struct";
  readonly names: readonly string[];
  readonly values: readonly Value[];
};

/** `bigint` is INT, `number` FLOAT; arrays are lists. */
export type Value =
  | null
  | typeof MISSING
  | boolean
  | string
  | bigint
  | number
  | Decimal
  | Timestamp
  | Struct
  | readonly Value[];

/** A value that is computed with as a number. */
export type Numeric = bigint | number | Decimal;

export const isUnknown = (value: Value): value is null | typeof MISSING => value === null || value === MISSING;

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

export const isStruct = (value: Value): value is Struct =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "struct";

export const isTimestamp = (value: Value): value is Timestamp =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "timestamp";

export const isDecimal = (value: Value): value is Decimal =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "decimal";

export const isNumeric = (value: Value): value is Numeric =>
  typeof value === "bigint" || typeof value === "number" || isDecimal(value);
