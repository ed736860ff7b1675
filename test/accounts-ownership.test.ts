/** Whose a bucket is, and what other accounts may do with it. */
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { failure, makeBucket, outcome } from "./services/s3/client.ts";
import { ALICE, BOB, bucketNames, DEFAULT } from "./support/accounts.ts";
import { startTestServer } from "./support/server.ts";
import { element } from "./support/signed.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const alice = server.s3({ accountId: ALICE });
const bob = server.s3({ accountId: BOB });

/** A bucket of Alice's with the object `k`. */
const alicesBucket = async (prefix: string): Promise<string> => {
  const Bucket = await makeBucket(alice, prefix);
  await alice.send(new PutObjectCommand({ Bucket, Key: "k", Body: "alice's" }));
  return Bucket;
};

const read = async (s3: S3Client, Bucket: string, Key = "k"): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

test("neither of two accounts lists the other's buckets", async (t) => {
  const [hers, his] = [await makeBucket(alice, "hers"), await makeBucket(bob, "his")];
  t.true((await bucketNames(alice)).includes(hers));
  t.false((await bucketNames(alice)).includes(his));
  t.true((await bucketNames(bob)).includes(his));
  t.false((await bucketNames(bob)).includes(hers));
});

test("each account has a canonical owner id of its own, of 64 hex digits", async (t) => {
  const ids = await Promise.all(
    [DEFAULT, ALICE, BOB].map(async (accountId) => {
      const { Owner } = await server.s3({ accountId }).send(new ListBucketsCommand({}));
      return Owner?.ID ?? "";
    }),
  );
  t.is(new Set(ids).size, 3);
  for (const id of ids) t.regex(id, /^[0-9a-f]{64}$/);
});

test("a bucket name that another account has is taken, and one's own is no error in us-east-1", async (t) => {
  const Bucket = await alicesBucket("taken");
  const error = await failure(bob.send(new CreateBucketCommand({ Bucket })));
  t.is(error.name, "BucketAlreadyExists");
  t.is(error.$metadata.httpStatusCode, 409);
  t.is(error["BucketName"], Bucket);
  await alice.send(new CreateBucketCommand({ Bucket }));
  t.is(await read(alice, Bucket), "alice's");
});

test("deleting another account's bucket is denied and changes nothing, empty or not", async (t) => {
  for (const Bucket of [await alicesBucket("full"), await makeBucket(alice, "empty")]) {
    t.deepEqual(await outcome(bob.send(new DeleteBucketCommand({ Bucket }))), ["AccessDenied", 403]);
    await alice.send(new HeadBucketCommand({ Bucket }));
  }
});

test("reading and writing the policy of another account's bucket is denied", async (t) => {
  const Bucket = await alicesBucket("policy");
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  for (const call of [
    bob.send(new GetBucketPolicyCommand({ Bucket })),
    bob.send(new PutBucketPolicyCommand({ Bucket, Policy })),
    bob.send(new DeleteBucketPolicyCommand({ Bucket })),
  ])
    t.deepEqual(await outcome(call), ["AccessDenied", 403]);
});

test("any account may use a bucket by its name, and what it writes is the bucket's owner's", async (t) => {
  const Bucket = await alicesBucket("shared");
  t.is(await read(bob, Bucket), "alice's");
  await bob.send(new PutObjectCommand({ Bucket, Key: "bobs", Body: "bob's" }));
  t.is(await read(alice, Bucket, "bobs"), "bob's");
  const { Contents = [] } = await bob.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
  const { Owner } = await alice.send(new ListBucketsCommand({}));
  t.deepEqual(
    Contents.map(({ Key, Owner: owner }) => [Key, owner?.ID]),
    [
      ["bobs", Owner?.ID],
      ["k", Owner?.ID],
    ],
  );
  await bob.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  t.deepEqual(await outcome(alice.send(new HeadObjectCommand({ Bucket, Key: "k" }))), ["NotFound", 404]);
});

test("with cross-account access off, accounts are kept out of each other's buckets", async (t) => {
  const own = await startTestServer({ crossAccountAccess: false });
  t.teardown(() => own.close());
  const [hers, his] = [own.s3({ accountId: ALICE }), own.s3({ accountId: BOB })];
  const Bucket = await makeBucket(hers, "kept-out");
  await hers.send(new PutObjectCommand({ Bucket, Key: "k", Body: "alice's" }));
  const target = await makeBucket(his, "target");
  for (const call of [
    his.send(new GetObjectCommand({ Bucket, Key: "k" })),
    his.send(new PutObjectCommand({ Bucket, Key: "k", Body: "bob's" })),
    his.send(new ListObjectsV2Command({ Bucket })),
    his.send(new DeleteObjectCommand({ Bucket, Key: "k" })),
    his.send(new CopyObjectCommand({ Bucket: target, Key: "k", CopySource: `${Bucket}/k` })),
  ])
    t.deepEqual(await outcome(call), ["AccessDenied", 403]);
  t.is((await failure(his.send(new HeadBucketCommand({ Bucket })))).$metadata.httpStatusCode, 403);
  t.is(await read(hers, Bucket), "alice's");
});

test("the expected bucket owner guards buckets, and the source of a copy", async (t) => {
  const Bucket = await alicesBucket("expected");
  await alice.send(new GetObjectCommand({ Bucket, Key: "k", ExpectedBucketOwner: ALICE }));
  for (const s3 of [alice, bob]) {
    const call = s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ExpectedBucketOwner: BOB }));
    t.deepEqual(await outcome(call), ["AccessDenied", 403]);
  }
  t.is(await read(alice, Bucket), "alice's");
  const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/k` };
  const refused = alice.send(new CopyObjectCommand({ ...copy, ExpectedSourceBucketOwner: BOB }));
  t.deepEqual(await outcome(refused), ["AccessDenied", 403]);
  const { UploadId } = await alice.send(new CreateMultipartUploadCommand({ Bucket, Key: "copy" }));
  const part = new UploadPartCopyCommand({ ...copy, UploadId, PartNumber: 1, ExpectedSourceBucketOwner: BOB });
  t.deepEqual(await outcome(alice.send(part)), ["AccessDenied", 403]);
  await alice.send(new CopyObjectCommand({ ...copy, ExpectedSourceBucketOwner: ALICE }));
});

test("an expected bucket owner that is no account id is a clear error", async (t) => {
  const Bucket = await alicesBucket("expected-bad");
  const answer = await server.request("GET", `/${Bucket}?location`, {
    headers: { "x-amz-expected-bucket-owner": "abcd" },
  });
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "InvalidBucketOwnerAWSAccountID");
  t.is(
    element(answer, "Message"),
    "The value of the expected bucket owner parameter must be an AWS Account ID... [abcd]",
  );
});

test("an account's bucket that is deleted may be had by another", async (t) => {
  const Bucket = await makeBucket(alice, "handed-on");
  await alice.send(new DeleteBucketCommand({ Bucket }));
  await bob.send(new CreateBucketCommand({ Bucket }));
  t.true((await bucketNames(bob)).includes(Bucket));
  t.false((await bucketNames(alice)).includes(Bucket));
});

test("an unsigned read of an object is anonymous, where every other unsigned request is the default account's", async (t) => {
  const Bucket = await makeBucket(server.s3(), "unsigned");
  t.is((await server.request("PUT", `/${Bucket}/k`, { body: "v" })).status, 200);
  t.is((await server.request("GET", `/${Bucket}`)).status, 200);
  t.is((await server.request("GET", `/${Bucket}/k`)).status, 403);
  t.is((await server.request("HEAD", `/${Bucket}/k`)).status, 403);
  const headers = { "x-moto-account-id": DEFAULT };
  t.is((await server.request("GET", `/${Bucket}/k`, { headers })).status, 200);
  const copy = { headers: { "x-amz-copy-source": `/${Bucket}/k` } };
  t.is((await server.request("PUT", `/${Bucket}/copy`, copy)).status, 200);
  t.is((await server.request("DELETE", `/${Bucket}/k`)).status, 204);
});
