import test from "ava";
import * as fc from "fast-check";
import { assertKey, compareKeys, KEY_BYTES_MAX, prefixEnd } from "../../src/engine/keys.ts";
import { HOSTILE_KEYS } from "./contract/under-test.ts";

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));

/** Texts of few and awkward characters, so that many share a beginning. */
const anyText = fc.oneof(
  fc.string({
    unit: fc.constantFrom("a", "\0", "\uD7FF", "\uE000", "\uFF21", "\uFFFF", "\u{10000}", "\u{1F600}", "\u{10FFFF}"),
  }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(...HOSTILE_KEYS),
);

test("keys compare as their UTF-8 bytes do", (t) => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      t.is(Math.sign(compareKeys(a, b)), compareBytes(a, b));
    }),
    { numRuns: 5000 },
  );
});

test("keys with a common beginning compare as their UTF-8 bytes do", (t) => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (start, a, b) => {
      t.is(Math.sign(compareKeys(start + a, start + b)), compareBytes(start + a, start + b));
    }),
    { numRuns: 5000 },
  );
});

test("a prefix ends after every key that begins with it and before every other later key", (t) => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (prefix, rest, other) => {
      const end = prefixEnd(prefix);
      t.true(end.isWellFormed());
      t.true(compareKeys(prefix + rest, end) < 0);
      const isWithin = compareKeys(other, prefix) >= 0 && compareKeys(other, end) < 0;
      t.is(isWithin, other.startsWith(prefix));
    }),
    { numRuns: 5000 },
  );
});

test("a prefix ends at the next code point, past the surrogates, and carries over the last one", (t) => {
  t.is(prefixEnd("a"), "b");
  t.is(prefixEnd("a/"), "a0");
  t.is(prefixEnd("\u007F"), "\u0080");
  t.is(prefixEnd("x\uD7FF"), "x\uE000");
  t.is(prefixEnd("\uFFFF"), "\u{10000}");
  t.is(prefixEnd("\u{1F600}"), "\u{1F601}");
  t.is(prefixEnd("a\u{10FFFF}\u{10FFFF}"), "b");
});

test("the empty prefix and the last code points end after every permitted key", (t) => {
  const last = "\u{10FFFF}".repeat(KEY_BYTES_MAX / 4);
  t.notThrows(() => assertKey(last));
  for (const prefix of ["", "\u{10FFFF}", last]) t.true(compareKeys(last, prefixEnd(prefix)) < 0);
});
