/** Comparisons, and what is made of them -> closures over a row. Each operand is compiled once, and computed once for a row. */
import type { Expression } from "../sql/ast.ts";
import { readNumber } from "../values/cast.ts";
import { compareValues, equalValues } from "../values/compare.ts";
import { isNumeric, isUnknown, type Value } from "../values/values.ts";
import type { Evaluate } from "./names.ts";

type Of<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;

/** One side of a comparison. */
export type Operand = {
  readonly evaluate: Evaluate;
  /** It is a column without a type: it is read as a number where it meets one, and is unknown if it is none. */
  readonly isColumn: boolean;
};

type CompileOperand = (expression: Expression) => Operand;
type Compare = (a: Value, b: Value) => boolean | null;

const beside = (value: Value, { isColumn }: Operand, other: Value): Value =>
  isColumn && typeof value === "string" && isNumeric(other) ? (readNumber(value) ?? null) : value;

/** `test` over the values of two operands, once both are known. */
const comparison =
  (left: Operand, right: Operand, test: (a: Value, b: Value) => boolean | null): Compare =>
  (a, b) => {
    const first = beside(a, left, b);
    const second = beside(b, right, a);
    return isUnknown(first) || isUnknown(second) ? null : test(first, second);
  };

const ordered =
  (test: (order: number) => boolean) =>
  (a: Value, b: Value): boolean | null => {
    const order = compareValues(a, b);
    // NaN has no order either.
    return order === undefined || Number.isNaN(order) ? null : test(order);
  };

const atLeast = ordered((order) => order >= 0);
const atMost = ordered((order) => order <= 0);

const TESTS = {
  "=": equalValues,
  "<>": (a: Value, b: Value) => !equalValues(a, b),
  "<": ordered((order) => order < 0),
  ">": ordered((order) => order > 0),
  "<=": atMost,
  ">=": atLeast,
} as const;

export type ComparisonOperator = keyof typeof TESTS;

export const compileComparison = (
  { left, right }: Of<"binary">,
  { operator, compile }: { readonly operator: ComparisonOperator; readonly compile: CompileOperand },
): Evaluate => {
  const first = compile(left);
  const second = compile(right);
  const compare = comparison(first, second, TESTS[operator]);
  return (row) => compare(first.evaluate(row), second.evaluate(row));
};

export const compileIn = ({ operand, options, negated }: Of<"in">, compile: CompileOperand): Evaluate => {
  const wanted = compile(operand);
  const choices = options.map((option) => {
    const choice = compile(option);
    return { evaluate: choice.evaluate, equal: comparison(wanted, choice, equalValues) };
  });
  return (row) => {
    const value = wanted.evaluate(row);
    let unknown = false;
    for (const { evaluate, equal } of choices) {
      const found = equal(value, evaluate(row));
      if (found === true) return !negated;
      unknown ||= found === null;
    }
    return unknown ? null : negated;
  };
};

export const compileBetween = ({ operand, low, high, negated }: Of<"between">, compile: CompileOperand): Evaluate => {
  const wanted = compile(operand);
  const from = compile(low);
  const to = compile(high);
  const isAbove = comparison(wanted, from, atLeast);
  const isBelow = comparison(wanted, to, atMost);
  return (row) => {
    const value = wanted.evaluate(row);
    const above = isAbove(value, from.evaluate(row));
    const below = isBelow(value, to.evaluate(row));
    if (above === false || below === false) return negated;
    return above === null || below === null ? null : !negated;
  };
};

export const compileCase = ({ operand, branches, otherwise }: Of<"case">, compile: CompileOperand): Evaluate => {
  const wanted = operand && compile(operand);
  const compiled = branches.map(({ when, result }) => {
    const condition = compile(when);
    const equal = wanted && comparison(wanted, condition, equalValues);
    return { condition: condition.evaluate, equal, result: compile(result).evaluate };
  });
  const last = otherwise && compile(otherwise).evaluate;
  return (row) => {
    const value = wanted?.evaluate(row) ?? null;
    const found = compiled.find(({ condition, equal }) => {
      const truth = condition(row);
      return (equal === undefined ? truth : equal(value, truth)) === true;
    });
    return found === undefined ? (last?.(row) ?? null) : found.result(row);
  };
};
