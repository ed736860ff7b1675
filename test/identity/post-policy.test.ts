/** The policy language of POST forms, as AWS documents it and as it answers. */
import test, { type ExecutionContext } from "ava";
import { checkPostPolicy, parsePostPolicy } from "../../src/identity/post-policy.ts";
import type { AwsError } from "../../src/protocol/aws-error.ts";

const EXPIRATION = "2030-01-01T00:00:00Z";

const encode = (document: unknown): string => Buffer.from(JSON.stringify(document)).toString("base64");

const fieldsOf = (fields: Readonly<Record<string, string>>) =>
  new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), { name, value }]));

/** Holds a form to the bucket `b` against these conditions and no others. */
const checkAll = (conditions: readonly unknown[], fields: Readonly<Record<string, string>>) =>
  checkPostPolicy(parsePostPolicy(encode({ expiration: EXPIRATION, conditions })), {
    fields: fieldsOf(fields),
    bucket: "b",
  });

const check = (conditions: readonly unknown[], fields: Readonly<Record<string, string>>) =>
  checkAll([{ bucket: "b" }, ...conditions], fields);

const refusal = (t: ExecutionContext, run: () => unknown): string => {
  const error = t.throws<AwsError>(run);
  return `${error?.status} ${error?.code} ${error?.message}`;
};

test("AWS's own example of a policy lets its form through", (t) => {
  const redirect = "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html";
  const conditions = [
    { bucket: "b" },
    ["starts-with", "$key", "user/user1/"],
    { acl: "public-read" },
    { success_action_redirect: redirect },
    ["starts-with", "$Content-Type", "image/"],
    { "x-amz-meta-uuid": "14365123651274" },
    { "x-amz-server-side-encryption": "AES256" },
    ["starts-with", "$x-amz-meta-tag", ""],
    { "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request" },
    { "x-amz-algorithm": "AWS4-HMAC-SHA256" },
    { "x-amz-date": "20151229T000000Z" },
  ];
  const range = check(conditions, {
    key: "user/user1/cat.jpg",
    acl: "public-read",
    success_action_redirect: redirect,
    "Content-Type": "image/jpeg",
    "x-amz-meta-uuid": "14365123651274",
    "x-amz-server-side-encryption": "AES256",
    "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Date": "20151229T000000Z",
    "x-amz-meta-tag": "",
    Policy: "p",
    "X-Amz-Signature": "s",
  });
  t.deepEqual(range, { sizeBytesMin: 0, sizeBytesMax: Number.POSITIVE_INFINITY });
});

test("fact 57: a condition that does not hold is named as a list, with the policy's own spelling", (t) => {
  const failed = (list: string) => `403 AccessDenied Invalid according to Policy: Policy Condition failed: ${list}`;
  t.is(
    refusal(t, () => check([["eq", "$key", "v"]], { key: "w" })),
    failed('["eq", "$key", "v"]'),
  );
  t.is(
    refusal(t, () => check([["eq", "$key", "v"]], { key: "V" })),
    failed('["eq", "$key", "v"]'),
  );
  t.is(
    refusal(t, () => check([{ Key: "v" }], { key: "w" })),
    failed('["eq", "$Key", "v"]'),
  );
  t.is(
    refusal(t, () => check([["eq", "key", "v"]], { key: "v" })),
    failed('["eq", "key", "v"]'),
  );
  t.is(
    refusal(t, () => check([["starts-with", "$key", "a/"]], { key: "A/" })),
    failed('["starts-with", "$key", "a/"]'),
  );
  t.is(
    refusal(t, () => check([{ bucket: "c" }], { bucket: "c" })),
    failed('["eq", "$bucket", "c"]'),
  );
  t.is(
    refusal(t, () => check([["eq", "$x", 'say "a"']], { x: "" })),
    failed('["eq", "$x", "say \\"a\\""]'),
  );
});

test("a condition on a field that the form lacks does not hold, whatever it allows", (t) => {
  t.regex(
    refusal(t, () => check([["starts-with", "$Content-Type", ""]], {})),
    /\["starts-with", "\$Content-Type", ""\]$/,
  );
  t.notThrows(() => check([["starts-with", "$Content-Type", ""]], { "content-type": "" }));
});

test("names of fields and operators are matched in any case, values in theirs", (t) => {
  t.notThrows(() =>
    check([["StArTs-WiTh", "$KeY", "foo"], { "x-amz-meta-test-2": "A" }], { kEy: "foo.txt", "x-amz-meta-TEST-2": "A" }),
  );
});

test("a Content-Type may be a list whose every type has to fit; other fields are no lists", (t) => {
  const types = [["starts-with", "$Content-Type", "image/"]];
  t.notThrows(() => check(types, { "Content-Type": "image/jpg,image/png, image/gif" }));
  t.throws(() => check(types, { "Content-Type": "image/jpg,text/plain" }));
  t.notThrows(() => check([["starts-with", "$x-amz-meta-a", "image/"]], { "x-amz-meta-a": "image/jpg,text/plain" }));
});

test("a field that no condition allows is refused by its name, unless it needs none", (t) => {
  const exempt = { policy: "", "x-amz-signature": "", signature: "", AWSAccessKeyId: "", "X-Ignore-Me": "", file: "" };
  t.notThrows(() => check([{ key: "k" }], { key: "k", ...exempt }));
  t.is(
    refusal(t, () => check([{ key: "k" }], { key: "k", StorageClass: "x" })),
    "403 AccessDenied Invalid according to Policy: Extra input fields: StorageClass",
  );
  t.regex(
    refusal(t, () => check([], { a: "", "x-amz-date": "" })),
    /Extra input fields: a, x-amz-date$/,
  );
  t.notThrows(() => check([{ bucket: "b" }], { bucket: "anything" }));
});

test("a policy must allow the bucket, though the form need not name it", (t) => {
  const extra = "403 AccessDenied Invalid according to Policy: Extra input fields:";
  t.is(
    refusal(t, () => checkAll([{ key: "k" }], { key: "k" })),
    `${extra} bucket`,
  );
  t.is(
    refusal(t, () => checkAll([{ key: "k" }], { key: "k", BUCKET: "b" })),
    `${extra} BUCKET`,
  );
  t.notThrows(() => checkAll([["starts-with", "$Bucket", ""]], {}));
});

test("sizes are what every range allows, as numbers or texts", (t) => {
  const ranges = [
    ["content-length-range", 1, "20"],
    ["content-length-range", "5", 30],
  ];
  t.deepEqual(check(ranges, {}), { sizeBytesMin: 5, sizeBytesMax: 20 });
  t.is(
    refusal(t, () => check([["content-length-range", "test", "10"]], {})),
    '403 AccessDenied Invalid according to Policy: Policy Condition failed: ["content-length-range", "test", "10"]',
  );
});

test("fact 57: a policy that cannot be read is refused with what is wrong with it", (t) => {
  const parse = (document: unknown) => refusal(t, () => parsePostPolicy(encode(document)));
  const problem = (text: string) => `400 InvalidPolicyDocument Invalid Policy: ${text}`;
  const withCondition = (condition: unknown) => parse({ expiration: EXPIRATION, conditions: [condition] });
  const one = "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.";

  t.is(
    refusal(t, () => parsePostPolicy("no base64 of JSON")),
    problem("Invalid JSON."),
  );
  t.is(parse([]), problem("Invalid JSON."));
  t.is(parse({}), problem("Policy missing expiration."));
  t.is(parse({ EXPIRATION, conditions: [] }), problem("Unexpected: 'expiration'"));
  t.is(parse({ expiration: EXPIRATION, Statement: [] }), problem("Unexpected: 'statement'"));
  t.is(parse({ expiration: EXPIRATION }), problem("Policy missing conditions."));
  t.is(parse({ expiration: EXPIRATION, conditions: {} }), problem("Invalid 'conditions' value: must be a List."));
  for (const expiration of ["2011-09-13T07:52:58+02:00", "2015-10-17 03:15:59 UTC", "2015-13-17T03:15:59Z", 1]) {
    t.is(parse({ expiration, conditions: [] }), problem(`Invalid 'expiration' value: '${expiration}'`));
  }
  t.is(withCondition({}), problem(one));
  t.is(withCondition({ bucket: "b", key: "k" }), problem(one));
  t.is(withCondition({ "Content-Length": 5 }), problem("Invalid Simple-Condition: value must be a string."));
  t.is(withCondition({ key: null }), problem("Invalid JSON."));
  t.is(withCondition([]), problem("Invalid Condition: missing operation identifier."));
  t.is(withCondition(["like", "$key", "k"]), problem("Invalid Condition: unknown operation 'like'."));
  t.is(withCondition(["eq", "$key"]), problem("Invalid eq: wrong number of arguments."));
  t.is(withCondition(["content-length-range", 0]), problem("Invalid content-length-range: wrong number of arguments."));
  t.is(withCondition(["content-length-range", 0, 512.5]), problem("Invalid JSON."));
  t.is(withCondition(["eq", "$key", 1]), problem("Invalid JSON."));
  t.is(withCondition("eq"), problem("Invalid condition test: must be a List or Object."));
  t.is(parsePostPolicy(encode({ expiration: "2030-01-01T00:00:00.500Z", conditions: [] })).expiresAtMs % 1000, 500);
});
