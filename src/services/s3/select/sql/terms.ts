/** What stands between operators: literals, paths, parentheses, calls. */
import type { Expression, FunctionName, PathStep } from "./ast.ts";
import { isToken, readBracket, readIdentifier, type Cursor } from "./cursor.ts";
import { MISSING } from "../values/values.ts";
import { createFormParsers, type ParseExpression } from "./forms.ts";

/** How many arguments a function takes. */
const ARITY: Readonly<Record<FunctionName, readonly [min: number, max: number]>> = {
  CHAR_LENGTH: [1, 1],
  COALESCE: [1, Infinity],
  LOWER: [1, 1],
  NULLIF: [2, 2],
  SUBSTRING: [2, 3],
  TO_STRING: [2, 2],
  TO_TIMESTAMP: [1, 2],
  UPPER: [1, 1],
  UTCNOW: [0, 0],
};

const isFunction = (name: string): name is FunctionName => Object.hasOwn(ARITY, name);

/** Reserved words that stand for a value. */
const CONSTANTS = new Map<string, Expression>([
  ["TRUE", { kind: "literal", value: true }],
  ["FALSE", { kind: "literal", value: false }],
  ["NULL", { kind: "literal", value: null }],
  ["MISSING", { kind: "literal", value: MISSING }],
]);

/** Reads the steps after a path's first name: `.a[0]['b']`. A `.*` is left where it is. */
export const parseSteps = (cursor: Cursor): readonly PathStep[] => {
  const steps: PathStep[] = [];
  for (;;) {
    if (isToken(cursor.peek(), ".") && !isToken(cursor.peek(1), "*")) {
      cursor.next();
      const reserved = cursor.peek().kind === "keyword";
      const name = readIdentifier(cursor, reserved ? "ParseUnExpectedKeyword" : "ParseInvalidPathComponent");
      steps.push({ kind: "name", name });
    } else if (cursor.accept("[")) steps.push(readBracket(cursor));
    else return steps;
  }
};

/** The parser of terms; `parseExpression` is what reads the expressions within them. */
export const createTermParser = (parseExpression: ParseExpression): ParseExpression => {
  const forms = createFormParsers(parseExpression);

  const parseArguments = (cursor: Cursor): readonly Expression[] => {
    if (cursor.accept(")")) return [];
    const args = [parseExpression(cursor)];
    while (cursor.accept(",")) args.push(parseExpression(cursor));
    cursor.expect(")", "ParseExpectedRightParenBuiltinFunctionCall");
    return args;
  };

  const parseCall = (cursor: Cursor): Expression => {
    const written = cursor.peek().text.toUpperCase();
    const name = written === "CHARACTER_LENGTH" ? "CHAR_LENGTH" : written;
    const form = forms.get(name);
    if (form === undefined && !isFunction(name)) throw cursor.fail("UnsupportedFunction");
    cursor.next();
    cursor.expect("(", "ParseExpectedLeftParenBuiltinFunctionCall");
    if (form !== undefined) return form(cursor);
    const args = parseArguments(cursor);
    const [min, max] = ARITY[name as FunctionName];
    if (args.length < min || args.length > max) throw cursor.fail("EvaluatorInvalidArguments");
    return { kind: "call", name: name as FunctionName, args };
  };

  const parseKeyword = (cursor: Cursor): Expression => {
    const { text } = cursor.peek();
    const constant = CONSTANTS.get(text);
    if (constant !== undefined) {
      cursor.next();
      return constant;
    }
    if (text === "CASE") return forms.parseCase(cursor);
    if (text === "CAST") return forms.parseCast(cursor);
    if (text === "CHARACTER_LENGTH" || forms.get(text) !== undefined || isFunction(text)) return parseCall(cursor);
    if (text === "SELECT") throw cursor.fail("ParseUnsupportedSelect");
    throw cursor.fail("ParseUnExpectedKeyword");
  };

  const parseParenthesis = (cursor: Cursor): Expression => {
    const inner = parseExpression(cursor);
    cursor.expect(")", "ParseExpectedTokenType");
    return inner;
  };

  const parseList = (cursor: Cursor): Expression => {
    const items: Expression[] = [];
    while (!cursor.accept("]")) {
      if (items.length > 0) cursor.expect(",", "ParseExpectedArgumentDelimiter");
      items.push(parseExpression(cursor));
    }
    return { kind: "list", items };
  };

  return (cursor) => {
    const token = cursor.peek();
    switch (token.kind) {
      case "literal":
        cursor.next();
        return { kind: "literal", value: token.value };
      case "keyword":
        return parseKeyword(cursor);
      case "name": {
        if (!token.quoted && isToken(cursor.peek(1), "(")) return parseCall(cursor);
        cursor.next();
        return { kind: "path", name: { text: token.text, quoted: token.quoted }, steps: parseSteps(cursor) };
      }
      case "symbol":
        if (cursor.accept("(")) return parseParenthesis(cursor);
        if (cursor.accept("[")) return parseList(cursor);
        throw cursor.fail(/^[-+*/%=<>]/.test(token.text) ? "ParseUnexpectedOperator" : "ParseUnexpectedTerm");
      case "end":
        throw cursor.fail("ParseExpectedExpression");
    }
  };
};
