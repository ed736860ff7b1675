/** The public access block of a bucket through the AWS SDK, and what it refuses. */
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetObjectAclCommand,
  GetPublicAccessBlockCommand,
  PutBucketAclCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
} from "@aws-sdk/client-s3";
import test from "ava";
import { canonicalOwnerId } from "../../../src/protocol/caller.ts";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const s3 = server.s3();
const other = server.s3({ accountId: "222222222222" });
const ALL = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
const NONE = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};

const put = (Bucket: string, PublicAccessBlockConfiguration: PublicAccessBlockConfiguration) =>
  s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
const blockOf = async (Bucket: string) =>
  (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;

let made = 0;
const createWithAcls = async (): Promise<string> => {
  made += 1;
  const Bucket = `block-${process.pid}-${made}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: "ObjectWriter" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  return Bucket;
};

test("fact 4: a new bucket blocks all four", async (t) => {
  t.deepEqual(await blockOf(await makeBucket(s3, "blocked")), ALL);
});

test("what is put is answered, and what it leaves out is off", async (t) => {
  const Bucket = await makeBucket(s3, "put-block");
  t.is((await put(Bucket, { IgnorePublicAcls: true })).$metadata.httpStatusCode, 200);
  t.deepEqual(await blockOf(Bucket), { ...NONE, IgnorePublicAcls: true });
  await put(Bucket, { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: false });
  t.deepEqual(await blockOf(Bucket), { ...NONE, BlockPublicAcls: true, BlockPublicPolicy: true });
  const empty = await failure(put(Bucket, {}));
  t.deepEqual([empty.name, empty.message], ["InvalidRequest", "Must specify at least one configuration."]);
});

test("fact 8: a deleted block is NoSuchPublicAccessBlockConfiguration, until one is put", async (t) => {
  const Bucket = await makeBucket(s3, "deleted-block");
  for (const _ of ["first", "again"]) {
    const { $metadata } = await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    const error = await failure(blockOf(Bucket));
    t.deepEqual(
      [error.name, error["BucketName"], error.message, error.$metadata.httpStatusCode],
      ["NoSuchPublicAccessBlockConfiguration", Bucket, "The public access block configuration was not found", 404],
    );
  }
  await put(Bucket, NONE);
  t.deepEqual(await blockOf(Bucket), NONE);
});

const PUBLIC_GROUPS = ["AllUsers", "AuthenticatedUsers"].map(
  (name) => `uri=http://acs.amazonaws.com/groups/global/${name}`,
);

test("public ACLs are denied where they are blocked, and nothing changes", async (t) => {
  const Bucket = await createWithAcls();
  const at = { Bucket, Key: "k" };
  const arn = `arn:aws:s3:::${Bucket}`;
  const CopySource = `${Bucket}/k`;
  for (const [action, resource, call] of [
    ["s3:PutObject", `${arn}/k`, s3.send(new PutObjectCommand({ ...at, Body: "new", ACL: "public-read" }))],
    ["s3:PutObject", `${arn}/k`, s3.send(new PutObjectCommand({ ...at, Body: "new", ACL: "authenticated-read" }))],
    ["s3:PutObject", `${arn}/k`, s3.send(new CreateMultipartUploadCommand({ ...at, ACL: "public-read" }))],
    ["s3:CopyObject", `${arn}/c`, s3.send(new CopyObjectCommand({ ...at, Key: "c", CopySource, ACL: "public-read" }))],
    ["s3:PutObjectAcl", `${arn}/k`, s3.send(new PutObjectAclCommand({ ...at, ACL: "public-read-write" }))],
    ...PUBLIC_GROUPS.map(
      (GrantReadACP) =>
        ["s3:PutObjectAcl", `${arn}/k`, s3.send(new PutObjectAclCommand({ ...at, GrantReadACP }))] as const,
    ),
    ["s3:PutBucketAcl", arn, s3.send(new PutBucketAclCommand({ Bucket, ACL: "public-read" }))],
  ] as const) {
    const error = await failure(call);
    t.deepEqual([error.name, error.$metadata.httpStatusCode], ["AccessDenied", 403]);
    t.is(
      error.message,
      `User: arn:aws:iam::123456789012:root is not authorized to perform: ${action} on resource: "${resource}" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`,
    );
  }
  t.is((await s3.send(new GetObjectAclCommand(at))).Grants?.length, 1);
  t.is((await s3.send(new GetBucketAclCommand({ Bucket }))).Grants?.length, 1);
});

test("another account is not told why its public ACL is denied", async (t) => {
  const at = { Bucket: await createWithAcls(), Key: "theirs" };
  const error = await failure(other.send(new PutObjectCommand({ ...at, Body: "x", ACL: "public-read" })));
  t.deepEqual([error.name, error.message], ["AccessDenied", "Access Denied"]);
});

test("ACLs that are not public are taken where public ones are blocked", async (t) => {
  const Bucket = await createWithAcls();
  const at = { Bucket, Key: "k" };
  const GrantRead = `id=${canonicalOwnerId("222222222222")}`;
  await s3.send(new PutObjectCommand({ ...at, Body: "x", ACL: "aws-exec-read" }));
  await s3.send(new PutObjectAclCommand({ ...at, GrantRead }));
  await s3.send(new PutBucketAclCommand({ Bucket, GrantWrite: "uri=http://acs.amazonaws.com/groups/s3/LogDelivery" }));
  t.is((await s3.send(new GetObjectAclCommand(at))).Grants?.[0]?.Permission, "READ");
});

for (const [what, change] of [
  ["the block does not speak of ACLs", (Bucket: string) => put(Bucket, { ...ALL, BlockPublicAcls: false })],
  [
    "there is no block",
    (Bucket: string) => s3.send(new DeletePublicAccessBlockCommand({ Bucket })) as Promise<unknown>,
  ],
] as const) {
  test(`public ACLs are taken where ${what}`, async (t) => {
    const Bucket = await createWithAcls();
    await change(Bucket);
    const at = { Bucket, Key: "k" };
    await s3.send(new PutObjectCommand({ ...at, Body: "x", ACL: "public-read" }));
    t.is((await s3.send(new GetObjectAclCommand(at))).Grants?.length, 2);
    await s3.send(new PutObjectAclCommand({ ...at, ACL: "public-read-write" }));
    t.is((await s3.send(new GetObjectAclCommand(at))).Grants?.length, 3);
    await s3.send(new PutBucketAclCommand({ Bucket, ACL: "authenticated-read" }));
    t.is((await s3.send(new GetBucketAclCommand({ Bucket }))).Grants?.length, 2);
  });
}

test("CreateBucket has an error of its own for a public ACL", async (t) => {
  const Bucket = `public-created-${process.pid}`;
  const ObjectOwnership = "ObjectWriter" as const;
  const error = await failure(s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership, ACL: "public-read" })));
  t.deepEqual(
    [error.name, error.message, error.$metadata.httpStatusCode],
    [
      "InvalidBucketAclWithBlockPublicAccessError",
      "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
      400,
    ],
  );
  t.is((await failure(s3.send(new GetBucketAclCommand({ Bucket })))).name, "NoSuchBucket");
});
