import test from "ava";
import * as fc from "fast-check";

import { FREE_BITS_END, decodeAccessKeyId, encodeAccessKeyId, hasOwnLayout } from "../../src/identity/access-key-id.ts";
import { uniqueId } from "../../src/identity/unique-id.ts";

/** How public decoders do it: base32, six bytes, a mask and a shift. */
const publicDecode = (accessKeyId: string): bigint => {
  let bits = 0n;
  for (const character of accessKeyId.slice(4)) {
    bits = (bits << 5n) | BigInt("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character));
  }
  return ((bits >> 32n) & 0x7fffffffff80n) >> 7n;
};

const accountIds = fc.nat(999_999_999_999).map((account) => String(account).padStart(12, "0"));
const freeBits = fc.maxSafeNat().map((value) => value % FREE_BITS_END);

test("an id gives its account back, to us and to every public decoder", (t) => {
  fc.assert(
    fc.property(accountIds, freeBits, fc.constantFrom("AKIA" as const, "ASIA" as const), (accountId, free, prefix) => {
      const id = encodeAccessKeyId({ prefix, accountId, freeBits: free });
      return (
        /^(AKIA|ASIA)[A-Z2-7]{16}$/.test(id) &&
        decodeAccessKeyId(id) === accountId &&
        publicDecode(id) === BigInt(accountId) &&
        hasOwnLayout(id)
      );
    }),
  );
  t.pass();
});

const idOf = (free: number): string => encodeAccessKeyId({ prefix: "ASIA", accountId: "999999999999", freeBits: free });

test("different free bits give different ids, at both ends of their range", (t) => {
  t.is(new Set([0, 1, 2 ** 35 - 1, 2 ** 35, FREE_BITS_END - 1].map(idOf)).size, 5);
  t.throws(() => idOf(FREE_BITS_END), { instanceOf: RangeError });
  t.throws(() => idOf(-1), { instanceOf: RangeError });
  t.throws(() => idOf(0.5), { instanceOf: RangeError });
});

test("ids of AWS's own are decoded as published", (t) => {
  t.is(decodeAccessKeyId("ASIAY34FZKBOKMUTVV7A"), "609629065308");
  t.is(decodeAccessKeyId("ASIAQNZGKIQY56JQ7WML"), "029608264753");
});

test("a text that is no access key id has no account", (t) => {
  for (const text of [
    "",
    "test",
    "123456789012",
    "AKIA",
    "asiay34fzkbokmutvv7a",
    "ASIAY34FZKBOKMUTVV7",
    "ASIAY34FZKBOKMUTVV71",
  ]) {
    t.is(decodeAccessKeyId(text), undefined, text);
    t.false(hasOwnLayout(text), text);
  }
  t.is(decodeAccessKeyId("ASIA7777777777777777"), undefined, "an account above twelve digits");
});

test("AWS's example key is not taken for one of ours", (t) => {
  t.false(hasOwnLayout("AKIAIOSFODNN7EXAMPLE"));
});

test("a role has the same unique id each time, and another in another account", (t) => {
  const id = uniqueId({ prefix: "AROA", accountId: "111122223333", name: "deploy" });
  t.regex(id, /^AROA[A-Z2-7]{17}$/);
  t.is(id, uniqueId({ prefix: "AROA", accountId: "111122223333", name: "deploy" }));
  t.not(id, uniqueId({ prefix: "AROA", accountId: "111122223334", name: "deploy" }));
  t.not(id, uniqueId({ prefix: "AROA", accountId: "111122223333", name: "Deploy" }));
});
