/** What S3 calls a public policy. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
import test from "ava";
import { parsePolicy } from "../../../src/access/policy/parse-policy.ts";
import { isPublicPolicy } from "../../../src/access/policy/public-policy.ts";

type Elements = Readonly<Record<string, unknown>>;

const isPublic = (...statements: readonly Elements[]): boolean => {
  const Statement = statements.map((elements) => ({
    Effect: "Allow",
    Principal: "*",
    Action: "s3:PutObject",
    Resource: "arn:aws:s3:::bucket/*",
    ...elements,
  }));
  return isPublicPolicy(parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }), { kind: "resource" }));
};

const on = (operator: string, key: string, value: unknown) => isPublic({ Condition: { [operator]: { [key]: value } } });

test("a policy that lets everyone in is public", (t) => {
  t.true(isPublic({}));
  t.true(isPublic({ Principal: { AWS: "*" } }));
  t.true(isPublic({ Principal: { AWS: ["111111111111", "*"] } }));
  t.true(isPublic({ Condition: { Bool: { "aws:SecureTransport": "true" } } }));
});

test("a policy for fixed principals is not, nor one that only denies", (t) => {
  t.false(isPublic({ Principal: { AWS: ["111111111111", "arn:aws:iam::222222222222:role/reader"] } }));
  t.false(isPublic({ Principal: { Service: "logging.s3.amazonaws.com" } }));
  t.false(isPublic({ Effect: "Deny" }));
  t.false(isPublic({ Effect: "Deny", Principal: undefined, NotPrincipal: { AWS: "111111111111" } }));
});

test("one public statement is enough", (t) => {
  t.true(isPublic({ Principal: { AWS: "111111111111" } }, { Effect: "Deny" }, {}));
  t.true(isPublic({}, { Effect: "Deny" }));
});

test("fixed values of keys that say where from or who make it one for some", (t) => {
  t.false(on("StringEquals", "aws:SourceVpc", "vpc-91237329"));
  t.false(on("StringEquals", "aws:SourceVpce", ["vpce-1", "vpce-2"]));
  t.false(on("StringLike", "aws:SourceAccount", "111111111111"));
  t.false(on("StringEquals", "aws:PrincipalOrgID", "o-aa111bb222"));
  t.false(on("ArnEquals", "aws:SourceArn", "arn:aws:sns:us-east-1:111111111111:topic"));
  t.false(on("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/reader"));
  t.false(on("StringEquals", "aws:userid", "AROAEXAMPLEID:session"));
  t.false(on("StringEquals", "s3:DataAccessPointAccount", "111111111111"));
  t.false(
    on("StringEquals", "s3:x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:us-east-1:111111111111:key/1"),
  );
  t.false(
    isPublic({ Condition: { Bool: { "aws:SecureTransport": "true" }, StringEquals: { "AWS:sourcevpc": "vpc-1" } } }),
  );
});

test("values with wildcards or variables, other operators and other keys do not", (t) => {
  t.true(on("StringLike", "aws:SourceVpc", "vpc-*"));
  t.true(on("StringEquals", "aws:SourceVpc", ["vpc-1", "vpc-?"]));
  t.true(on("StringLike", "aws:userid", "AROAEXAMPLEID:*"));
  t.true(on("StringEquals", "aws:userid", "${aws:userid}"));
  t.true(on("StringNotEquals", "aws:SourceVpc", "vpc-1"));
  t.true(on("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"));
  t.true(on("ForAllValues:StringEquals", "aws:SourceVpc", "vpc-1"));
  t.true(on("StringEquals", "aws:Referer", "https://example.com/"));
  t.true(on("StringEquals", "aws:UserAgent", "secret"));
  t.true(on("StringEquals", "aws:SourceIp", "203.0.113.7"));
  t.true(isPublic({ Condition: { StringEquals: { "aws:SourceVpc": [] } } }));
});

test("an access point's name may vary as long as its account does not", (t) => {
  t.false(on("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:111111111111:accesspoint/*"));
  t.true(on("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:*:accesspoint/mine"));
});

test("ranges of addresses count unless they are very broad", (t) => {
  t.false(on("IpAddress", "aws:SourceIp", "203.0.113.0/24"));
  t.false(on("IpAddress", "aws:SourceIp", ["203.0.113.7", "8.0.0.0/8", "2001:db8::/32"]));
  t.false(on("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "172.16.0.0/12"]));
  t.true(on("IpAddress", "aws:SourceIp", "8.0.0.0/7"));
  t.true(on("IpAddress", "aws:SourceIp", "0.0.0.0/1"));
  t.true(on("IpAddress", "aws:SourceIp", "2001:db8::/31"));
  t.true(on("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "0.0.0.0/0"]));
  t.true(on("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"));
});
