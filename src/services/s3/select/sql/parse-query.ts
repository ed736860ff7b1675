/**
 * An SQL expression -> what it asks: SELECT list, FROM, WHERE, LIMIT.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html
 */
import type { FromStep, Identifier, Projection, Query } from "./ast.ts";
import { createCursor, isToken, readBracket, readIdentifier, type Cursor } from "./cursor.ts";
import { parseExpression } from "./expressions.ts";
import { parseSteps } from "./terms.ts";
import type { SelectErrorCode } from "../errors.ts";

/** Clauses of SQL that S3 Select does not have, and how it says so. */
const UNSUPPORTED: ReadonlyMap<string, SelectErrorCode> = new Map<string, SelectErrorCode>([
  ["GROUP", "ParseExpectedIdentForGroupName"],
  ["JOIN", "ParseMalformedJoin"],
  ["INNER", "ParseMalformedJoin"],
  ["LEFT", "ParseMalformedJoin"],
  ["RIGHT", "ParseMalformedJoin"],
  ["FULL", "ParseMalformedJoin"],
  ["CROSS", "ParseMalformedJoin"],
  ["ORDER", "UnsupportedSqlStructure"],
  ["HAVING", "UnsupportedSqlStructure"],
  ["UNION", "UnsupportedSqlStructure"],
  ["INTERSECT", "UnsupportedSqlStructure"],
  ["EXCEPT", "UnsupportedSqlStructure"],
]);

/** Parses a query. Errors: those of the SQL expression itself, with their place in it. */
export const parseQuery = (sql: string): Query => {
  const cursor = createCursor(sql);
  cursor.expect("SELECT", "ParseUnexpectedToken");
  if (isToken(cursor.peek(), "DISTINCT")) throw cursor.fail("UnsupportedSqlStructure");
  cursor.accept("ALL");
  const projections = parseProjections(cursor);
  cursor.expect("FROM", "ParseSelectMissingFrom");
  const from = parseFrom(cursor);
  const where = cursor.accept("WHERE") ? parseExpression(cursor) : undefined;
  const limit = cursor.accept("LIMIT") ? readLimit(cursor) : undefined;
  // A semicolon may end it.
  cursor.accept(";");
  assertEnd(cursor);
  return { projections, from, where, limit };
};

const assertEnd = (cursor: Cursor): void => {
  const token = cursor.peek();
  if (token.kind === "end") return;
  if (isToken(token, ",")) throw cursor.fail("MultipleDataSourcesUnsupported");
  throw cursor.fail((token.kind === "keyword" && UNSUPPORTED.get(token.text)) || "ParseUnexpectedTerm");
};

const parseProjections = (cursor: Cursor): readonly Projection[] | undefined => {
  if (cursor.accept("*")) {
    if (isToken(cursor.peek(), ",")) throw cursor.fail("ParseAsteriskIsNotAloneInSelectList");
    return undefined;
  }
  if (isToken(cursor.peek(), "FROM") || cursor.peek().kind === "end") throw cursor.fail("ParseEmptySelect");
  const projections: Projection[] = [];
  do {
    if (isToken(cursor.peek(), "*")) throw cursor.fail("ParseAsteriskIsNotAloneInSelectList");
    projections.push(parseProjection(cursor));
  } while (cursor.accept(","));
  return projections;
};

const parseProjection = (cursor: Cursor): Projection => {
  const all = parseAll(cursor);
  if (all !== undefined) return all;
  const expression = parseExpression(cursor);
  if (isToken(cursor.peek(), ".")) throw cursor.fail("ParseInvalidContextForWildcardInSelectList");
  return { kind: "expression", expression, alias: readAlias(cursor)?.text };
};

/** `alias.*` or `alias.path.*`, if that is what follows. */
const parseAll = (cursor: Cursor): Projection | undefined => {
  if (cursor.peek().kind !== "name") return undefined;
  let ahead = 1;
  while (isToken(cursor.peek(ahead), ".") && cursor.peek(ahead + 1).kind === "name") ahead += 2;
  if (!isToken(cursor.peek(ahead), ".") || !isToken(cursor.peek(ahead + 1), "*")) return undefined;
  const name = readIdentifier(cursor, "ParseInvalidPathComponent");
  const steps = parseSteps(cursor);
  cursor.next();
  cursor.next();
  return { kind: "all", name, steps };
};

const readAlias = (cursor: Cursor): Identifier | undefined => {
  if (cursor.accept("AS")) return readIdentifier(cursor, "ParseExpectedIdentForAlias");
  return cursor.peek().kind === "name" ? readIdentifier(cursor, "ParseExpectedIdentForAlias") : undefined;
};

const TABLE = "S3OBJECT";

const parseFrom = (cursor: Cursor): Query["from"] => {
  const token = cursor.peek();
  if (token.kind !== "name")
    throw cursor.fail(token.kind === "keyword" ? "ParseUnExpectedKeyword" : "ParseUnexpectedTerm");
  if (token.text.toUpperCase() !== TABLE) throw cursor.fail("EvaluatorBindingDoesNotExist");
  cursor.next();
  const steps = parseFromSteps(cursor);
  if (isToken(cursor.peek(), "AT")) throw cursor.fail("ParseUnsupportedSyntax");
  const alias = readAlias(cursor);
  return { steps, alias: alias ?? defaultAlias(steps, token.text) };
};

const parseFromSteps = (cursor: Cursor): readonly FromStep[] => {
  const steps: FromStep[] = [];
  for (;;) {
    const step = parseFromStep(cursor);
    if (step === undefined) break;
    steps.push(step);
  }
  // `S3Object.path` is refused, `S3Object[*].path` is not: the table is an array of values.
  if (steps.length > 0 && steps[0]?.kind !== "elements") throw cursor.fail("ParseInvalidPathComponent");
  return steps;
};

const parseFromStep = (cursor: Cursor): FromStep | undefined => {
  if (cursor.accept(".")) {
    if (cursor.accept("*")) return { kind: "members" };
    const reserved = cursor.peek().kind === "keyword";
    return {
      kind: "name",
      name: readIdentifier(cursor, reserved ? "ParseUnExpectedKeyword" : "ParseInvalidPathComponent"),
    };
  }
  if (!cursor.accept("[")) return undefined;
  if (!cursor.accept("*")) return readBracket(cursor);
  cursor.expect("]", "ParseInvalidPathComponent");
  return { kind: "elements" };
};

/** Without an alias a row goes by the path's last name, or `_1` where it ends in a wildcard. */
const defaultAlias = (steps: readonly FromStep[], table: string): Identifier => {
  const last = steps.at(-1);
  if (last === undefined) return { text: table, quoted: false };
  return last.kind === "name" ? last.name : { text: "_1", quoted: false };
};

const readLimit = (cursor: Cursor): number => {
  if (isToken(cursor.peek(), "-")) throw cursor.fail("EvaluatorNegativeLimit");
  const token = cursor.peek();
  if (token.kind !== "literal" || typeof token.value !== "bigint") throw cursor.fail("ParseExpectedNumber");
  cursor.next();
  return Number(token.value);
};
