/**
 * Aggregates over all rows. They pass over NULL and MISSING.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-aggregate.html
 */
import { SelectError } from "../errors.ts";
import type { AggregateName } from "../sql/ast.ts";
import { calculate, mean } from "../values/arithmetic.ts";
import { readNumber } from "../values/cast.ts";
import { compareValues } from "../values/compare.ts";
import { isNumeric, isTimestamp, isUnknown, type Numeric, type Value } from "../values/values.ts";

export type Accumulator = {
  add(value: Value): void;
  result(): Value;
};

const refused = (): SelectError => new SelectError("IllegalSqlFunctionArgument");

/** A number; of a text, the one that it is. Errors: IllegalSqlFunctionArgument. */
const numberOf = (value: Value): Numeric => {
  const number = typeof value === "string" ? readNumber(value) : value;
  if (number === undefined || !isNumeric(number)) throw refused();
  return number;
};

const createCount = (): Accumulator => {
  let count = 0n;
  return {
    add: () => {
      count += 1n;
    },
    result: () => count,
  };
};

const createSum = (): Accumulator => {
  let sum: Numeric | undefined;
  return {
    add: (value) => {
      const number = numberOf(value);
      sum = sum === undefined ? number : calculate("+", sum, number);
    },
    result: () => sum ?? null,
  };
};

const createAverage = (): Accumulator => {
  const sum = createSum();
  const count = createCount();
  return {
    add: (value) => {
      sum.add(value);
      count.add(value);
    },
    result: () => {
      const total = sum.result();
      return isNumeric(total) ? mean(total, count.result() as bigint) : null;
    },
  };
};

/** The one that comes before (`sign` -1) or after (1) all others. */
const createExtreme = (sign: -1 | 1): Accumulator => {
  let best: Value | undefined;
  return {
    add: (value) => {
      const candidate = isTimestamp(value) ? value : numberOf(value);
      if (best === undefined) {
        best = candidate;
        return;
      }
      const order = compareValues(candidate, best);
      if (order === undefined) throw refused();
      if (order * sign > 0) best = candidate;
    },
    result: () => best ?? null,
  };
};

const CREATORS: Readonly<Record<AggregateName, () => Accumulator>> = {
  COUNT: createCount,
  SUM: createSum,
  AVG: createAverage,
  MIN: () => createExtreme(-1),
  MAX: () => createExtreme(1),
};

/** Adding may throw IllegalSqlFunctionArgument for a value that is none of the aggregate's kind, and IntegerOverflow. */
export const createAccumulator = (name: AggregateName): Accumulator => {
  const accumulator = CREATORS[name]();
  return {
    add: (value) => {
      if (!isUnknown(value)) accumulator.add(value);
    },
    result: () => accumulator.result(),
  };
};
