/** What conditions say of keys that are not there, of keys with several values, and of variables. */
import test from "ava";
import { ask, holds, type Context } from "./ask.ts";

const KEY = "aws:TagKeys";

test("without its key a condition fails, and a negated one holds", (t) => {
  for (const operator of ["StringEquals", "StringLike", "NumericEquals", "NumericGreaterThan", "DateLessThan"])
    t.false(holds({ [operator]: { [KEY]: operator.startsWith("Date") ? "2026-01-01" : "1" } }, {}), operator);
  t.false(holds({ Bool: { [KEY]: "false" } }, {}));
  t.false(holds({ IpAddress: { [KEY]: "0.0.0.0/0" } }, {}));
  t.false(holds({ ArnLike: { [KEY]: "*" } }, {}));
  t.true(holds({ StringNotEquals: { [KEY]: "1" } }, {}));
  t.true(holds({ NumericNotEquals: { [KEY]: "1" } }, {}));
  t.true(holds({ DateNotEquals: { [KEY]: "2026-01-01" } }, {}));
  t.true(holds({ NotIpAddress: { [KEY]: "0.0.0.0/0" } }, {}));
  t.true(holds({ ArnNotLike: { [KEY]: "*" } }, {}));
});

test("IfExists asks nothing of a key that is not there, and the same of one that is", (t) => {
  t.true(holds({ StringEqualsIfExists: { [KEY]: "a" } }, {}));
  t.true(holds({ StringEqualsIfExists: { [KEY]: "a" } }, { "aws:tagkeys": "a" }));
  t.false(holds({ StringEqualsIfExists: { [KEY]: "a" } }, { "aws:tagkeys": "b" }));
  // With ForAnyValue it changes nothing: of no value none fits.
  t.false(holds({ "ForAnyValue:StringEqualsIfExists": { [KEY]: "a" } }, {}));
  t.false(holds({ "ForAnyValue:StringNotEqualsIfExists": { [KEY]: "a" } }, {}));
  t.true(holds({ "ForAllValues:StringEqualsIfExists": { [KEY]: "a" } }, {}));
  t.false(holds({ BoolIfExists: { [KEY]: "true" } }, { "aws:tagkeys": "false" }));
});

test("Null asks whether a key is there", (t) => {
  t.true(holds({ Null: { [KEY]: "true" } }, {}));
  t.false(holds({ Null: { [KEY]: "true" } }, { "aws:tagkeys": "a" }));
  t.true(holds({ Null: { [KEY]: false } }, { "aws:tagkeys": "" }));
  t.false(holds({ Null: { [KEY]: "False" } }, {}));
  t.true(holds({ Null: { [KEY]: "true" } }, { "aws:tagkeys": [] }));
  t.true(holds({ Null: { [KEY]: ["true", "false"] } }, {}));
});

type Row = readonly [actual: readonly string[] | undefined, holds: boolean];

const contextOf = (actual: readonly string[] | undefined): Context =>
  actual === undefined ? {} : { "aws:tagkeys": actual };

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  "ForAllValues:StringEquals": [
    [["a"], true],
    [["a", "b"], true],
    [["a", "c"], false],
    [[], true],
    [undefined, true],
    [[""], true],
    [["", "c"], false],
  ],
  "ForAnyValue:StringEquals": [
    [["a", "c"], true],
    [["c"], false],
    [[], false],
    [undefined, false],
    [[""], false],
  ],
  "ForAllValues:StringNotEquals": [
    [["c", "d"], true],
    [["a", "c"], false],
    [undefined, true],
  ],
  "ForAnyValue:StringNotEquals": [
    [["a", "c"], true],
    [["a", "b"], false],
    [undefined, false],
  ],
  StringEquals: [
    [["a", "c"], true],
    [["c", "d"], false],
  ],
  StringNotEquals: [
    [["a", "c"], false],
    [["c", "d"], true],
  ],
};

for (const [operator, rows] of Object.entries(TABLES))
  test(`${operator} of a, b holds for the values that its table says`, (t) => {
    for (const [actual, expected] of rows)
      t.is(holds({ [operator]: { [KEY]: ["a", "b"] } }, contextOf(actual)), expected, JSON.stringify(actual));
  });

test("keys have no case, values have", (t) => {
  t.true(holds({ StringEquals: { "AWS:UserName": "alice" } }, { "aws:username": "alice" }));
  t.false(holds({ StringEquals: { "aws:username": "Alice" } }, { "aws:username": "alice" }));
  t.true(holds({ StringEquals: { "s3:ExistingObjectTag/Team": "a" } }, { "s3:existingobjecttag/team": "a" }));
});

const HOME = { StringLike: { "s3:prefix": "home/${aws:username}/*" } };

test("a variable stands for its key's value", (t) => {
  t.true(holds(HOME, { "aws:username": "alice", "s3:prefix": "home/alice/x" }));
  t.false(holds(HOME, { "aws:username": "bob", "s3:prefix": "home/alice/x" }));
  t.true(
    holds({ StringLike: { "s3:prefix": "home/${AWS:userName}/*" } }, { "aws:username": "a", "s3:prefix": "home/a/" }),
  );
  t.true(
    holds(
      { ArnLike: { "aws:SourceArn": "arn:aws:s3:::${aws:username}*" } },
      { "aws:username": "a", "aws:sourcearn": "arn:aws:s3:::ab" },
    ),
  );
  t.true(holds({ Bool: { "aws:Key": "${aws:Other}" } }, { "aws:key": "true", "aws:other": "TRUE" }));
  t.true(
    holds(
      { StringEqualsIgnoreCase: { "aws:Key": "X-${aws:username}" } },
      { "aws:key": "x-alice", "aws:username": "ALICE" },
    ),
  );
});

test("what a variable stands for has no wildcards, and the escaped ones are none", (t) => {
  t.false(holds(HOME, { "aws:username": "*", "s3:prefix": "home/alice/x" }));
  t.true(holds(HOME, { "aws:username": "*", "s3:prefix": "home/*/x" }));
  t.true(holds({ StringLike: { "aws:Key": "a${*}b" } }, { "aws:key": "a*b" }));
  t.false(holds({ StringLike: { "aws:Key": "a${*}b" } }, { "aws:key": "aXb" }));
  t.true(holds({ StringLike: { "aws:Key": "${?}${$}*" } }, { "aws:key": "?$x" }));
});

test("a variable without a value takes its default, or fits nothing", (t) => {
  const byTeam = { StringEquals: { "s3:prefix": "${aws:PrincipalTag/team, 'all'}" } };
  t.true(holds(byTeam, { "s3:prefix": "all" }));
  t.false(holds(byTeam, { "s3:prefix": "all", "aws:principaltag/team": "red" }));
  t.true(holds(byTeam, { "s3:prefix": "red", "aws:principaltag/team": "red" }));
  t.false(holds(HOME, { "s3:prefix": "home//x" }));
  t.true(holds({ StringLike: { "s3:prefix": ["home/${aws:username}/*", "public/*"] } }, { "s3:prefix": "public/x" }));
  // AWS: inverted operators match against a null value.
  t.true(holds({ StringNotLike: { "s3:prefix": "home/${aws:username}/*" } }, { "s3:prefix": "home/alice/x" }));
});

test("a key with several values is no variable", (t) => {
  t.false(holds({ StringEquals: { "aws:Key": "${aws:TagKeys}" } }, { "aws:key": "a", "aws:tagkeys": ["a", "b"] }));
  t.true(holds({ StringEquals: { "aws:Key": "${aws:TagKeys}" } }, { "aws:key": "a", "aws:tagkeys": ["a"] }));
});

test("in a policy of 2008 variables are text", (t) => {
  const options = { Version: "2008-10-17" };
  t.false(holds(HOME, { "aws:username": "alice", "s3:prefix": "home/alice/x" }, options));
  t.true(holds(HOME, { "aws:username": "alice", "s3:prefix": "home/${aws:username}/x" }, options));
});

test("a condition that does not hold says which one, what it wanted and what there was", (t) => {
  const Condition = { StringEquals: { "aws:One": "1" }, "ForAnyValue:StringLike": { "s3:Prefix": ["a/*", "b/*"] } };
  t.deepEqual(ask({ Condition }, { context: { "aws:one": "1", "s3:prefix": "c/" } }), {
    matched: false,
    because: "condition",
    condition: { operator: "ForAnyValue:StringLike", key: "s3:Prefix", wanted: ["a/*", "b/*"], actual: ["c/"] },
  });
  t.deepEqual(ask({ Condition }, {}), {
    matched: false,
    because: "condition",
    condition: { operator: "StringEquals", key: "aws:One", wanted: ["1"], actual: [] },
  });
});
