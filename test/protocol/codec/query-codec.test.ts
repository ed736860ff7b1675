import test from "ava";
import { AwsError } from "../../../src/protocol/aws-error.ts";
import { createQueryCodec } from "../../../src/protocol/codec/query-codec.ts";
import { queryErrorDocument, s3ErrorDocument } from "../../../src/protocol/codec/errors.ts";
import { description } from "../../../src/protocol/generated/sts.ts";
import { parseParameters } from "../../../src/protocol/query-string.ts";

const codec = createQueryCodec("sts", description);

test("flat parameters become lists and structures", (t) => {
  const body =
    "Action=AssumeRole&RoleArn=arn%3Aaws&RoleSessionName=a+b%2B&DurationSeconds=900" +
    "&PolicyArns.member.1.arn=one&PolicyArns.member.2.arn=two" +
    "&Tags.member.1.Key=k&Tags.member.1.Value=%F0%9F%98%80&TransitiveTagKeys.member.1=k";
  t.deepEqual(codec.decodeInput("AssumeRole", parseParameters(body)), {
    RoleArn: "arn:aws",
    RoleSessionName: "a b+",
    DurationSeconds: 900,
    PolicyArns: [{ arn: "one" }, { arn: "two" }],
    Tags: [{ Key: "k", Value: "\u{1F600}" }],
    TransitiveTagKeys: ["k"],
  });
});

test("items of a list come in the order of their numbers, up to the first gap", (t) => {
  const body = "TransitiveTagKeys.member.10=ten&TransitiveTagKeys.member.2=two&TransitiveTagKeys.member.1=one";
  t.deepEqual(codec.decodeInput("AssumeRole", parseParameters(body)), { TransitiveTagKeys: ["one", "two"] });
});

test("an empty list is a parameter without a value", (t) => {
  t.deepEqual(codec.decodeInput("AssumeRole", parseParameters("Tags=")), { Tags: [] });
});

test("what should be a number and is none is malformed", (t) => {
  for (const text of ["", "x", "1.5", "1e3", " 900", "9999999999999999"]) {
    const parameters = new Map([["DurationSeconds", text]]);
    const error = t.throws(() => codec.decodeInput("AssumeRole", parameters), { instanceOf: AwsError });
    t.is(error?.code, "MalformedInput", text);
    t.is(error?.status, 400);
  }
});

test("parameters that the operation does not know are ignored", (t) => {
  t.deepEqual(codec.decodeInput("GetCallerIdentity", parseParameters("Action=GetCallerIdentity&Version=1&X=y")), {});
});

test("an answer has its result and the request's id", (t) => {
  const output = { Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/a&b" };
  t.is(
    codec.encodeOutput("GetCallerIdentity", output, { requestId: "id-1" }),
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
      "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a&amp;b</Arn></GetCallerIdentityResult>" +
      "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
  );
});

test("expiry times have whole seconds", (t) => {
  const Credentials = {
    AccessKeyId: "a",
    SecretAccessKey: "s",
    SessionToken: "t",
    Expiration: new Date(1_600_000_000_999),
  };
  const body = codec.encodeOutput("GetSessionToken", { Credentials }, { requestId: "id" });
  t.true(body.includes("<Expiration>2020-09-13T12:26:40Z</Expiration>"));
});

test("an error of S3 has its fields between message and request id, in their order", (t) => {
  const document = s3ErrorDocument({
    code: "NoSuchKey",
    message: "The specified key does not exist.",
    fields: { Key: "a<b>\n", Another: "" },
    requestId: "R",
    hostId: "H",
  });
  t.is(
    document,
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>' +
      "<Key>a&lt;b&gt;&#xa;</Key><Another></Another><RequestId>R</RequestId><HostId>H</HostId></Error>",
  );
});

test("an error of STS names its type", (t) => {
  t.is(
    queryErrorDocument("sts", { code: "ValidationError", message: "a & b", type: "Sender", requestId: "R" }),
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
      "<Code>ValidationError</Code><Message>a &amp; b</Message></Error><RequestId>R</RequestId></ErrorResponse>",
  );
});
