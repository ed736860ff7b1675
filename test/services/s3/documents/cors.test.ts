import { DeleteBucketCorsCommand, GetBucketCorsCommand, PutBucketCorsCommand, type CORSRule } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest } from "../error-cases.ts";
import { malformed, testRejections } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const put = (Bucket: string, CORSRules: CORSRule[]) =>
  s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
const get = async (Bucket: string) => (await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules;

test("CORS rules come back as they were put, in their order", async (t) => {
  const Bucket = await makeBucket(s3, "cors");
  const rules: CORSRule[] = [
    {
      ID: "first",
      AllowedMethods: ["GET", "PUT"],
      AllowedOrigins: ["https://localhost:4200", "http://*.example.com", "http://test.com:80"],
      AllowedHeaders: ["x-amz-expected-bucket-owner", "x-AMZ-server-SIDE-encryption"],
      ExposeHeaders: ["ETag"],
      MaxAgeSeconds: 3_000,
    },
    { AllowedMethods: ["HEAD"], AllowedOrigins: ["*"] },
    { AllowedMethods: ["POST", "DELETE"], AllowedOrigins: [""] },
  ];
  await put(Bucket, rules);
  t.deepEqual(await get(Bucket), rules);
  await put(Bucket, rules.slice(1, 2));
  t.deepEqual(await get(Bucket), rules.slice(1, 2));
});

test("fact 8: without CORS rules there are none to get, and a second delete succeeds as the first", async (t) => {
  const Bucket = await makeBucket(s3, "cors");
  await put(Bucket, [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }]);
  for (const _ of [1, 2]) {
    const { $metadata } = await s3.send(new DeleteBucketCorsCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    const error = await failure(get(Bucket));
    t.is(error.name, "NoSuchCORSConfiguration");
    t.is(error.message, "The CORS configuration does not exist");
    t.is(error["BucketName"], Bucket);
    t.is(error.$metadata.httpStatusCode, 404);
  }
});

const RULE = "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>";
const ruleOf = (content: string): string => `<CORSRule>${content}</CORSRule>`;
const unsupported = (method: string) =>
  invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);

test("100 CORS rules are fine", async (t) => {
  const Bucket = await makeBucket(s3, "cors");
  const rule: CORSRule = { AllowedMethods: ["GET"], AllowedOrigins: ["*"] };
  await put(
    Bucket,
    Array.from({ length: 100 }, () => rule),
  );
  t.is((await get(Bucket))?.length, 100);
});

testRejections(
  {
    operation: "PutBucketCors",
    query: "cors",
    root: "CORSConfiguration",
    content: ruleOf(`<ID>only</ID>${RULE}`),
    once: "ID",
    rejections: [
      { what: "an empty rule", content: ruleOf(""), error: malformed() },
      { what: "a rule without an origin", content: ruleOf("<AllowedMethod>GET</AllowedMethod>"), error: malformed() },
      { what: "a rule without a method", content: ruleOf("<AllowedOrigin>*</AllowedOrigin>"), error: malformed() },
      {
        what: "a method that S3 does not know",
        fact: 60,
        content: ruleOf("<AllowedMethod>MYMETHOD</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"),
        error: unsupported("MYMETHOD"),
      },
      {
        what: "the method of preflights",
        content: ruleOf("<AllowedMethod>OPTIONS</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"),
        error: unsupported("OPTIONS"),
      },
      {
        what: "an empty method",
        content: ruleOf("<AllowedMethod/><AllowedOrigin>*</AllowedOrigin>"),
        error: unsupported(""),
      },
      {
        what: "an origin with two wildcards",
        content: ruleOf("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*example*.com</AllowedOrigin>"),
        error: invalidRequest('AllowedOrigin "*example*.com" can not have more than one wildcard.'),
      },
      {
        what: "a header with two wildcards",
        content: ruleOf(`${RULE}<AllowedHeader>x-*-*</AllowedHeader>`),
        error: invalidRequest('AllowedHeader "x-*-*" can not have more than one wildcard.'),
      },
      {
        what: "an exposed header with a wildcard",
        content: ruleOf(`${RULE}<ExposeHeader>*</ExposeHeader>`),
        error: invalidRequest(
          'ExposeHeader "*" contains wildcard. We currently do not support wildcard for ExposeHeader.',
        ),
      },
      {
        what: "an age that is no number",
        content: ruleOf(`${RULE}<MaxAgeSeconds>long</MaxAgeSeconds>`),
        error: malformed(),
      },
      { what: "a negative age", content: ruleOf(`${RULE}<MaxAgeSeconds>-1</MaxAgeSeconds>`), error: malformed() },
      {
        what: "an age that no 32 bits hold",
        content: ruleOf(`${RULE}<MaxAgeSeconds>2147483648</MaxAgeSeconds>`),
        error: malformed(),
      },
      {
        what: "an id that is too long",
        content: ruleOf(`<ID>${"i".repeat(256)}</ID>${RULE}`),
        error: invalidArgument("ID length should not exceed allowed limit of 255", "ID", "i".repeat(256)),
      },
      { what: "101 rules", content: ruleOf(RULE).repeat(101), error: malformed() },
      {
        what: "more than 64 KiB",
        content: ruleOf(`${RULE}<AllowedHeader>${"h".repeat(64 * 1024)}</AllowedHeader>`),
        error: {
          Code: "MaxMessageLengthExceeded",
          Message: "Your request was too big.",
          MaxMessageLengthBytes: "65536",
        },
      },
    ],
  },
  { server, makeBucket: () => makeBucket(s3, "cors") },
);
