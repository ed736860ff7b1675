/**
 * The format patterns of TO_STRING and TO_TIMESTAMP, read.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html
 */
import { SelectError } from "../errors.ts";

export type PatternSymbol = "y" | "M" | "d" | "a" | "h" | "H" | "m" | "s" | "S" | "n" | "X" | "x";

/** A run of one symbol, or text that stands for itself. */
export type PatternToken =
  | { readonly kind: "field"; readonly symbol: PatternSymbol; readonly width: number }
  | { readonly kind: "text"; readonly text: string };

/** How often a symbol may stand in a row. */
const WIDTHS: Readonly<Record<PatternSymbol, readonly number[]>> = {
  y: [1, 2, 4],
  M: [1, 2, 3, 4, 5],
  d: [1, 2],
  a: [1],
  h: [1, 2],
  H: [1, 2],
  m: [1, 2],
  s: [1, 2],
  S: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  n: [1],
  X: [1, 2, 3, 4, 5],
  x: [1, 2, 3, 4, 5],
};

const isSymbol = (text: string): text is PatternSymbol => Object.hasOwn(WIDTHS, text);

const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/y;

/** Errors: those of the evaluator about timestamp format patterns. */
export const readPattern = (pattern: string): readonly PatternToken[] => {
  const tokens: PatternToken[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (at < pattern.length) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(pattern);
    if (found === null) throw new SelectError("EvaluatorUnterminatedTimestampFormatPatternToken");
    const [text, quoted, symbol] = found;
    at += text.length;
    if (symbol !== undefined) tokens.push(fieldToken(symbol, text.length));
    // Two quotation marks alone are one.
    else tokens.push({ kind: "text", text: quoted === undefined ? text : quoted.replaceAll("''", "'") || "'" });
  }
  return tokens;
};

const fieldToken = (symbol: string, width: number): PatternToken => {
  if (!isSymbol(symbol)) throw new SelectError("EvaluatorInvalidTimestampFormatPatternSymbol");
  if (!WIDTHS[symbol].includes(width)) throw new SelectError("EvaluatorInvalidTimestampFormatPatternToken");
  return { kind: "field", symbol, width };
};
