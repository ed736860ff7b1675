/** Operators and their precedence: a Pratt parser. What stands between them is in terms.ts. */
import { createTermParser } from "./terms.ts";
import type { BinaryOperator, Expression, TypeName } from "./ast.ts";
import { isToken, type Cursor } from "./cursor.ts";
import { readTypeName } from "./types.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-operators.html */
const POWER = {
  OR: 1,
  AND: 2,
  NOT: 3,
  EQUAL: 4,
  LESS: 5,
  LIKE: 6,
  BETWEEN: 7,
  IN: 8,
  SUM: 9,
  PRODUCT: 10,
  NEGATIVE: 11,
} as const;

type Infix = { readonly power: number; readonly operator: BinaryOperator };

const INFIX: ReadonlyMap<string, Infix> = new Map([
  ["OR", { power: POWER.OR, operator: "OR" }],
  ["AND", { power: POWER.AND, operator: "AND" }],
  ["=", { power: POWER.EQUAL, operator: "=" }],
  ["<>", { power: POWER.EQUAL, operator: "<>" }],
  ["!=", { power: POWER.EQUAL, operator: "<>" }],
  ["<", { power: POWER.LESS, operator: "<" }],
  [">", { power: POWER.LESS, operator: ">" }],
  ["<=", { power: POWER.LESS, operator: "<=" }],
  [">=", { power: POWER.LESS, operator: ">=" }],
  ["+", { power: POWER.SUM, operator: "+" }],
  ["-", { power: POWER.SUM, operator: "-" }],
  ["*", { power: POWER.PRODUCT, operator: "*" }],
  ["/", { power: POWER.PRODUCT, operator: "/" }],
  ["%", { power: POWER.PRODUCT, operator: "%" }],
] satisfies [string, Infix][]);

type Suffix = "IS" | "LIKE" | "BETWEEN" | "IN";

const SUFFIX_POWER: Readonly<Record<Suffix, number>> = {
  IS: POWER.EQUAL,
  LIKE: POWER.LIKE,
  BETWEEN: POWER.BETWEEN,
  IN: POWER.IN,
};

/** Reads an expression. Errors: those of the parser whose names begin with `Parse`, UnsupportedFunction and its kin. */
export const parseExpression = (cursor: Cursor): Expression => parse(cursor, 0);

const parseTerm = createTermParser(parseExpression);

/** Reads as far as operators bind more tightly than `power`. */
const parse = (cursor: Cursor, power: number): Expression => {
  let left = parsePrefix(cursor);
  for (;;) {
    const longer = parseInfix(cursor, { left, power }) ?? parseSuffix(cursor, { left, power });
    if (longer === undefined) return left;
    left = longer;
  }
};

const parsePrefix = (cursor: Cursor): Expression => {
  // A long list of literals for IN is no nesting.
  if (cursor.peek().kind !== "literal") cursor.count();
  if (cursor.accept("NOT")) return { kind: "not", operand: parse(cursor, POWER.NOT - 1) };
  if (cursor.accept("-")) return { kind: "negative", operand: parse(cursor, POWER.NEGATIVE - 1) };
  if (cursor.accept("+")) return parse(cursor, POWER.NEGATIVE - 1);
  return parseTerm(cursor);
};

type Begun = { readonly left: Expression; readonly power: number };

const parseInfix = (cursor: Cursor, { left, power }: Begun): Expression | undefined => {
  const token = cursor.peek();
  const infix = token.kind === "symbol" || token.kind === "keyword" ? INFIX.get(token.text) : undefined;
  if (infix === undefined || infix.power <= power) return undefined;
  cursor.next();
  cursor.count();
  // `=` associates to the right, the others to the left.
  const right = parse(cursor, infix.power === POWER.EQUAL ? infix.power - 1 : infix.power);
  return { kind: "binary", operator: infix.operator, left, right };
};

const suffixAt = (cursor: Cursor, ahead: number): Suffix | undefined => {
  const token = cursor.peek(ahead);
  return (["IS", "LIKE", "BETWEEN", "IN"] as const).find((word) => isToken(token, word));
};

const parseSuffix = (cursor: Cursor, { left, power }: Begun): Expression | undefined => {
  const negated = isToken(cursor.peek(), "NOT");
  const suffix = suffixAt(cursor, negated ? 1 : 0);
  if (suffix === undefined || SUFFIX_POWER[suffix] <= power) return undefined;
  if (negated) {
    if (suffix === "IS") throw cursor.fail("ParseUnExpectedKeyword");
    cursor.next();
  }
  cursor.next();
  cursor.count();
  switch (suffix) {
    case "IS":
      return parseIs(cursor, left);
    case "LIKE": {
      const pattern = parse(cursor, POWER.LIKE);
      const escape = cursor.accept("ESCAPE") ? parse(cursor, POWER.LIKE) : undefined;
      return { kind: "like", operand: left, pattern, escape, negated };
    }
    case "BETWEEN": {
      const low = parse(cursor, POWER.BETWEEN);
      cursor.expect("AND", "ParseExpectedKeyword");
      return { kind: "between", operand: left, low, high: parse(cursor, POWER.BETWEEN), negated };
    }
    case "IN":
      return { kind: "in", operand: left, options: parseOptions(cursor), negated };
  }
};

const parseIs = (cursor: Cursor, operand: Expression): Expression => {
  const negated = cursor.accept("NOT");
  return { kind: "is", operand, what: parseIsWhat(cursor), negated };
};

const parseIsWhat = (cursor: Cursor): "NULL" | "MISSING" | TypeName => {
  if (cursor.accept("NULL")) return "NULL";
  if (cursor.accept("MISSING")) return "MISSING";
  return readTypeName(cursor);
};

/** `('a', 'b')`, or `['a', 'b']`. */
const parseOptions = (cursor: Cursor): readonly Expression[] => {
  const close = cursor.accept("[") ? "]" : ")";
  if (close === ")") cursor.expect("(", "ParseExpectedLeftParenValueConstructor");
  const options = [parseExpression(cursor)];
  while (cursor.accept(",")) options.push(parseExpression(cursor));
  cursor.expect(close, "ParseExpectedArgumentDelimiter");
  return options;
};
