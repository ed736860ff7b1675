/** Calls of functions -> closures over a row. */
import type { Expression, FunctionName } from "../sql/ast.ts";
import { equalValues } from "../values/compare.ts";
import { timestampOfMs, type Timestamp } from "../values/timestamp.ts";
import { isUnknown, type Value } from "../values/values.ts";
import {
  asInt,
  asText,
  asTimestamp,
  charLength,
  dateAdd,
  dateDiff,
  extract,
  known,
  substring,
  trim,
} from "./functions.ts";
import type { Evaluate } from "./names.ts";
import { formatByPattern, parseByPattern } from "./timestamp-text.ts";

type CompileOne = (expression: Expression) => Evaluate;
type Of<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>;
type Call = (...args: Value[]) => Value;

/** Reads a pattern again only when it is another than before: it is nearly always a literal. */
const withPattern = <Result>(read: (pattern: string) => Result): ((pattern: string) => Result) => {
  let last: { readonly pattern: string; readonly result: Result } | undefined;
  return (pattern) => {
    if (last?.pattern !== pattern) last = { pattern, result: read(pattern) };
    return last.result;
  };
};

const nullIf: Call = (first = null, second = null) => {
  if (isUnknown(first) || (!isUnknown(second) && equalValues(first, second))) return null;
  return first;
};

const coalesce: Call = (...args) => args.find((value) => !isUnknown(value)) ?? null;

const toTimestamp = (): Call => {
  const parserOf = withPattern(parseByPattern);
  return known((text = null, pattern) =>
    pattern === undefined ? asTimestamp(text) : parserOf(asText(pattern))(asText(text)),
  );
};

const toText = (): Call => {
  const formatterOf = withPattern<(timestamp: Timestamp) => string>(formatByPattern);
  return known((timestamp = null, pattern = null) => formatterOf(asText(pattern))(asTimestamp(timestamp)));
};

/** Total: a function without a row does not compile. Each gives the function for one place of a query. */
const FUNCTIONS: Readonly<Record<FunctionName, (options: { readonly nowMs: number }) => Call>> = {
  CHAR_LENGTH: () => known((text = null) => charLength(asText(text))),
  COALESCE: () => coalesce,
  LOWER: () => known((text = null) => asText(text).toLowerCase()),
  NULLIF: () => nullIf,
  SUBSTRING: () =>
    known((text = null, start = null, length) =>
      substring(asText(text), asInt(start), length === undefined ? undefined : asInt(length)),
    ),
  TO_STRING: toText,
  TO_TIMESTAMP: toTimestamp,
  UPPER: () => known((text = null) => asText(text).toUpperCase()),
  UTCNOW: ({ nowMs }) => {
    const now = timestampOfMs(nowMs);
    return () => now;
  },
};

export const compileCall = (
  { name, args }: Of<"call">,
  { compile, nowMs }: { readonly compile: CompileOne; readonly nowMs: number },
): Evaluate => {
  const values = args.map(compile);
  const call = FUNCTIONS[name]({ nowMs });
  return (row) => call(...values.map((value) => value(row)));
};

export const compileExtract = ({ part, operand }: Of<"extract">, compile: CompileOne): Evaluate => {
  const value = compile(operand);
  const call = known((timestamp = null) => extract(part, asTimestamp(timestamp)));
  return (row) => call(value(row));
};

export const compileDateAdd = ({ part, quantity, operand }: Of<"dateAdd">, compile: CompileOne): Evaluate => {
  const count = compile(quantity);
  const value = compile(operand);
  const call = known((by = null, timestamp = null) => dateAdd(part, asInt(by), asTimestamp(timestamp)));
  return (row) => call(count(row), value(row));
};

export const compileDateDiff = ({ part, from, to }: Of<"dateDiff">, compile: CompileOne): Evaluate => {
  const start = compile(from);
  const end = compile(to);
  const call = known((first = null, second = null) => dateDiff(part, asTimestamp(first), asTimestamp(second)));
  return (row) => call(start(row), end(row));
};

export const compileTrim = ({ side, characters, operand }: Of<"trim">, compile: CompileOne): Evaluate => {
  const removed = characters === undefined ? () => " " : compile(characters);
  const value = compile(operand);
  const call = known((text = null, set = null) => trim(asText(text), side, asText(set)));
  return (row) => call(value(row), removed(row));
};
