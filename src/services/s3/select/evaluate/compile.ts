/** Expressions -> closures over a row. */
import { SelectError } from "../errors.ts";
import type { Expression } from "../sql/ast.ts";
import { calculate, negate, type ArithmeticOperator } from "../values/arithmetic.ts";
import { castValue, isOfType, readNumber } from "../values/cast.ts";
import { isNumeric, isUnknown, MISSING, type Value } from "../values/values.ts";
import { createAccumulator, type Accumulator } from "./aggregates.ts";
import { compileCall, compileDateAdd, compileDateDiff, compileExtract, compileTrim } from "./compile-calls.ts";
import { compileBetween, compileCase, compileComparison, compileIn, type Operand } from "./compile-comparisons.ts";
import { compileLike } from "./like.ts";
import type { Evaluate, Names } from "./names.ts";

/** An aggregate of the query, and what is added to it for each row. */
export type Aggregate = { readonly accumulator: Accumulator; readonly operand: Evaluate };

export type CompileScope = {
  readonly names: Names;
  /** Where the expression's aggregates are put; undefined where none may be. */
  readonly aggregates: Aggregate[] | undefined;
  /** The time that UTCNOW gives. */
  readonly nowMs: number;
};

type Kind = Expression["kind"];
type Of<K extends Kind> = Extract<Expression, { readonly kind: K }>;
type Compile<K extends Kind> = (expression: Of<K>, scope: CompileScope) => Evaluate;

const compileList: Compile<"list"> = ({ items }, scope) => {
  const values = items.map((item) => compile(item, scope));
  return (row) => values.map((value) => value(row));
};

/** NOT, AND and OR know true, false and unknown; what is no truth value is unknown. */
const compileNot: Compile<"not"> = ({ operand }, scope) => {
  const value = compile(operand, scope);
  return (row) => {
    const truth = value(row);
    return typeof truth === "boolean" ? !truth : null;
  };
};

/** AND for `decisive` false, OR for true: one value of it decides. */
const compileLogic = (expression: Of<"binary">, scope: CompileScope, { decisive }: { decisive: boolean }): Evaluate => {
  const left = compile(expression.left, scope);
  const right = compile(expression.right, scope);
  return (row) => {
    const first = left(row);
    if (first === decisive) return decisive;
    const second = right(row);
    if (second === decisive) return decisive;
    return first === !decisive && second === !decisive ? !decisive : null;
  };
};

const asNumber = (value: Value, { untyped }: Names) => {
  const number = untyped && typeof value === "string" ? readNumber(value) : value;
  if (number === undefined) throw new SelectError("CastFailed");
  if (!isNumeric(number)) throw new SelectError("IncorrectSqlFunctionArgumentType");
  return number;
};

const compileArithmetic = (
  { left: first, right: second }: Of<"binary">,
  { operator, scope }: { readonly operator: ArithmeticOperator; readonly scope: CompileScope },
): Evaluate => {
  const left = compile(first, scope);
  const right = compile(second, scope);
  return (row) => {
    const a = left(row);
    const b = right(row);
    if (isUnknown(a) || isUnknown(b)) return a === MISSING || b === MISSING ? MISSING : null;
    return calculate(operator, asNumber(a, scope.names), asNumber(b, scope.names));
  };
};

const compileBinary: Compile<"binary"> = (expression, scope) => {
  const { operator } = expression;
  switch (operator) {
    case "AND":
    case "OR":
      return compileLogic(expression, scope, { decisive: operator === "OR" });
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return compileArithmetic(expression, { operator, scope });
    default:
      return compileComparison(expression, { operator, compile: operandsIn(scope) });
  }
};

/** Compiles what is compared. */
const operandsIn =
  (scope: CompileScope) =>
  (expression: Expression): Operand => ({
    evaluate: compile(expression, scope),
    isColumn: scope.names.untyped && expression.kind === "path",
  });

const compileNegative: Compile<"negative"> = ({ operand }, scope) => {
  const value = compile(operand, scope);
  return (row) => {
    const number = value(row);
    return isUnknown(number) ? number : negate(asNumber(number, scope.names));
  };
};

const compileIs: Compile<"is"> = ({ operand, what, negated }, scope) => {
  const value = compile(operand, scope);
  const test = (found: Value): boolean => {
    if (what === "NULL") return isUnknown(found);
    return what === "MISSING" ? found === MISSING : isOfType(found, what);
  };
  return (row) => test(value(row)) !== negated;
};

const compileLikeExpression: Compile<"like"> = ({ operand, pattern, escape, negated }, scope) => {
  const value = compile(operand, scope);
  const patternValue = compile(pattern, scope);
  const escapeValue = escape && compile(escape, scope);
  let last: { pattern: string; escape: string | undefined; matches: (text: string) => boolean } | undefined;
  return (row) => {
    const text = value(row);
    const wanted = patternValue(row);
    const escapes = escapeValue?.(row);
    if (isUnknown(text) || isUnknown(wanted) || (escapes !== undefined && isUnknown(escapes))) return null;
    if (
      typeof text !== "string" ||
      typeof wanted !== "string" ||
      (escapes !== undefined && typeof escapes !== "string")
    ) {
      throw new SelectError("LikeInvalidInputs");
    }
    if (last === undefined || last.pattern !== wanted || last.escape !== escapes) {
      last = { pattern: wanted, escape: escapes, matches: compileLike(wanted, escapes) };
    }
    return last.matches(text) !== negated;
  };
};

const compileAggregate: Compile<"aggregate"> = ({ name, operand }, scope) => {
  const { aggregates } = scope;
  if (aggregates === undefined) throw new SelectError("UnsupportedSqlOperation");
  const accumulator = createAccumulator(name);
  // An aggregate of an aggregate means nothing.
  const value = operand && compile(operand, { ...scope, aggregates: undefined });
  aggregates.push({ accumulator, operand: value ?? (() => true) });
  return () => accumulator.result();
};

const COMPILERS: { readonly [K in Kind]: Compile<K> } = {
  literal:
    ({ value }) =>
    () =>
      value,
  path: ({ name, steps }, { names }) => names.resolve(name, steps),
  list: compileList,
  not: compileNot,
  negative: compileNegative,
  binary: compileBinary,
  is: compileIs,
  like: compileLikeExpression,
  in: (expression, scope) => compileIn(expression, operandsIn(scope)),
  between: (expression, scope) => compileBetween(expression, operandsIn(scope)),
  case: (expression, scope) => compileCase(expression, operandsIn(scope)),
  cast: ({ operand, type }, scope) => {
    const value = compile(operand, scope);
    return (row) => castValue(value(row), type);
  },
  call: (expression, scope) =>
    compileCall(expression, { compile: (inner) => compile(inner, scope), nowMs: scope.nowMs }),
  extract: (expression, scope) => compileExtract(expression, (inner) => compile(inner, scope)),
  dateAdd: (expression, scope) => compileDateAdd(expression, (inner) => compile(inner, scope)),
  dateDiff: (expression, scope) => compileDateDiff(expression, (inner) => compile(inner, scope)),
  trim: (expression, scope) => compileTrim(expression, (inner) => compile(inner, scope)),
  aggregate: compileAggregate,
};

/** Compiles an expression. Errors: those of names that mean nothing; running it throws those of values. */
export const compile = (expression: Expression, scope: CompileScope): Evaluate =>
  (COMPILERS[expression.kind] as Compile<Kind>)(expression, scope);
