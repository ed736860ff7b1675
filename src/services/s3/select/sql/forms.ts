/** Calls with words between their arguments: CASE, CAST, EXTRACT, TRIM, SUBSTRING ... FROM, dates, aggregates. */
import type { DatePart } from "../values/timestamp.ts";
import type { AggregateName, CaseBranch, Expression, ExtractPart, TrimSide } from "./ast.ts";
import { isToken, type Cursor } from "./cursor.ts";
import { readTypeName } from "./types.ts";

export type ParseExpression = (cursor: Cursor) => Expression;

export type FormParsers = {
  /** What reads a function's arguments and closing parenthesis, for those that are not a plain list. */
  get(name: string): ParseExpression | undefined;
  parseCase: ParseExpression;
  parseCast: ParseExpression;
};

const DATE_PARTS: ReadonlySet<string> = new Set(["year", "month", "day", "hour", "minute", "second"]);
const EXTRACT_PARTS: ReadonlySet<string> = new Set([...DATE_PARTS, "timezone_hour", "timezone_minute"]);
const AGGREGATES: readonly AggregateName[] = ["COUNT", "SUM", "AVG", "MIN", "MAX"];
const SIDES: readonly TrimSide[] = ["BOTH", "LEADING", "TRAILING"];

const close = (cursor: Cursor): void => cursor.expect(")", "ParseExpectedRightParenBuiltinFunctionCall");
const comma = (cursor: Cursor): void => cursor.expect(",", "ParseExpectedArgumentDelimiter");

const readPart = <Part extends string>(cursor: Cursor, parts: ReadonlySet<string>): Part => {
  const part = cursor.peek().text.toLowerCase();
  if (!parts.has(part)) throw cursor.fail("ParseExpectedDatePart");
  cursor.next();
  return part as Part;
};

export const createFormParsers = (parseExpression: ParseExpression): FormParsers => {
  const parseDateAdd: ParseExpression = (cursor) => {
    const part = readPart<DatePart>(cursor, DATE_PARTS);
    comma(cursor);
    const quantity = parseExpression(cursor);
    comma(cursor);
    const operand = parseExpression(cursor);
    close(cursor);
    return { kind: "dateAdd", part, quantity, operand };
  };

  const parseDateDiff: ParseExpression = (cursor) => {
    const part = readPart<DatePart>(cursor, DATE_PARTS);
    comma(cursor);
    const from = parseExpression(cursor);
    comma(cursor);
    const to = parseExpression(cursor);
    close(cursor);
    return { kind: "dateDiff", part, from, to };
  };

  const parseExtract: ParseExpression = (cursor) => {
    const part = readPart<ExtractPart>(cursor, EXTRACT_PARTS);
    cursor.expect("FROM", "ParseExpectedKeyword");
    const operand = parseExpression(cursor);
    close(cursor);
    return { kind: "extract", part, operand };
  };

  const parseTrim: ParseExpression = (cursor) => {
    const side = SIDES.find((word) => cursor.accept(word));
    if (side !== undefined && cursor.accept("FROM")) {
      const operand = parseExpression(cursor);
      close(cursor);
      return { kind: "trim", side, characters: undefined, operand };
    }
    const first = parseExpression(cursor);
    if (!cursor.accept("FROM")) {
      if (side !== undefined) throw cursor.fail("ParseExpectedKeyword");
      close(cursor);
      return { kind: "trim", side: "BOTH", characters: undefined, operand: first };
    }
    const operand = parseExpression(cursor);
    close(cursor);
    return { kind: "trim", side: side ?? "BOTH", characters: first, operand };
  };

  const parseSubstring: ParseExpression = (cursor) => {
    const args = [parseExpression(cursor)];
    if (cursor.accept("FROM")) {
      args.push(parseExpression(cursor));
      if (cursor.accept("FOR")) args.push(parseExpression(cursor));
    } else {
      if (!isToken(cursor.peek(), ",")) throw cursor.fail("EvaluatorInvalidArguments");
      while (args.length < 3 && cursor.accept(",")) args.push(parseExpression(cursor));
    }
    close(cursor);
    return { kind: "call", name: "SUBSTRING", args };
  };

  const parseAggregate =
    (name: AggregateName): ParseExpression =>
    (cursor) => {
      if (cursor.accept("*")) {
        if (name !== "COUNT") throw cursor.fail("ParseUnsupportedCallWithStar");
        close(cursor);
        return { kind: "aggregate", name, operand: undefined };
      }
      if (isToken(cursor.peek(), "DISTINCT")) throw cursor.fail("UnsupportedSqlStructure");
      // `COUNT(ALL x)` says what is so anyway.
      cursor.accept("ALL");
      if (isToken(cursor.peek(), ")")) throw cursor.fail("ParseNonUnaryAgregateFunctionCall");
      const operand = parseExpression(cursor);
      if (isToken(cursor.peek(), ",")) throw cursor.fail("ParseNonUnaryAgregateFunctionCall");
      close(cursor);
      return { kind: "aggregate", name, operand };
    };

  const forms = new Map<string, ParseExpression>([
    ["DATE_ADD", parseDateAdd],
    ["DATE_DIFF", parseDateDiff],
    ["EXTRACT", parseExtract],
    ["TRIM", parseTrim],
    ["SUBSTRING", parseSubstring],
    ...AGGREGATES.map((name) => [name, parseAggregate(name)] as const),
  ]);

  return {
    get: (name) => forms.get(name),
    parseCase: (cursor) => {
      cursor.next();
      const operand = isToken(cursor.peek(), "WHEN") ? undefined : parseExpression(cursor);
      const branches: CaseBranch[] = [];
      while (cursor.accept("WHEN")) {
        const when = parseExpression(cursor);
        cursor.expect("THEN", "ParseExpectedKeyword");
        branches.push({ when, result: parseExpression(cursor) });
      }
      if (branches.length === 0) throw cursor.fail("ParseExpectedWhenClause");
      const otherwise = cursor.accept("ELSE") ? parseExpression(cursor) : undefined;
      cursor.expect("END", "ParseExpectedKeyword");
      return { kind: "case", operand, branches, otherwise };
    },
    parseCast: (cursor) => {
      cursor.next();
      cursor.expect("(", "ParseExpectedLeftParenAfterCast");
      const operand = parseExpression(cursor);
      if (isToken(cursor.peek(), ",")) throw cursor.fail("ParseCastArity");
      cursor.expect("AS", "ParseExpectedKeyword");
      const type = readTypeName(cursor);
      cursor.expect(")", "ParseExpectedRightParenBuiltinFunctionCall");
      return { kind: "cast", operand, type };
    },
  };
};
