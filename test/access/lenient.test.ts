/** Auth mode `lenient`: explicit denials of a bucket's policy, and what unsigned reads of objects may see. */
import {
  CopyObjectCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { outcome } from "../services/s3/client.ts";
import { ALICE, BOB } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { element } from "../support/signed.ts";
import { makeBucket, onBucket, onObjects, putPolicy } from "./fixtures.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const alice = server.s3({ accountId: ALICE });
const bob = server.s3({ accountId: BOB });

const read = (Bucket: string, Key = "key") => new GetObjectCommand({ Bucket, Key });
const unsigned = async (path: string) => (await server.request("GET", path)).status;

test("without a policy any account reads, and nobody who does not sign", async (t) => {
  const bucket = await makeBucket(alice);
  await t.notThrowsAsync(bob.send(read(bucket)));
  t.is(await unsigned(`/${bucket}/key`), 403);
});

test("an explicit Deny is kept, for the bucket's own account too", async (t) => {
  const bucket = await makeBucket(alice);
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Principal: { AWS: BOB } }));
  t.deepEqual(await outcome(bob.send(read(bucket))), ["AccessDenied", 403]);
  await t.notThrowsAsync(alice.send(read(bucket)));
  await t.notThrowsAsync(bob.send(new ListObjectsV2Command({ Bucket: bucket })));
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny" }));
  t.deepEqual(await outcome(alice.send(read(bucket))), ["AccessDenied", 403]);
});

test("a policy that allows others is no reason to refuse anybody", async (t) => {
  const bucket = await makeBucket(alice);
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: ALICE } }));
  await t.notThrowsAsync(bob.send(read(bucket)));
});

test("whoever denies everything to everyone still gets at the policy as the account's root", async (t) => {
  const bucket = await makeBucket(alice);
  const everything = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  };
  await putPolicy(alice, bucket, everything);
  t.deepEqual(await outcome(alice.send(new ListObjectsV2Command({ Bucket: bucket }))), ["AccessDenied", 403]);
  await t.notThrowsAsync(alice.send(new GetBucketPolicyCommand({ Bucket: bucket })));
  t.deepEqual(await outcome(bob.send(new DeleteBucketPolicyCommand({ Bucket: bucket }))), ["AccessDenied", 403]);
  await alice.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
  await t.notThrowsAsync(alice.send(new ListObjectsV2Command({ Bucket: bucket })));
});

test("a Deny of some keys refuses those of DeleteObjects and deletes the others", async (t) => {
  const bucket = await makeBucket(alice);
  const statement = onObjects(bucket, {
    Effect: "Deny",
    Action: "s3:DeleteObject",
    Resource: `arn:aws:s3:::${bucket}/kept/*`,
  });
  await putPolicy(alice, bucket, statement);
  const Objects = ["kept/1", "gone/1", "kept/2"].map((Key) => ({ Key }));
  const { Deleted, Errors } = await alice.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  t.deepEqual(
    Deleted?.map(({ Key }) => Key),
    ["gone/1"],
  );
  t.deepEqual(
    Errors?.map(({ Key, Code }) => [Key, Code]),
    [
      ["kept/1", "AccessDenied"],
      ["kept/2", "AccessDenied"],
    ],
  );
});

test("a Deny of reading the source stops a copy", async (t) => {
  const [source, target] = [await makeBucket(alice), await makeBucket(bob)];
  await putPolicy(alice, source, onObjects(source, { Effect: "Deny", Principal: { AWS: BOB } }));
  const copy = new CopyObjectCommand({ Bucket: target, Key: "copy", CopySource: `${source}/key` });
  t.deepEqual(await outcome(bob.send(copy)), ["AccessDenied", 403]);
});

test("a Deny by a tag that the object has holds for objects with that tag", async (t) => {
  const bucket = await makeBucket(alice);
  const Condition = { StringEquals: { "s3:ExistingObjectTag/secret": "yes" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Condition }));
  await t.notThrowsAsync(alice.send(read(bucket)));
  const Tagging = { TagSet: [{ Key: "secret", Value: "yes" }] };
  await alice.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: "key", Tagging }));
  t.deepEqual(await outcome(alice.send(read(bucket))), ["AccessDenied", 403]);
});

test("a Deny by what a document says holds before anything is changed", async (t) => {
  const bucket = await makeBucket(alice);
  const Condition = { StringEquals: { "s3:RequestObjectTag/team": "red" } };
  const Action = ["s3:PutObjectTagging", "s3:PutObject"];
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Action, Condition }));
  const tag = (Value: string) =>
    new PutObjectTaggingCommand({ Bucket: bucket, Key: "key", Tagging: { TagSet: [{ Key: "team", Value }] } });
  t.deepEqual(await outcome(alice.send(tag("red"))), ["AccessDenied", 403]);
  await t.notThrowsAsync(alice.send(tag("blue")));
  const put = (Tagging: string) => new PutObjectCommand({ Bucket: bucket, Key: "new", Body: "body", Tagging });
  t.deepEqual(await outcome(alice.send(put("team=red"))), ["AccessDenied", 403]);
  await t.notThrowsAsync(alice.send(put("team=blue")));
});

test("a Deny of requests without encryption in transit refuses them, as policies in templates do", async (t) => {
  const bucket = await makeBucket(alice);
  const Condition = { Bool: { "aws:SecureTransport": "false" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Action: "s3:*", Condition }));
  t.deepEqual(await outcome(alice.send(read(bucket))), ["AccessDenied", 403]);
});

test("everyone reads what a policy gives everyone, and no more", async (t) => {
  const bucket = await makeBucket(alice, { open: true });
  await alice.send(new PutObjectCommand({ Bucket: bucket, Key: "private/key", Body: "body" }));
  const denied = onObjects(bucket, { Effect: "Deny", Resource: `arn:aws:s3:::${bucket}/private/*` });
  await putPolicy(alice, bucket, onObjects(bucket, {}), denied);
  t.is(await unsigned(`/${bucket}/key`), 200);
  t.is(await unsigned(`/${bucket}/private/key`), 403);
  t.is(await unsigned(`/${bucket}/key?tagging`), 403);
});

test("a key that is missing is told only to those who may list", async (t) => {
  const bucket = await makeBucket(alice, { open: true });
  await putPolicy(alice, bucket, onObjects(bucket, {}));
  const hidden = await server.request("GET", `/${bucket}/missing`);
  t.is(hidden.status, 403);
  t.is(element(hidden, "Code"), "AccessDenied");
  t.is(element(hidden, "Message"), "Access Denied");
  await putPolicy(alice, bucket, onObjects(bucket, {}), onBucket(bucket, {}));
  t.is(element(await server.request("GET", `/${bucket}/missing`), "Code"), "NoSuchKey");
});

test("everyone reads an object whose ACL says so, unless such ACLs are ignored", async (t) => {
  const bucket = await makeBucket(alice, { ownership: "ObjectWriter", open: true });
  t.is(await unsigned(`/${bucket}/key`), 403);
  await alice.send(new PutObjectAclCommand({ Bucket: bucket, Key: "key", ACL: "public-read" }));
  t.is(await unsigned(`/${bucket}/key`), 200);
  t.is(await unsigned(`/${bucket}/key?acl`), 403);
  const block = (IgnorePublicAcls: boolean) =>
    new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: { IgnorePublicAcls } });
  await alice.send(block(true));
  t.is(await unsigned(`/${bucket}/key`), 403);
  await alice.send(block(false));
  await alice.send(new PutObjectAclCommand({ Bucket: bucket, Key: "key", ACL: "authenticated-read" }));
  t.is(await unsigned(`/${bucket}/key`), 403);
});

test("a public policy opens nothing where public buckets are restricted", async (t) => {
  const bucket = await makeBucket(alice, { open: true });
  await putPolicy(alice, bucket, onObjects(bucket, {}));
  t.is(await unsigned(`/${bucket}/key`), 200);
  const PublicAccessBlockConfiguration = { RestrictPublicBuckets: true };
  await alice.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }));
  t.is(await unsigned(`/${bucket}/key`), 403);
});
