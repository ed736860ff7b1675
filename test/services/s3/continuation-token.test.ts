import test from "ava";
import { readContinuationToken, writeContinuationToken } from "../../../src/services/s3/continuation-token.ts";

test("a token gives back its position, whatever the key", (t) => {
  for (const key of ["a", "a/b c", "ключ", "\u{1F600}", "\0"]) {
    const token = writeContinuationToken(key, { scope: "objects/b" });
    t.is(readContinuationToken(token, { scope: "objects/b" }), key);
  }
});

test("a token does not show its position", (t) => {
  t.false(writeContinuationToken("visible", { scope: "objects/b" }).includes("visible"));
});

test("a text that is no token of the list is refused", (t) => {
  const token = writeContinuationToken("key", { scope: "objects/b" });
  t.is(readContinuationToken(token, { scope: "objects/c" }), undefined);
  for (const text of ["", "key", "AAAA", `${token}A`, token.slice(1), "%%%", ` ${token}`]) {
    t.is(readContinuationToken(text, { scope: "objects/b" }), undefined, text);
  }
});
