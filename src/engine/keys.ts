/**
 * Keys in the order of their UTF-8 bytes, which is the order of their code points. JavaScript's own order is that of UTF-16
 * code units and differs from it: a surrogate (U+D800 to U+DFFF, half of a code point above U+FFFF) is a smaller unit than
 * U+E000 to U+FFFF and stands for a greater code point.
 */
import type { Key, KeyRange, Value } from "./port.ts";

/** The most bytes that a key takes in UTF-8. S3's own keys have 1,024 at most; escapes and prefixes come on top. */
export const KEY_BYTES_MAX = 4096;
/** The most bytes of one value. */
export const VALUE_BYTES_MAX = 8 * 1024 * 1024;

const UTF8_BYTES_PER_UNIT_MAX = 3;
const SURROGATES_START = 0xd800;
const AFTER_SURROGATES = 0xe000;
const CODE_POINT_MAX = 0x10ffff;

/** Comes after every permitted key: greater than the greatest code point as often as it fits into one. */
const AFTER_ALL_KEYS = String.fromCodePoint(CODE_POINT_MAX).repeat(KEY_BYTES_MAX / 4 + 1);

/** A unit's rank among units such that well-formed texts sort as their code points do: surrogates come last. */
const rankOf = (unit: number): number => {
  if (unit < SURROGATES_START) return unit;
  return unit < AFTER_SURROGATES ? unit + 0x2000 : unit - 0x800;
};

/**
 * Negative, 0 or positive as `a` comes before, at or after `b` in the order of their UTF-8 bytes. Both are well-formed.
 * Where texts first differ a surrogate may stand against any unit, a pair's second half included: with equal first halves the
 * second halves decide, and those are in order.
 */
export const compareKeys = (a: Key, b: Key): number => {
  if (a === b) return 0;
  const length = a.length < b.length ? a.length : b.length;
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    if (left < SURROGATES_START || right < SURROGATES_START) return left - right;
    return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
};

/**
 * The smallest bound above every key that begins with `prefix`: the excluded end of the prefix's range. Where no key can come
 * after them (the prefix is empty, or all U+10FFFF) it is a bound above every permitted key.
 */
export const prefixEnd = (prefix: string): string => {
  let end = prefix.length;
  while (end > 0) {
    const last = prefix.charCodeAt(end - 1);
    const start = last >= SURROGATES_START && last < AFTER_SURROGATES ? end - 2 : end - 1;
    const point = prefix.codePointAt(start) ?? CODE_POINT_MAX;
    if (point < CODE_POINT_MAX) {
      const next = point + 1 === SURROGATES_START ? AFTER_SURROGATES : point + 1;
      return prefix.slice(0, start) + String.fromCodePoint(next);
    }
    end = start;
  }
  return AFTER_ALL_KEYS;
};

/** Throws a `TypeError` for a key that is empty, has a lone surrogate, or is longer than {@link KEY_BYTES_MAX}. */
export const assertKey = (key: Key): void => {
  if (key.length === 0) throw new TypeError("A key must not be empty");
  if (key.length * UTF8_BYTES_PER_UNIT_MAX > KEY_BYTES_MAX && Buffer.byteLength(key) > KEY_BYTES_MAX) {
    throw new TypeError(`A key must not be longer than ${KEY_BYTES_MAX} bytes`);
  }
  if (!key.isWellFormed()) throw new TypeError("A key must be well-formed: it has a lone surrogate");
};

/** Throws a `TypeError` for a value over {@link VALUE_BYTES_MAX} and for text with a lone surrogate. */
export const assertValue = (value: Value): void => {
  if (typeof value !== "string") {
    if (value.byteLength > VALUE_BYTES_MAX)
      throw new TypeError(`A value must not be longer than ${VALUE_BYTES_MAX} bytes`);
    return;
  }
  if (value.length * UTF8_BYTES_PER_UNIT_MAX > VALUE_BYTES_MAX && Buffer.byteLength(value) > VALUE_BYTES_MAX) {
    throw new TypeError(`A value must not be longer than ${VALUE_BYTES_MAX} bytes`);
  }
  if (!value.isWellFormed()) throw new TypeError("A text value must be well-formed: it has a lone surrogate");
};

/** Throws a `TypeError` for a bound with a lone surrogate. Bounds may be empty and longer than keys. */
export const assertRange = (range: KeyRange): void => {
  if (!range.start.isWellFormed() || !range.end.isWellFormed()) {
    throw new TypeError("A bound of a range must be well-formed: it has a lone surrogate");
  }
};

/** Throws a `TypeError` unless `limit` is a whole number of 1 or more. */
export const assertLimit = (limit: number): void => {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError(`A limit must be 1 or more, not ${limit}`);
};
