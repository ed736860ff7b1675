/** A place in the tokens of an SQL expression, and what every part of the parser asks of it. */
import { sqlError, type SelectError, type SelectErrorCode } from "../errors.ts";
import { OPERATORS_MAX } from "../limits.ts";
import type { Identifier } from "./ast.ts";
import { tokenize, type Token } from "./lexer.ts";

export type Cursor = {
  /** The token that comes next, or one further on. */
  peek(ahead?: number): Token;
  next(): Token;
  /** Takes the next token if it is this symbol or reserved word. */
  accept(text: string): boolean;
  /** Takes it, or throws `code`. */
  expect(text: string, code: SelectErrorCode): void;
  /** An error at the next token. */
  fail(code: SelectErrorCode): SelectError;
  /** Counts one more operator. Errors: MaxOperatorsExceeded. */
  count(): void;
};

/** Errors: those of the lexer. */
export const createCursor = (sql: string): Cursor => {
  const tokens = tokenize(sql);
  const end: Token = { kind: "end", text: "", offset: sql.length };
  let at = 0;
  let operators = 0;

  const peek = (ahead = 0): Token => tokens[at + ahead] ?? end;
  const fail = (code: SelectErrorCode): SelectError => sqlError(code, { sql, offset: peek().offset });
  const accept = (text: string): boolean => {
    if (!isToken(peek(), text)) return false;
    at += 1;
    return true;
  };
  return {
    peek,
    next: () => {
      const token = peek();
      at += 1;
      return token;
    },
    accept,
    expect: (text, code) => {
      if (!accept(text)) throw fail(code);
    },
    fail,
    count: () => {
      operators += 1;
      if (operators > OPERATORS_MAX) throw fail("MaxOperatorsExceeded");
    },
  };
};

/** Whether a token is this symbol or reserved word. */
export const isToken = (token: Token, text: string): boolean =>
  (token.kind === "symbol" || token.kind === "keyword") && token.text === text;

/** A name, or `code` where there is none. A reserved word is none. */
export const readIdentifier = (cursor: Cursor, code: SelectErrorCode): Identifier => {
  const token = cursor.peek();
  if (token.kind !== "name") throw cursor.fail(code);
  cursor.next();
  return { text: token.text, quoted: token.quoted };
};

/** What stands in `[ ]` after a path: the number of an element, or a name between single quotation marks. */
export const readBracket = (cursor: Cursor): { kind: "index"; at: number } | { kind: "name"; name: Identifier } => {
  const token = cursor.next();
  if (token.kind !== "literal") throw cursor.fail("ParseInvalidPathComponent");
  const { value } = token;
  if (typeof value !== "bigint" && typeof value !== "string") throw cursor.fail("ParseInvalidPathComponent");
  cursor.expect("]", "ParseInvalidPathComponent");
  if (typeof value === "bigint") return { kind: "index", at: Number(value) };
  return { kind: "name", name: { text: value, quoted: true } };
};
