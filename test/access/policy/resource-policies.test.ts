/** What S3 says of a bucket's policy that is none. */
import test, { type ExecutionContext } from "ava";
import { parsePolicy } from "../../../src/access/policy/parse-policy.ts";
import { RESOURCE_POLICY_BYTES_MAX } from "../../../src/access/policy/resource-rules.ts";
import { PolicySyntaxError } from "../../../src/access/policy/syntax-error.ts";

const BUCKET = "arn:aws:s3:::bucket";
const OBJECTS = `${BUCKET}/*`;
const GOOD = { Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "s3:GetObject", Resource: OBJECTS };

const parse = (text: string) => parsePolicy(text, { kind: "resource", resourceArn: BUCKET });

/** A policy of the good statement with other elements; `undefined` takes one away. */
const textOf = (elements: Record<string, unknown>, around: Record<string, unknown> = {}): string =>
  JSON.stringify({ Version: "2012-10-17", ...around, Statement: [{ ...GOOD, ...elements }] });

const refused = (t: ExecutionContext, text: string, message: string): void => {
  t.throws(() => parse(text), { instanceOf: PolicySyntaxError, message }, text.slice(0, 300));
};

const NOT_JSON = "Policies must be valid JSON and the first byte must be '{'";
const PRINCIPAL = "Invalid principal in policy";
const ACTION = "Policy has invalid action";
const RESOURCE = "Policy has invalid resource";
const NO_TARGET = "Action does not apply to any resource(s) in statement";
const KEY = "Policy has an invalid condition key";
const COMBINATION = "Conditions do not apply to combination of actions and resources in statement";
const SYNTAX = "Invalid policy syntax.";

test("fact 16: what is not JSON, and what has no statement", (t) => {
  for (const text of ["", "invalid json", "[]", '"{}"', " {}", "\n{}", "null"]) refused(t, text, NOT_JSON);
  for (const text of ["{", "{}}", "{'a': 1}", '{"Statement": [}'])
    refused(t, text, "This policy contains invalid Json");
  refused(t, "{}", "Missing required field Statement");
  refused(t, '{"Version": "2012-10-17"}', "Missing required field Statement");
  refused(t, '{"Statement": []}', "Could not parse the policy: Statement is empty!");
});

test("elements that a policy does not have, or has otherwise", (t) => {
  refused(t, textOf({}, { Conditions: {} }), "Unknown field Conditions");
  refused(t, textOf({ condition: {} }), "Unknown field condition");
  refused(t, textOf({}, { Version: "2012-10-18" }), "The policy must contain a valid version string");
  refused(t, textOf({}, { Version: 2012 }), "The policy must contain a valid version string");
  refused(t, textOf({}, { Id: 1 }), SYNTAX);
  refused(t, JSON.stringify({ Statement: "all" }), SYNTAX);
  refused(t, textOf({ Sid: 1 }), SYNTAX);
  refused(t, textOf({ Action: null }), SYNTAX);
  refused(t, textOf({ Action: [1] }), SYNTAX);
  refused(t, textOf({ Resource: {} }), SYNTAX);
  refused(t, textOf({ Condition: [] }), SYNTAX);
  refused(t, textOf({ Condition: { StringEquals: "aws:username" } }), SYNTAX);
  refused(t, textOf({ Condition: { StringEquals: { "aws:username": { a: 1 } } } }), SYNTAX);
});

test("elements that are missing, empty, wrong or twice there", (t) => {
  for (const name of ["Effect", "Principal", "Action", "Resource"])
    refused(t, textOf({ [name]: undefined }), `Missing required field ${name}`);
  for (const name of ["Action", "Resource"])
    refused(t, textOf({ [name]: [] }), `Missing required field ${name} cannot be empty!`);
  refused(t, textOf({ Principal: {} }), "Missing required field Principal cannot be empty!");
  refused(t, textOf({ Effect: "hello" }), "Invalid effect: hello");
  refused(t, textOf({ Effect: "allow" }), "Invalid effect: allow");
  for (const [name, value] of [
    ["Principal", "*"],
    ["Action", "s3:*"],
    ["Resource", OBJECTS],
  ] as const)
    refused(t, textOf({ [`Not${name}`]: value }), `Statement/policy already has instance of ${name}`);
  refused(t, textOf({ Principal: undefined, NotPrincipal: "*" }), "Allow with NotPrincipal is not allowed.");
});

test("names that stand twice in an object", (t) => {
  const text = textOf({ Condition: { StringEquals: { "aws:username": "a", "aws:userid": "b" } } });
  const doubled = (name: string, found: string): void =>
    refused(t, text.replace(found, `${found},${found}`), `Statement/policy already has instance of ${name}`);
  doubled("Version", '"Version":"2012-10-17"');
  doubled("Action", '"Action":"s3:GetObject"');
  doubled("StringEquals", '"StringEquals":{"aws:username":"a","aws:userid":"b"}');
  doubled("aws:username", '"aws:username":"a"');
  // The same name in objects of their own, within texts, and written with an escape.
  const Statement = [
    { ...GOOD, Sid: '"Sid":{' },
    { ...GOOD, Sid: '"Sid":{' },
  ];
  t.notThrows(() => parse(JSON.stringify({ Statement })));
  const escaped = String.raw`"Action":"s3:GetObject","A\u0063tion":"s3:GetObject"`;
  refused(t, text.replace('"Action":"s3:GetObject"', escaped), "Statement/policy already has instance of Action");
});

test("principals that are none", (t) => {
  const names = [
    "alice",
    "11111111111",
    "1111111111111",
    "arn:aws:iam::111111111111:user/*",
    "arn:aws:iam::*:root",
    "arn:aws:iam::111111111111:group/team",
    "arn:aws:iam::111111111111:user/",
    "arn:aws:sts::111111111111:assumed-role/reader",
    "arn:aws:s3:::bucket",
    "AIDAIOSFODNN7EXAMPLE1",
    "",
  ];
  for (const AWS of names) refused(t, textOf({ Principal: { AWS } }), PRINCIPAL);
  for (const AWS of names) refused(t, textOf({ Principal: { AWS: ["111111111111", AWS] } }), PRINCIPAL);
  refused(t, textOf({ Principal: "111111111111" }), PRINCIPAL);
  refused(t, textOf({ Principal: ["*"] }), PRINCIPAL);
  refused(t, textOf({ Principal: { Users: "*" } }), PRINCIPAL);
  refused(t, textOf({ Principal: { CanonicalUser: "abc" } }), PRINCIPAL);
  refused(t, textOf({ Principal: { Service: "s3" } }), PRINCIPAL);
  refused(t, textOf({ Principal: { Service: "*" } }), PRINCIPAL);
  refused(t, textOf({ Principal: { Federated: "google" } }), PRINCIPAL);
});

test("a principal that does not exist is refused where its caller knows who does", (t) => {
  const text = textOf({
    Principal: { AWS: ["arn:aws:iam::111111111111:user/alice", "arn:aws:iam::111111111111:user/bob"] },
  });
  const principalExists = (principal: string): boolean => principal.endsWith("/alice");
  t.throws(() => parsePolicy(text, { kind: "resource", principalExists }), { message: PRINCIPAL });
  t.notThrows(() => parsePolicy(text, { kind: "resource", principalExists: () => true }));
  t.notThrows(() => parsePolicy(textOf({ Principal: "*" }), { kind: "resource", principalExists }));
});

test("actions that S3 does not have, or not on a bucket", (t) => {
  for (const Action of [
    "s3:GetObjct",
    "GetObject",
    "ec2:*",
    "s3",
    "s3:",
    "sts:AssumeRole",
    "s3:Foo*",
    "s3:ListAllMyBuckets",
    "s3:CreateBucket",
    "s3:PutObjectLockConfiguration",
  ])
    refused(t, textOf({ Action }), ACTION);
  refused(t, textOf({ Action: ["s3:GetObject", "s3:Nothing"] }), ACTION);
  refused(t, textOf({ Action: undefined, NotAction: "s3:Nothing" }), ACTION);
});

test("resources that are not the bucket or in it", (t) => {
  const names = [
    "*",
    "bucket/*",
    "arn:aws:s3:::other/*",
    "arn:aws:s3:::bucket2/*",
    "arn:aws:s3:us-east-1::bucket/*",
    "arn:aws:s3:::",
    "arn:aws-cn:s3:::bucket/*",
    "arn:aws:s3:::Bucket/*",
  ];
  for (const Resource of names) refused(t, textOf({ Resource }), RESOURCE);
  refused(t, textOf({ Resource: [OBJECTS, "arn:aws:s3:::other"] }), RESOURCE);
});

test("actions that are on none of the resources", (t) => {
  refused(t, textOf({ Resource: BUCKET }), NO_TARGET);
  refused(t, textOf({ Action: "s3:ListBucket" }), NO_TARGET);
  refused(t, textOf({ Action: ["s3:GetObject", "s3:ListBucket"] }), NO_TARGET);
  refused(t, textOf({ Action: "s3:GetObject*", Resource: BUCKET }), NO_TARGET);
  refused(t, textOf({ Action: ["s3:*", "s3:ListBucket"] }), NO_TARGET);
});

test("conditions with operators, keys and values that are none", (t) => {
  refused(t, textOf({ Condition: { StringIs: { "aws:username": "a" } } }), "Invalid Condition type : StringIs");
  refused(t, textOf({ Condition: { stringEquals: { "aws:username": "a" } } }), "Invalid Condition type : stringEquals");
  refused(t, textOf({ Condition: { NullIfExists: { "aws:username": "a" } } }), "Invalid Condition type : NullIfExists");
  refused(
    t,
    textOf({ Condition: { "ForSome:StringEquals": { "aws:username": "a" } } }),
    "Invalid Condition type : ForSome:StringEquals",
  );
  for (const key of [
    "s3:VersionStatus",
    "username",
    "iam:PolicyARN",
    "s3:x-acl",
    "s3:ExistingObjectTag",
    "s3:ExistingObjectTag/",
    "aws:",
    "toString",
  ])
    refused(t, textOf({ Condition: { StringEquals: { [key]: "a" } } }), KEY);
  const ip = "Invalid IP address in Conditions";
  for (const value of ["123", "1.2.3.4/33", "1.2.3.0/-1", "10.*", "2001:db8::/129", "1.2.3.4/8/8"])
    refused(t, textOf({ Condition: { IpAddress: { "aws:SourceIp": value } } }), ip);
  refused(t, textOf({ Condition: { NumericEquals: { "s3:signatureAge": "old" } } }), SYNTAX);
  refused(t, textOf({ Condition: { DateLessThan: { "aws:CurrentTime": "soon" } } }), SYNTAX);
  refused(t, textOf({ Condition: { Bool: { "aws:SecureTransport": "yes" } } }), SYNTAX);
  refused(t, textOf({ Condition: { Null: { "aws:username": "maybe" } } }), SYNTAX);
  refused(t, textOf({ Condition: { BinaryEquals: { "aws:Key": "no base64" } } }), SYNTAX);
});

test("conditions on keys that requests of the actions never have", (t) => {
  const condition = (key: string) => ({ Condition: { StringEquals: { [key]: "a" } } });
  refused(t, textOf({ ...condition("s3:prefix") }), COMBINATION);
  refused(t, textOf({ ...condition("s3:x-amz-acl"), Action: ["s3:PutObject", "s3:GetObject"] }), COMBINATION);
  refused(t, textOf({ ...condition("s3:ExistingObjectTag/a"), Action: "s3:PutObject" }), COMBINATION);
  refused(
    t,
    textOf({ ...condition("s3:RequestObjectTag/a"), Action: ["s3:PutObjectAcl", "s3:PutObjectTagging"] }),
    COMBINATION,
  );
  refused(t, textOf({ ...condition("s3:VersionId") }), COMBINATION);
  // As AWS: the condition is looked at before whether the action is on the resource.
  refused(t, textOf({ ...condition("s3:prefix"), Action: "s3:ListBucketMultipartUploads" }), COMBINATION);
});

test("policies as AWS's own pages have them are taken", (t) => {
  const statements: Record<string, unknown>[] = [
    {},
    { Sid: "with spaces, as S3 has it" },
    { Principal: "*" },
    { Principal: { AWS: ["111111111111", "arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/a/b"] } },
    { Principal: { AWS: "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E127EXAMPLE51Z" } },
    { Principal: { AWS: "arn:aws:sts::111111111111:assumed-role/reader/session" } },
    { Principal: { CanonicalUser: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" } },
    { Principal: { Service: ["logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"] } },
    { Principal: { Federated: "cognito-identity.amazonaws.com" } },
    { Principal: { Federated: "arn:aws:iam::111111111111:saml-provider/corp" } },
    { Effect: "Deny", Principal: undefined, NotPrincipal: { AWS: "111111111111" } },
    { Action: "*", Resource: [BUCKET, OBJECTS] },
    { Action: "s3:*", Resource: OBJECTS },
    { Action: "s3:Get*", Resource: BUCKET },
    { Action: undefined, NotAction: "s3:Delete*" },
    { Action: "S3:getobject" },
    { Action: "s3:ListBucket", Resource: "arn:aws:s3:::buck*" },
    { Action: ["s3:GetObject", "s3:ListBucket"], Resource: "arn:aws:s3:::*" },
    { Resource: undefined, NotResource: `${BUCKET}/private/*` },
    { Resource: `${BUCKET}/\${aws:username}/*` },
    { Condition: {} },
    { Condition: { Bool: { "aws:SecureTransport": false } } },
    { Condition: { NumericLessThan: { "s3:TlsVersion": 1.2 } } },
    { Condition: { StringNotLike: { "aws:Referer": ["https://example.com/*"] } } },
    { Condition: { StringEquals: { "saml:sub": "a", "accounts.google.com:aud": "b" } } },
    { Condition: { StringEquals: { "s3:ExistingObjectTag/Team": "a" } } },
    { Action: "s3:*", Condition: { StringEquals: { "s3:prefix": "a" } } },
    { Action: "s3:PutObject", Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } } },
    { Action: "s3:PutObject", Condition: { Null: { "s3:x-amz-server-side-encryption": "true" } } },
    { Action: ["s3:ListBucket"], Resource: BUCKET, Condition: { NumericLessThanEquals: { "s3:max-keys": "10" } } },
  ];
  for (const elements of statements) t.notThrows(() => parse(textOf(elements)), JSON.stringify(elements));
  t.notThrows(() => parse(JSON.stringify({ Id: "one", Statement: GOOD })));
  t.is(parse(JSON.stringify({ Statement: GOOD })).version, "2008-10-17");
});

test("a policy may have 20,480 bytes without its blanks, and not one more", (t) => {
  const sized = (bytes: number): string => {
    const bare = Buffer.byteLength(textOf({}, { Id: "" }));
    return textOf({}, { Id: "x".repeat(bytes - bare) });
  };
  t.notThrows(() => parse(sized(RESOURCE_POLICY_BYTES_MAX)));
  t.notThrows(() => parse(`${sized(RESOURCE_POLICY_BYTES_MAX).slice(0, -1)}${" ".repeat(10_000)}}`));
  refused(
    t,
    sized(RESOURCE_POLICY_BYTES_MAX + 1),
    "Normalized policy document exceeds the maximum allowed size of 20480 bytes",
  );
});

test("a policy that is very deep or very long is refused like any other", (t) => {
  const deep = (depth: number): string => `{"Id":${"[".repeat(depth)}${"]".repeat(depth)},"Statement":[]}`;
  refused(t, deep(1_000), SYNTAX);
  refused(t, deep(400_000), "Normalized policy document exceeds the maximum allowed size of 20480 bytes");
  refused(t, `{${'"'.repeat(400_001)}}`, "This policy contains invalid Json");
  refused(t, `{${" ".repeat(1_000_000)}}`, "Missing required field Statement");
});

test("a policy on an access point names it and the objects behind it", (t) => {
  const resourceArn = "arn:aws:s3:us-east-1:111111111111:accesspoint/ap";
  const of = (elements: Record<string, unknown>) => () =>
    parsePolicy(textOf(elements), { kind: "resource", resourceArn });
  t.notThrows(of({ Resource: `${resourceArn}/object/*` }));
  t.notThrows(of({ Action: "s3:ListBucket", Resource: resourceArn }));
  t.throws(of({ Resource: `${resourceArn}2/object/*` }), { message: RESOURCE });
  t.throws(of({ Resource: OBJECTS }), { message: RESOURCE });
  t.throws(of({ Resource: resourceArn }), { message: NO_TARGET });
});

test("a policy says which keys it looks at", (t) => {
  const { conditionKeys } = parse(
    textOf({
      Action: "s3:GetObject",
      Resource: `${BUCKET}/\${aws:username}/\${aws:PrincipalTag/Team, 'x'}/*`,
      Condition: { StringLike: { "s3:ExistingObjectTag/Owner": "${aws:userid}" }, Null: { "aws:SourceIp": true } },
    }),
  );
  t.deepEqual([...conditionKeys].toSorted(), [
    "aws:principaltag/",
    "aws:principaltag/team",
    "aws:sourceip",
    "aws:userid",
    "aws:username",
    "s3:existingobjecttag/",
    "s3:existingobjecttag/owner",
  ]);
});
