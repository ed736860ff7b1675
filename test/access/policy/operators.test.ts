/** Each operator of conditions by a table of its own: what is wanted, what the request has, whether it holds. */
import test from "ava";
import { OPERATORS, type OperatorName } from "../../../src/access/policy/operators.ts";
import { holds } from "./ask.ts";

type Row = readonly [wanted: string | number | boolean, actual: string, holds: boolean];

const DAY = "2026-06-01T00:00:00Z";

const ARNS: readonly Row[] = [
  ["arn:aws:sns:us-east-1:111111111111:topic", "arn:aws:sns:us-east-1:111111111111:topic", true],
  ["arn:aws:sns:*:111111111111:*", "arn:aws:sns:us-east-1:111111111111:topic", true],
  ["arn:aws:sns:us-east-?:*:t*", "arn:aws:sns:us-east-1:111111111111:topic", true],
  // Each of the six parts for itself: a star does not go beyond its colon.
  ["arn:aws:sns:*:topic", "arn:aws:sns:us-east-1:111111111111:topic", false],
  ["arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b/c", true],
  ["arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false],
  ["arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", false],
  ["arn:aws:s3:::bucket", "no arn", false],
  ["*", "arn:aws:s3:::bucket", true],
];

/** Without those that say the opposite of another. */
const TABLES = {
  StringEquals: [
    ["alice", "alice", true],
    ["alice", "Alice", false],
    ["ali*", "alice", false],
    ["ali*", "ali*", true],
    ["", "", true],
    [10, "10", true],
    [true, "true", true],
  ],
  StringEqualsIgnoreCase: [
    ["alice", "ALICE", true],
    ["ALICE", "alice", true],
    ["ali*", "alice", false],
    ["straße", "STRASSE", false],
  ],
  StringLike: [
    ["home/*", "home/", true],
    ["home/*", "home/a/b", true],
    ["home/?", "home/", false],
    ["*", "", true],
    ["?", "\u{1F600}", true],
    ["??", "\u{1F600}", false],
    ["a*b*c", "aXbXbXc", true],
    ["a*b*c", "aXbXbX", false],
    ["Home/*", "home/a", false],
    ["a.c", "abc", false],
    ["[a-z]", "b", false],
  ],
  NumericEquals: [
    ["10", "10", true],
    [10, "10.0", true],
    ["1e1", "10", true],
    ["10", "11", false],
    ["10", "ten", false],
    ["10", "", false],
  ],
  NumericLessThan: [
    ["10", "9.5", true],
    ["10", "10", false],
    ["9", "10", false],
    ["0", "-1", true],
    ["10", "x", false],
  ],
  NumericLessThanEquals: [
    ["10", "10", true],
    ["10", "10.1", false],
  ],
  NumericGreaterThan: [
    ["9", "10", true],
    ["10", "10", false],
  ],
  NumericGreaterThanEquals: [
    ["10", "10", true],
    ["10", "9", false],
  ],
  DateEquals: [
    [DAY, DAY, true],
    ["2026-06-01", DAY, true],
    ["2026-06-01T02:00:00+02:00", DAY, true],
    [String(Date.parse(DAY) / 1_000), DAY, true],
    [DAY, String(Date.parse(DAY) / 1_000), true],
    [DAY, "2026-06-01T00:00:01Z", false],
    [DAY, "yesterday", false],
  ],
  DateLessThan: [
    [DAY, "2026-05-31T23:59:59.999Z", true],
    [DAY, DAY, false],
  ],
  DateLessThanEquals: [
    [DAY, DAY, true],
    [DAY, "2026-06-01T00:00:01Z", false],
  ],
  DateGreaterThan: [
    [DAY, "2026-06-01T00:00:01Z", true],
    [DAY, DAY, false],
    ["2026", DAY, true],
  ],
  DateGreaterThanEquals: [
    [DAY, DAY, true],
    [DAY, "2026-05-31T00:00:00Z", false],
  ],
  Bool: [
    ["true", "true", true],
    ["True", "true", true],
    [false, "false", true],
    ["true", "false", false],
    ["true", "1", false],
  ],
  BinaryEquals: [
    ["QmluYXJ5", "QmluYXJ5", true],
    ["QmluYXJ5", "QmluYXJ6", false],
    ["QmluYXJ5", "qmluYXJ5", false],
  ],
  IpAddress: [
    ["203.0.113.0/24", "203.0.113.255", true],
    ["203.0.113.0/24", "203.0.114.0", false],
    ["203.0.113.7", "203.0.113.7", true],
    ["203.0.113.7", "203.0.113.8", false],
    ["203.0.113.77/24", "203.0.113.1", true],
    ["0.0.0.0/0", "198.51.100.1", true],
    ["2001:db8::/32", "2001:db8:1::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", true],
    ["::/0", "203.0.113.7", false],
    ["203.0.113.0/24", "::ffff:203.0.113.7", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["203.0.113.0/24", "somewhere", false],
  ],
  ArnEquals: ARNS,
  ArnLike: ARNS,
} as const satisfies Partial<Record<OperatorName, readonly Row[]>>;

const OPPOSITES: Readonly<Partial<Record<OperatorName, keyof typeof TABLES>>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

const entries = Object.entries as <K extends string, V>(table: Readonly<Partial<Record<K, V>>>) => [K, V][];

test("every operator has a table here, or is the opposite of one that has", (t) => {
  t.deepEqual([...Object.keys(TABLES), ...Object.keys(OPPOSITES)].toSorted(), Object.keys(OPERATORS).toSorted());
});

for (const [operator, rows] of entries<OperatorName, readonly Row[]>(TABLES))
  test(`${operator} holds for what its table says`, (t) => {
    for (const [wanted, actual, expected] of rows)
      t.is(holds({ [operator]: { "aws:Key": wanted } }, { "aws:key": actual }), expected, `${wanted} of ${actual}`);
  });

for (const [operator, opposite] of entries(OPPOSITES))
  test(`${operator} holds where ${opposite} does not`, (t) => {
    for (const [wanted, actual, expected] of TABLES[opposite] as readonly Row[])
      t.is(holds({ [operator]: { "aws:Key": wanted } }, { "aws:key": actual }), !expected, `${wanted} of ${actual}`);
  });

test("of several wanted values one is enough, and for a negated operator none may be", (t) => {
  t.true(holds({ StringEquals: { "aws:Key": ["a", "b"] } }, { "aws:key": "b" }));
  t.false(holds({ StringEquals: { "aws:Key": ["a", "b"] } }, { "aws:key": "c" }));
  t.false(holds({ StringNotEquals: { "aws:Key": ["a", "b"] } }, { "aws:key": "b" }));
  t.true(holds({ StringNotEquals: { "aws:Key": ["a", "b"] } }, { "aws:key": "c" }));
  t.true(holds({ NotIpAddress: { "aws:Key": ["10.0.0.0/8", "192.168.0.0/16"] } }, { "aws:key": "203.0.113.7" }));
  t.false(holds({ NotIpAddress: { "aws:Key": ["10.0.0.0/8", "192.168.0.0/16"] } }, { "aws:key": "192.168.1.1" }));
});

test("all keys of an operator must hold, and all operators", (t) => {
  const condition = { StringEquals: { "aws:One": "1", "aws:Two": "2" }, Bool: { "aws:Three": "true" } };
  t.true(holds(condition, { "aws:one": "1", "aws:two": "2", "aws:three": "true" }));
  t.false(holds(condition, { "aws:one": "1", "aws:two": "x", "aws:three": "true" }));
  t.false(holds(condition, { "aws:one": "1", "aws:two": "2", "aws:three": "false" }));
  t.false(holds(condition, { "aws:one": "1", "aws:three": "true" }));
});

test("a pattern of many stars costs no more than pattern times text", (t) => {
  // With a regular expression this would take until the end of days.
  const stars = `${"*a".repeat(40)}*b`;
  t.false(holds({ StringLike: { "aws:Key": stars } }, { "aws:key": "a".repeat(5_000) }));
});
