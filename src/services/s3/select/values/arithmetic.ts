/** Computing with numbers: INT with INT stays INT, FLOAT with anything is FLOAT, the rest is DECIMAL. */
import { SelectError } from "../errors.ts";
import { toDecimal, toFloat } from "./compare.ts";
import {
  addDecimals,
  decimal,
  divideDecimals,
  multiplyDecimals,
  negateDecimal,
  remainderOfDecimals,
  type Decimal,
} from "./decimal.ts";
import { isDecimal, type Numeric } from "./values.ts";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

const INT_MAX = 2n ** 63n - 1n;
const INT_MIN = -(2n ** 63n);

/** An INT of 8 bytes. Errors: IntegerOverflow. */
export const checkInt = (value: bigint): bigint => {
  if (value > INT_MAX || value < INT_MIN) throw new SelectError("IntegerOverflow");
  return value;
};

const ZERO_DIVISOR = "Division by zero in the SQL expression.";

const integers = (operator: ArithmeticOperator, a: bigint, b: bigint): bigint => {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
  }
};

const floats = (operator: ArithmeticOperator, a: number, b: number): number => {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
  }
};

const decimals = (operator: ArithmeticOperator, a: Decimal, b: Decimal): Decimal => {
  switch (operator) {
    case "+":
      return addDecimals(a, b);
    case "-":
      return addDecimals(a, negateDecimal(b));
    case "*":
      return multiplyDecimals(a, b);
    case "/":
      return divideDecimals(a, b);
    case "%":
      return remainderOfDecimals(a, b);
  }
};

const isZero = (value: Numeric): boolean => (isDecimal(value) ? value.coefficient === 0n : Number(value) === 0);

/** Errors: IntegerOverflow, ExternalEvalException for a division by zero. */
export const calculate = (operator: ArithmeticOperator, a: Numeric, b: Numeric): Numeric => {
  if ((operator === "/" || operator === "%") && isZero(b)) {
    throw new SelectError("ExternalEvalException", { message: ZERO_DIVISOR });
  }
  if (typeof a === "bigint" && typeof b === "bigint") return checkInt(integers(operator, a, b));
  if (typeof a === "number" || typeof b === "number") return floats(operator, toFloat(a), toFloat(b));
  return decimals(operator, toDecimal(a), toDecimal(b));
};

/** Errors: IntegerOverflow. */
export const negate = (value: Numeric): Numeric => {
  if (typeof value === "bigint") return checkInt(-value);
  return typeof value === "number" ? -value : negateDecimal(value);
};

/** The mean of `count` (not zero) values: FLOAT of FLOATs, else DECIMAL. */
export const mean = (sum: Numeric, count: bigint): Numeric =>
  typeof sum === "number" ? sum / Number(count) : divideDecimals(toDecimal(sum), decimal(count, 0));
