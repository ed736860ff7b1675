/** What IAM and STS say of a policy that is none: of identities, of sessions, of roles. */
import test, { type ExecutionContext } from "ava";
import { parsePolicy } from "../../../src/access/policy/parse-policy.ts";
import type { PolicyKind } from "../../../src/access/policy/policy.ts";
import { PolicySyntaxError } from "../../../src/access/policy/syntax-error.ts";

const IDENTITY = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" };
const TRUST = { Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "sts:AssumeRole" };

type Elements = Readonly<Record<string, unknown>>;

const textOf = (kind: PolicyKind, elements: Elements = {}, around: Elements = {}): string =>
  JSON.stringify({
    Version: "2012-10-17",
    ...around,
    Statement: [{ ...(kind === "trust" ? TRUST : IDENTITY), ...elements }],
  });

const refused = (t: ExecutionContext, kind: PolicyKind, text: string, message: string): void => {
  t.throws(() => parsePolicy(text, { kind }), { instanceOf: PolicySyntaxError, message }, text);
};

const SYNTAX = "Syntax errors in policy.";

test("an identity's policy whose form is wrong", (t) => {
  for (const text of [
    "",
    "no policy",
    "{",
    "[]",
    '{"Version":"2012-10-17"}',
    '{"Version":"2012-10-17","Statement":[]}',
  ])
    refused(t, "identity", text, SYNTAX);
  for (const elements of [
    { Effect: "Permit" },
    { Effect: undefined },
    { Action: 1 },
    { Resource: [1] },
    { NotAction: "s3:*" },
    { NotResource: "*" },
    { Condition: { StringIs: { a: "b" } } },
    { Extra: 1 },
  ])
    refused(t, "identity", textOf("identity", elements), SYNTAX);
});

test("no element of an identity's policy stands there twice", (t) => {
  refused(t, "identity", textOf("identity").replace('"Action"', '"Action":"s3:PutObject","Action"'), SYNTAX);
});

test("an identity's policy is of today's language", (t) => {
  const message = "Policy document must be version 2012-10-17 or greater.";
  refused(t, "identity", textOf("identity", {}, { Version: "2008-10-17" }), message);
  refused(t, "identity", textOf("identity", {}, { Version: undefined }), message);
  refused(t, "identity", textOf("identity", {}, { Version: "2012-10-18" }), SYNTAX);
});

test("an identity's policy has actions and resources, and no principal", (t) => {
  refused(t, "identity", textOf("identity", { Action: undefined }), "Policy statement must contain actions.");
  refused(t, "identity", textOf("identity", { Action: [] }), "Policy statement must contain actions.");
  refused(t, "identity", textOf("identity", { Resource: undefined }), "Policy statement must contain resources.");
  refused(t, "identity", textOf("identity", { Resource: [] }), "Policy statement must contain resources.");
  refused(t, "identity", textOf("identity", { Principal: "*" }), "Policy document should not specify a principal.");
  refused(t, "identity", textOf("identity", { NotPrincipal: "*" }), "Policy document should not specify a principal.");
});

test("an identity's actions have a vendor, its resources are ARNs", (t) => {
  const vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  refused(t, "identity", textOf("identity", { Action: "GetObject" }), vendor);
  refused(
    t,
    "identity",
    textOf("identity", { Action: "s3:Get:Object" }),
    "Actions/Condition can contain only one colon.",
  );
  refused(t, "identity", textOf("identity", { Action: "s 3:GetObject" }), "Vendor s 3 is not valid");
  refused(t, "identity", textOf("identity", { Resource: "bucket" }), 'Resource bucket must be in ARN format or "*".');
  refused(
    t,
    "identity",
    textOf("identity", { Resource: "arn:error:s3:::bucket" }),
    'Partition "error" is not valid for resource "arn:error:s3:::bucket".',
  );
  refused(
    t,
    "identity",
    textOf("identity", { Resource: "arn:aws" }),
    "Resource vendor must be fully qualified and cannot contain regexes.",
  );
});

test("statements of one policy have ids of their own", (t) => {
  const Statement = [
    { ...IDENTITY, Sid: "a" },
    { ...IDENTITY, Sid: "a" },
  ];
  const message = "Statement IDs (SID) in a single policy must be unique.";
  refused(t, "identity", JSON.stringify({ Version: "2012-10-17", Statement }), message);
  refused(
    t,
    "identity",
    textOf("identity", { Sid: "not-alphanumeric" }),
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
  );
  const Empty = [
    { ...IDENTITY, Sid: "" },
    { ...IDENTITY, Sid: "" },
  ];
  t.notThrows(() => parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: Empty }), { kind: "identity" }));
});

test("a session's policy may be of either version", (t) => {
  t.notThrows(() => parsePolicy(textOf("session", {}, { Version: "2008-10-17" }), { kind: "session" }));
  t.notThrows(() => parsePolicy(textOf("session", {}, { Version: undefined }), { kind: "session" }));
  refused(t, "session", "{", "This policy contains invalid Json");
  refused(t, "session", "{}", SYNTAX);
  refused(t, "session", textOf("session", { Principal: "*" }), "Policy document should not specify a principal.");
});

test("a trust policy names who may assume the role, and nothing else", (t) => {
  refused(t, "trust", "{invalid", "This policy contains invalid Json");
  refused(t, "trust", "no policy", "This policy contains invalid Json");
  refused(t, "trust", '{"Statement":[]}', "Could not parse the policy: Statement is empty!");
  refused(t, "trust", textOf("trust", { Principal: undefined }), "Missing required field Principal");
  refused(t, "trust", textOf("trust", { Principal: {} }), "Missing required field Principal cannot be empty!");
  refused(t, "trust", textOf("trust", { Principal: { AWS: "alice" } }), 'Invalid principal in policy: "AWS":"alice"');
  refused(t, "trust", textOf("trust", { Action: "*" }), "AssumeRole policy may only specify STS AssumeRole actions.");
  refused(
    t,
    "trust",
    textOf("trust", { Action: "s3:*" }),
    "AssumeRole policy may only specify STS AssumeRole actions.",
  );
  refused(t, "trust", textOf("trust", { Resource: "*" }), "Has prohibited field Resource");
  refused(t, "trust", textOf("trust", { NotResource: "*" }), "AssumeRole policy must not contain resources.");
  const except = { Principal: undefined, NotPrincipal: { AWS: "111111111111" } };
  refused(t, "trust", textOf("trust", except), "Allow with NotPrincipal is not allowed.");
});

test("trust policies as AWS's own pages have them are taken", (t) => {
  const statements: Elements[] = [
    {},
    { Principal: { AWS: "*" } },
    { Principal: { Service: "ec2.amazonaws.com" } },
    { Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] },
    { Condition: { StringEquals: { "sts:ExternalId": "12345" }, Bool: { "aws:MultiFactorAuthPresent": "true" } } },
    {
      Principal: { Federated: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringLike: { "token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:*" } },
    },
    { Principal: { Federated: "accounts.google.com" }, Action: "sts:AssumeRoleWithWebIdentity" },
  ];
  for (const elements of statements)
    t.notThrows(() => parsePolicy(textOf("trust", elements), { kind: "trust" }), JSON.stringify(elements));
});

test("IAM's older parser comes first, as AWS was recorded: effects in other letters, dates, ARNs that do not reach a name", (t) => {
  const legacy = "The policy failed legacy parsing";
  const after = (value: string) => ({ Condition: { DateGreaterThan: { "aws:CurrentTime": value } } });
  for (const elements of [
    { Effect: "denY" },
    { Effect: "allow", Action: undefined },
    after("sdfdsf"),
    after("234-13"),
    after("2016-12-13t2:00:00.593194+1"),
    after("2016-12-13t2:00:00.1999999999+10:59"),
    after("9223372036854775808"),
    { Resource: "arn:aws:s3::bucket" },
    { Resource: "arn:aws:s3::bucket", Action: undefined },
    { Resource: undefined, NotResource: "arn:aws:s3::bucket" },
    { Resource: "arn:aws::::bucket" },
    { Resource: "arn:aws::bucket" },
  ])
    refused(t, "identity", textOf("identity", elements), legacy);
  for (const value of ["2016-12-13t2:00:00.593194+23", "2016-12-13T21:20:37.593194+00:00", "-292275054"])
    t.notThrows(() => parsePolicy(textOf("identity", after(value)), { kind: "identity" }), value);
});

test("the resources of an identity's policy are where their service has any, as AWS was recorded", (t) => {
  const paths =
    'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.';
  for (const [Resource, message] of [
    ["arn:aws:iam:::example", paths],
    [
      "arn:aws:iam:us-east-1::example",
      "IAM resource arn:aws:iam:us-east-1::example cannot contain region information.",
    ],
    ["arn:aws:s3:us-east-1::bucket", "Resource arn:aws:s3:us-east-1::bucket can not contain region information."],
    ["a:bsd", 'Partition "bsd" is not valid for resource "arn:bsd:*:*:*:*".'],
    ["a:b:c:d:e:f:g:h", 'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".'],
    ["aws:s3:::bucket", 'Partition "s3" is not valid for resource "arn:s3:::bucket:*".'],
  ] as const)
    refused(t, "identity", textOf("identity", { Resource }), message);
  for (const Resource of [
    "arn:aws:iam:::user/example",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:iam::*:*",
    "arn:aws:iam::111111111111:root",
    "arn:aws:s3:us-west-2:111111111111:accesspoint/point/object/*",
    "arn:aws:s33:::bucket",
    "arn:aws:fdsasf",
    "arn:aws:invalid-service:us-east-1::bucket",
  ])
    t.notThrows(() => parsePolicy(textOf("identity", { Resource }), { kind: "identity" }), Resource);
});

test("IAM was recorded to pass over an operator that there is not where it stands before nothing", (t) => {
  const policy = parsePolicy(textOf("identity", { Condition: { a: {}, b: {} } }), { kind: "identity" });
  t.deepEqual(policy.statements[0]?.conditions, []);
  refused(t, "identity", textOf("identity", { Condition: { a: { b: "c" } } }), SYNTAX);
});

test("IAM was recorded to see doubled ids before a statement without actions", (t) => {
  const Statement = [
    { ...IDENTITY, Sid: "a" },
    { Sid: "a", Effect: "Allow" },
  ];
  const message = "Statement IDs (SID) in a single policy must be unique.";
  refused(t, "identity", JSON.stringify({ Version: "2012-10-17", Statement }), message);
});
