/** Auth mode `strict` between accounts, with keys of their roots: policies, ACLs and object ownership decide. */
import {
  CopyObjectCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { canonicalOwnerId } from "../../src/protocol/caller.ts";
import { failure, outcome } from "../services/s3/client.ts";
import { ALICE, BOB } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { element } from "../support/signed.ts";
import { makeBucket, onBucket, onObjects, putPolicy, registerKeys } from "./fixtures.ts";

const server = await startTestServer({ authMode: "strict" });

const clientOf = async (accountId: string, userName?: string) =>
  server.s3({
    credentials: await registerKeys(server, { accountId, ...(userName === undefined ? {} : { userName }) }),
  });

const [alice, bob] = [await clientOf(ALICE), await clientOf(BOB)];
test.after.always(() => server.close());

const DENIED = ["AccessDenied", 403];
const toBob = { Principal: { AWS: BOB } };
const read = (Bucket: string, Key = "key") => new GetObjectCommand({ Bucket, Key });
const write = (Bucket: string, Key = "new") => new PutObjectCommand({ Bucket, Key, Body: "body" });
const list = (Bucket: string) => new ListObjectsV2Command({ Bucket });

test("another account gets what the bucket's policy gives it, action by action", async (t) => {
  const bucket = await makeBucket(alice);
  for (const command of [read(bucket), write(bucket), list(bucket)]) {
    t.deepEqual(await outcome(bob.send(command as never)), DENIED);
  }
  await putPolicy(alice, bucket, onObjects(bucket, toBob));
  await t.notThrowsAsync(bob.send(read(bucket)));
  t.deepEqual(await outcome(bob.send(write(bucket))), DENIED);
  t.deepEqual(await outcome(bob.send(list(bucket))), DENIED);
  await putPolicy(alice, bucket, onBucket(bucket, toBob));
  t.deepEqual(await outcome(bob.send(read(bucket))), DENIED);
  await t.notThrowsAsync(bob.send(list(bucket)));
});

test("another account is told nothing but AccessDenied, the bucket's own why", async (t) => {
  const bucket = await makeBucket(alice);
  t.is((await failure(bob.send(read(bucket)))).message, "Access Denied");
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny" }));
  t.is(
    (await failure(alice.send(read(bucket)))).message,
    `User: arn:aws:iam::${ALICE}:root is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::${bucket}/key" with an explicit deny in a resource-based policy`,
  );
});

test("a user that nobody registered has every permission of its account, and none beyond", async (t) => {
  const [his, hers] = [await clientOf(BOB, "dan"), await clientOf(ALICE, "carol")];
  const bucket = await makeBucket(alice);
  await t.notThrowsAsync(hers.send(read(bucket)));
  t.deepEqual(await outcome(his.send(read(bucket))), DENIED);
  await putPolicy(alice, bucket, onObjects(bucket, toBob));
  await t.notThrowsAsync(his.send(read(bucket)));
});

test("a bucket may be deleted by another account that its policy lets do so; its policy is its own account's", async (t) => {
  const bucket = await makeBucket(alice);
  const Action = ["s3:DeleteBucket", "s3:GetBucketPolicy"];
  await putPolicy(alice, bucket, onBucket(bucket, { ...toBob, Action }));
  const refused = await failure(bob.send(new GetBucketPolicyCommand({ Bucket: bucket })));
  t.like(refused, { name: "MethodNotAllowed", Method: "GET", ResourceType: "BUCKETPOLICY" });
  await alice.send(new DeleteObjectCommand({ Bucket: bucket, Key: "key" }));
  await t.notThrowsAsync(bob.send(new DeleteBucketCommand({ Bucket: bucket })));
});

test("requests that nobody signed get what everyone gets", async (t) => {
  const bucket = await makeBucket(alice, { open: true });
  t.is((await server.request("GET", `/${bucket}`)).status, 403);
  t.is((await server.request("PUT", `/${bucket}/new`, { body: "body" })).status, 403);
  await putPolicy(alice, bucket, onObjects(bucket, { Action: ["s3:GetObject", "s3:PutObject"] }), onBucket(bucket, {}));
  t.is((await server.request("GET", `/${bucket}`)).status, 200);
  t.is((await server.request("PUT", `/${bucket}/new`, { body: "body" })).status, 200);
  t.is((await server.request("GET", `/${bucket}/new`)).status, 200);
  t.is((await server.request("DELETE", `/${bucket}/new`)).status, 403);
});

test("RestrictPublicBuckets keeps another account out of a public bucket, whatever else its policy says", async (t) => {
  const bucket = await makeBucket(alice, { open: true });
  await putPolicy(alice, bucket, onObjects(bucket, {}), onObjects(bucket, toBob));
  await t.notThrowsAsync(bob.send(read(bucket)));
  const PublicAccessBlockConfiguration = { RestrictPublicBuckets: true };
  await alice.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }));
  t.deepEqual(await outcome(bob.send(read(bucket))), DENIED);
  await t.notThrowsAsync(alice.send(read(bucket)));
  await putPolicy(alice, bucket, onObjects(bucket, toBob));
  await t.notThrowsAsync(bob.send(read(bucket)));
});

test("an object's ACL lets another account read it where ACLs hold", async (t) => {
  const GrantRead = `id=${canonicalOwnerId(BOB)}`;
  const bucket = await makeBucket(alice, { ownership: "BucketOwnerPreferred" });
  t.deepEqual(await outcome(bob.send(read(bucket))), DENIED);
  await alice.send(new PutObjectAclCommand({ Bucket: bucket, Key: "key", GrantRead }));
  await t.notThrowsAsync(bob.send(read(bucket)));
  t.deepEqual(await outcome(bob.send(new GetObjectAclCommand({ Bucket: bucket, Key: "key" }))), DENIED);
  t.deepEqual(await outcome(bob.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: "key" }))), DENIED);
});

test("a bucket's ACL lets another account list and write, and not write over what it does not own", async (t) => {
  const bucket = await makeBucket(alice, { ownership: "ObjectWriter" });
  const id = `id=${canonicalOwnerId(BOB)}`;
  await alice.send(new PutBucketAclCommand({ Bucket: bucket, GrantRead: id, GrantWrite: id }));
  await t.notThrowsAsync(bob.send(list(bucket)));
  await t.notThrowsAsync(bob.send(write(bucket)));
  await t.notThrowsAsync(bob.send(write(bucket)));
  t.deepEqual(await outcome(bob.send(write(bucket, "key"))), DENIED);
  t.deepEqual(await outcome(bob.send(read(bucket))), DENIED);
  t.deepEqual(await outcome(bob.send(new DeleteObjectCommand({ Bucket: bucket, Key: "key" }))), DENIED);
  await t.notThrowsAsync(bob.send(new DeleteObjectCommand({ Bucket: bucket, Key: "new" })));
});

test("an object that another account wrote is that account's: the bucket's owner reads it by ACL alone, and may delete it", async (t) => {
  const bucket = await makeBucket(alice, { ownership: "ObjectWriter" });
  await putPolicy(alice, bucket, onObjects(bucket, { ...toBob, Action: ["s3:PutObject", "s3:PutObjectAcl"] }));
  await bob.send(write(bucket));
  t.deepEqual(await outcome(alice.send(read(bucket, "new"))), DENIED);
  t.is((await failure(alice.send(read(bucket, "new")))).message, "Access Denied");
  await t.notThrowsAsync(bob.send(read(bucket, "new")));
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", ...toBob }));
  t.deepEqual(await outcome(bob.send(read(bucket, "new"))), DENIED);
  await t.notThrowsAsync(alice.send(new DeleteObjectCommand({ Bucket: bucket, Key: "new" })));
});

test("bucket-owner-full-control gives the bucket's owner the object, by ACL or, if preferred, by ownership", async (t) => {
  const allowed = { ...toBob, Action: ["s3:PutObject", "s3:PutObjectAcl"] };
  for (const ownership of ["ObjectWriter", "BucketOwnerPreferred"] as const) {
    const bucket = await makeBucket(alice, { ownership });
    await putPolicy(alice, bucket, onObjects(bucket, allowed));
    const ACL = "bucket-owner-full-control";
    await bob.send(new PutObjectCommand({ Bucket: bucket, Key: "new", Body: "body", ACL }));
    await t.notThrowsAsync(alice.send(read(bucket, "new")));
    t.is(
      (await outcome(bob.send(read(bucket, "new"))).catch(() => ["allowed"]))[0],
      ownership === "ObjectWriter" ? "allowed" : "AccessDenied",
    );
  }
});

test("a policy may demand bucket-owner-full-control of whoever writes", async (t) => {
  const bucket = await makeBucket(alice, { ownership: "ObjectWriter" });
  const Condition = { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } };
  await putPolicy(
    alice,
    bucket,
    onObjects(bucket, { ...toBob, Action: ["s3:PutObject", "s3:PutObjectAcl"], Condition }),
  );
  const put = (ACL?: "bucket-owner-full-control" | "private") =>
    new PutObjectCommand({ Bucket: bucket, Key: "new", Body: "body", ACL });
  t.deepEqual(await outcome(bob.send(put())), DENIED);
  t.deepEqual(await outcome(bob.send(put("private"))), DENIED);
  await t.notThrowsAsync(bob.send(put("bucket-owner-full-control")));
});

test("what a write says beside its bytes needs permissions of its own", async (t) => {
  const bucket = await makeBucket(alice);
  await putPolicy(alice, bucket, onObjects(bucket, { ...toBob, Action: "s3:PutObject" }));
  const put = (beside: object) => new PutObjectCommand({ Bucket: bucket, Key: "new", Body: "body", ...beside });
  await t.notThrowsAsync(bob.send(put({})));
  t.deepEqual(await outcome(bob.send(put({ Tagging: "a=b" }))), DENIED);
  t.deepEqual(await outcome(bob.send(put({ ACL: "bucket-owner-full-control" }))), DENIED);
  const Action = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl"];
  await putPolicy(alice, bucket, onObjects(bucket, { ...toBob, Action }));
  await t.notThrowsAsync(bob.send(put({ Tagging: "a=b" })));
  await t.notThrowsAsync(bob.send(put({ ACL: "bucket-owner-full-control" })));
});

test("a copy needs to read its source, its tags too where it has any, and to write its target", async (t) => {
  const [source, target] = [await makeBucket(alice), await makeBucket(bob)];
  const copy = new CopyObjectCommand({ Bucket: target, Key: "copy", CopySource: `${source}/key` });
  t.deepEqual(await outcome(bob.send(copy)), DENIED);
  await putPolicy(alice, source, onObjects(source, toBob));
  await t.notThrowsAsync(bob.send(copy));
  const Tagging = { TagSet: [{ Key: "a", Value: "b" }] };
  await alice.send(new PutObjectTaggingCommand({ Bucket: source, Key: "key", Tagging }));
  t.deepEqual(await outcome(bob.send(copy)), DENIED);
  await t.notThrowsAsync(bob.send(new CopyObjectCommand({ ...copy.input, TaggingDirective: "REPLACE" })));
  await putPolicy(alice, source, onObjects(source, { ...toBob, Action: ["s3:GetObject", "s3:GetObjectTagging"] }));
  await t.notThrowsAsync(bob.send(copy));
  const back = new CopyObjectCommand({ Bucket: source, Key: "copy", CopySource: `${target}/key` });
  t.deepEqual(await outcome(bob.send(back)), DENIED);
});

test("whoever deletes or writes over what has an ETag must be allowed to read it", async (t) => {
  const bucket = await makeBucket(alice);
  const { ETag: IfMatch } = await alice.send(new HeadObjectCommand({ Bucket: bucket, Key: "key" }));
  const Action = ["s3:DeleteObject", "s3:PutObject"];
  await putPolicy(alice, bucket, onObjects(bucket, { ...toBob, Action }));
  const over = new PutObjectCommand({ Bucket: bucket, Key: "key", Body: "body", IfMatch });
  const remove = (beside: object) => new DeleteObjectCommand({ Bucket: bucket, Key: "key", ...beside });
  const removeSome = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key: "key", ETag: IfMatch }] } });
  t.deepEqual(await outcome(bob.send(over)), DENIED);
  t.deepEqual(await outcome(bob.send(remove({ IfMatch }))), DENIED);
  t.is((await bob.send(removeSome)).Errors?.[0]?.Code, "AccessDenied");
  await t.notThrowsAsync(bob.send(remove({ IfMatch: "*" })));
  await alice.send(write(bucket, "key"));
  await putPolicy(alice, bucket, onObjects(bucket, { ...toBob, Action: [...Action, "s3:GetObject"] }));
  await t.notThrowsAsync(bob.send(over));
  t.is((await bob.send(removeSome)).Deleted?.length, 1);
});

test("a policy that demands conditional deletes holds for each key of DeleteObjects", async (t) => {
  const bucket = await makeBucket(alice);
  const { ETag } = await alice.send(write(bucket));
  const Condition = { Null: { "s3:if-match": "true" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Action: "s3:DeleteObject", Condition }));
  const Objects = [{ Key: "key" }, { Key: "new", ETag }];
  const { Deleted, Errors } = await alice.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  t.deepEqual([Deleted?.[0]?.Key, Errors?.[0]?.Key, Errors?.[0]?.Code], ["new", "key", "AccessDenied"]);
});

test("a named version needs the version's permission, and the current one its own", async (t) => {
  const bucket = await makeBucket(alice);
  await putPolicy(alice, bucket, onObjects(bucket, toBob));
  const versioned = new GetObjectCommand({ Bucket: bucket, Key: "key", VersionId: "null" });
  t.deepEqual(await outcome(bob.send(versioned)), DENIED);
  await putPolicy(alice, bucket, onObjects(bucket, { ...toBob, Action: "s3:GetObjectVersion" }));
  await t.notThrowsAsync(bob.send(versioned));
  t.deepEqual(await outcome(bob.send(read(bucket))), DENIED);
});

test("a missing key is told to those who may list, and hidden from all others", async (t) => {
  const bucket = await makeBucket(alice);
  await putPolicy(alice, bucket, onObjects(bucket, toBob));
  t.deepEqual(await outcome(bob.send(read(bucket, "missing"))), DENIED);
  const head = new HeadObjectCommand({ Bucket: bucket, Key: "missing" });
  t.is((await outcome(bob.send(head)))[1], 403);
  t.deepEqual(await outcome(alice.send(read(bucket, "missing"))), ["NoSuchKey", 404]);
  await putPolicy(alice, bucket, onObjects(bucket, toBob), onBucket(bucket, toBob));
  t.deepEqual(await outcome(bob.send(read(bucket, "missing"))), ["NoSuchKey", 404]);
  t.is((await outcome(bob.send(head)))[1], 404);
});

test("a policy may let others list one prefix alone", async (t) => {
  const bucket = await makeBucket(alice);
  const Condition = { StringLike: { "s3:prefix": ["", "home/*"] } };
  await putPolicy(alice, bucket, onBucket(bucket, { ...toBob, Condition }));
  const at = (Prefix?: string) => new ListObjectsV2Command({ Bucket: bucket, Prefix });
  await t.notThrowsAsync(bob.send(at("home/bob")));
  t.deepEqual(await outcome(bob.send(at("other/"))), DENIED);
  t.deepEqual(await outcome(bob.send(at())), DENIED);
});

test("an account lists its own buckets, and nobody's without a signature", async (t) => {
  const bucket = await makeBucket(alice);
  const { Buckets = [] } = await alice.send(new ListBucketsCommand({}));
  t.true(Buckets.some(({ Name }) => Name === bucket));
  const { Buckets: his = [] } = await bob.send(new ListBucketsCommand({}));
  t.false(his.some(({ Name }) => Name === bucket));
  const unsigned = await server.request("GET", "/");
  t.deepEqual([unsigned.status, element(unsigned, "Message")], [403, "Access Denied"]);
});
