/** The text of an SQL expression as tokens. */
import { sqlError, type SelectErrorCode } from "../errors.ts";
import { parseDecimal } from "../values/decimal.ts";
import { parseTimestamp } from "../values/timestamp.ts";
import type { Value } from "../values/values.ts";
import { RESERVED_WORDS } from "./keywords.ts";

export type Token = {
  readonly offset: number;
} & (
  | { readonly kind: "name"; readonly text: string; readonly quoted: boolean }
  /** A reserved word, in upper case. */
  | { readonly kind: "keyword"; readonly text: string }
  | { readonly kind: "literal"; readonly text: string; readonly value: Value }
  | { readonly kind: "symbol"; readonly text: string }
  | { readonly kind: "end"; readonly text: "" }
);

const INT_MAX = 2n ** 63n - 1n;

const SPACE = /(?:\s+|--[^\n]*|\/\*[^]*?\*\/)+/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const STRING = /'[^']*(?:''[^']*)*'/y;
const QUOTED = /"[^"]*(?:""[^"]*)*"/y;
const ION = /`[^`]*`/y;
const SYMBOL = /<>|<=|>=|!=|[-+*/%=<>()[\].,;]/y;

/** Reads all of it. Errors: LexerInvalidChar, LexerInvalidLiteral, LexerInvalidIONLiteral, NumberFormatError. */
export const tokenize = (sql: string): readonly Token[] => {
  const tokens: Token[] = [];
  let offset = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(sql)?.[0];
  };

  const fail = (code: SelectErrorCode) => sqlError(code, { sql, offset });

  const readNumber = (text: string): Value => {
    if (/^\d+$/.test(text)) {
      const value = BigInt(text);
      if (value > INT_MAX) throw fail("NumberFormatError");
      return value;
    }
    const value = parseDecimal(text);
    if (value === undefined) throw fail("NumberFormatError");
    return value;
  };

  const readIon = (text: string): Value => {
    const inner = text.slice(1, -1).trim();
    const value = parseTimestamp(inner) ?? (/^-?\d+$/.test(inner) ? BigInt(inner) : parseDecimal(inner));
    if (value === undefined) throw fail("LexerInvalidIONLiteral");
    return value;
  };

  const next = (): Token => {
    const word = take(WORD);
    if (word !== undefined) {
      const upper = word.toUpperCase();
      if (RESERVED_WORDS.has(upper)) return { kind: "keyword", text: upper, offset };
      return { kind: "name", text: word, quoted: false, offset };
    }
    const number = take(NUMBER);
    if (number !== undefined) return { kind: "literal", text: number, value: readNumber(number), offset };
    const string = take(STRING);
    if (string !== undefined) {
      return { kind: "literal", text: string, value: string.slice(1, -1).replaceAll("''", "'"), offset };
    }
    const quoted = take(QUOTED);
    if (quoted !== undefined) {
      return { kind: "name", text: quoted.slice(1, -1).replaceAll('""', '"'), quoted: true, offset };
    }
    const ion = take(ION);
    if (ion !== undefined) return { kind: "literal", text: ion, value: readIon(ion), offset };
    const symbol = take(SYMBOL);
    if (symbol !== undefined) return { kind: "symbol", text: symbol, offset };
    throw fail(/['"`]/.test(sql[offset] ?? "") ? "LexerInvalidLiteral" : "LexerInvalidChar");
  };

  for (;;) {
    offset += take(SPACE)?.length ?? 0;
    if (offset >= sql.length) {
      tokens.push({ kind: "end", text: "", offset });
      return tokens;
    }
    const token = next();
    tokens.push(token);
    offset += token.kind === "name" && token.quoted ? (take(QUOTED)?.length ?? 0) : token.text.length;
  }
};
