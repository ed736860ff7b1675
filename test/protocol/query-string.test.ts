import test from "ava";
import { AwsError } from "../../src/protocol/aws-error.ts";
import { decodePath, PARAMETERS_MAX, parseParameters } from "../../src/protocol/query-string.ts";

test("a plus is a blank in a parameter and a plus in a path", (t) => {
  t.is(parseParameters("a+b=c+d%2B").get("a b"), "c d+");
  t.is(decodePath("a+b"), "a+b");
});

test("parameters without a value are empty, and the first of a name counts", (t) => {
  t.deepEqual(
    [...parseParameters("acl&a=&a=2&&b=c=d&")],
    [
      ["acl", ""],
      ["a", ""],
      ["b", "c=d"],
    ],
  );
  t.is(parseParameters("").size, 0);
});

test("names of JavaScript's own are names like others", (t) => {
  t.is(parseParameters("__proto__=x").get("__proto__"), "x");
  t.is(parseParameters("a=1").get("constructor"), undefined);
});

test("more parameters than the limit are refused, since a sub-resource could hide behind it", (t) => {
  const many = (count: number): string => Array.from({ length: count }, (_, at) => `p${at}`).join("&");
  t.is(parseParameters(many(PARAMETERS_MAX)).size, PARAMETERS_MAX);
  const error = t.throws(() => parseParameters(many(PARAMETERS_MAX + 1)), { instanceOf: AwsError });
  t.is(error?.code, "InvalidURI");
});
