/** Bucket policies through the AWS SDK: put, given back, judged, taken away, and what S3 says of one that is none. */
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const s3 = server.s3();

/** The text of a policy that lets an account read, with the blanks that its author liked. */
const policyOf = (Bucket: string, elements: Record<string, unknown> = {}): string =>
  JSON.stringify(
    {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "222222222222" },
          Action: "s3:GetObject",
          Resource: `arn:aws:s3:::${Bucket}/*`,
          ...elements,
        },
      ],
    },
    undefined,
    4,
  );

const put = (Bucket: string, Policy: string) => s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
const get = async (Bucket: string) => (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy;
const isPublic = async (Bucket: string) =>
  (await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic;

const noPolicy = async (t: ExecutionContext, Bucket: string): Promise<void> => {
  for (const call of [get(Bucket), isPublic(Bucket)]) {
    const error = await failure(call);
    t.is(error.name, "NoSuchBucketPolicy");
    t.is(error.$metadata.httpStatusCode, 404);
    t.is(error.message, "The bucket policy does not exist");
    t.is(error["BucketName"], Bucket);
  }
};

test("a policy comes back as it was sent, until it is taken away", async (t) => {
  const Bucket = await makeBucket(s3, "policy");
  await noPolicy(t, Bucket);
  const { $metadata } = await put(Bucket, policyOf(Bucket));
  t.is($metadata.httpStatusCode, 204);
  t.is(await get(Bucket), policyOf(Bucket));
  t.false(await isPublic(Bucket));
  const second = policyOf(Bucket, { Action: "s3:Get*", Sid: "the second" });
  await put(Bucket, second);
  t.is(await get(Bucket), second);
  for (let times = 0; times < 2; times++) {
    const gone = await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    t.is(gone.$metadata.httpStatusCode, 204);
  }
  await noPolicy(t, Bucket);
});

test("a policy is answered as JSON", async (t) => {
  const Bucket = await makeBucket(s3, "policy-json");
  await put(Bucket, policyOf(Bucket));
  const { status, headers, body } = await server.request("GET", `/${Bucket}?policy`);
  t.is(status, 200);
  t.is(headers["content-type"], "application/json");
  t.is(body.toString(), policyOf(Bucket));
});

const MALFORMED: readonly (readonly [string, (Bucket: string) => string, message: string])[] = [
  ["is empty", () => "", "Policies must be valid JSON and the first byte must be '{'"],
  ["is no JSON", () => "invalid json", "Policies must be valid JSON and the first byte must be '{'"],
  ["is half a JSON", () => "{", "This policy contains invalid Json"],
  ["has no statement", () => "{}", "Missing required field Statement"],
  [
    "has an unknown version",
    (b) => policyOf(b).replace("2012", "2013"),
    "The policy must contain a valid version string",
  ],
  ["has an unknown element", (b) => policyOf(b, { Actions: "*" }), "Unknown field Actions"],
  ["names no principal", (b) => policyOf(b, { Principal: undefined }), "Missing required field Principal"],
  ["names half a principal", (b) => policyOf(b, { Principal: { AWS: "bob" } }), "Invalid principal in policy"],
  ["has an unknown action", (b) => policyOf(b, { Action: "s3:Read" }), "Policy has invalid action"],
  ["is about another bucket", (b) => policyOf(`${b}2`), "Policy has invalid resource"],
  [
    "is about the bucket where it should be about objects",
    (b) => policyOf(b, { Resource: `arn:aws:s3:::${b}` }),
    "Action does not apply to any resource(s) in statement",
  ],
  [
    "asks for an unknown key",
    (b) => policyOf(b, { Condition: { StringEquals: { "s3:VersionStatus": "a" } } }),
    "Policy has an invalid condition key",
  ],
  [
    "is too long",
    (b) => policyOf(b, { Sid: "x".repeat(20_480) }),
    "Normalized policy document exceeds the maximum allowed size of 20480 bytes",
  ],
];

for (const [title, textOf, message] of MALFORMED)
  test(`a policy that ${title} is refused and changes nothing`, async (t) => {
    const Bucket = await makeBucket(s3, "policy-malformed");
    const refuse = async (): Promise<void> => {
      const error = await failure(put(Bucket, textOf(Bucket)));
      t.is(error.name, "MalformedPolicy");
      t.is(error.$metadata.httpStatusCode, 400);
      t.is(error.message, message);
    };
    await refuse();
    await noPolicy(t, Bucket);
    await put(Bucket, policyOf(Bucket));
    await refuse();
    t.is(await get(Bucket), policyOf(Bucket));
  });

const PUBLIC = { Principal: "*" };

test("a public policy is refused where the bucket blocks those, and taken where it does not", async (t) => {
  const Bucket = await makeBucket(s3, "policy-public");
  await put(Bucket, policyOf(Bucket));
  const error = await failure(put(Bucket, policyOf(Bucket, PUBLIC)));
  t.is(error.name, "AccessDenied");
  t.is(error.$metadata.httpStatusCode, 403);
  t.is(
    error.message,
    `User: arn:aws:iam::123456789012:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${Bucket}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
  );
  t.is(await get(Bucket), policyOf(Bucket));
  const narrow = { ...PUBLIC, Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } };
  await put(Bucket, policyOf(Bucket, narrow));
  t.false(await isPublic(Bucket));
  await s3.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: { BlockPublicPolicy: false, BlockPublicAcls: true },
    }),
  );
  await put(Bucket, policyOf(Bucket, PUBLIC));
  t.true(await isPublic(Bucket));
});

test("a block that comes later leaves a public policy as it is", async (t) => {
  const Bucket = await makeBucket(s3, "policy-later");
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await put(Bucket, policyOf(Bucket, PUBLIC));
  const PublicAccessBlockConfiguration = { BlockPublicPolicy: true };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  t.is(await get(Bucket), policyOf(Bucket, PUBLIC));
  t.true(await isPublic(Bucket));
  t.is((await failure(put(Bucket, policyOf(Bucket, PUBLIC)))).name, "AccessDenied");
});

test("confirming that one removes oneself changes nothing", async (t) => {
  const Bucket = await makeBucket(s3, "policy-self");
  const Policy = policyOf(Bucket, {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:PutBucketPolicy",
    Resource: `arn:aws:s3:::${Bucket}`,
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy, ConfirmRemoveSelfBucketAccess: true }));
  t.is(await get(Bucket), Policy);
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  await noPolicy(t, Bucket);
});

test("a bucket that is not there has no policy to put, give or take away", async (t) => {
  const Bucket = "policy-nowhere";
  for (const call of [
    put(Bucket, policyOf(Bucket)),
    get(Bucket),
    isPublic(Bucket),
    s3.send(new DeleteBucketPolicyCommand({ Bucket })),
  ]) {
    const error = await failure(call);
    t.is(error.name, "NoSuchBucket");
    t.is(error["BucketName"], Bucket);
  }
});

test("a policy goes with its bucket, and an object is none of its business", async (t) => {
  const Bucket = await makeBucket(s3, "policy-kept");
  await put(Bucket, policyOf(Bucket));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "text" }));
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).ContentLength, 4);
  const other = await makeBucket(s3, "policy-other");
  await noPolicy(t, other);
  t.is((await s3.send(new CreateBucketCommand({ Bucket }))).Location, `/${Bucket}`);
  t.is(await get(Bucket), policyOf(Bucket));
});
