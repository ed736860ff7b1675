import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "deletes");

test.after.always(() => server.close());

test("deleting a key again is no error", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "once", Body: "body" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "once" }));
  const { $metadata } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "once" }));
  t.is($metadata.httpStatusCode, 204);
});

test("fact 7: a version id that S3 never made is refused", async (t) => {
  const error = await failure(s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: "madeup" })));
  t.is(error.name, "InvalidArgument");
  t.is(error["ArgumentName"], "versionId");
  t.is(error["ArgumentValue"], "madeup");
  t.is(error.message, "Invalid version id specified");
});

test("fact 7: among several keys it is an entry of its own", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "fact7", Body: "body" }));
  const { Deleted, Errors } = await s3.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key: "fact7", VersionId: "madeup" }, { Key: "fact7" }, { Key: "never" }] },
    }),
  );
  t.deepEqual(
    Deleted?.map(({ Key }) => Key),
    ["fact7", "never"],
  );
  t.like(Errors?.[0], { Key: "fact7", VersionId: "madeup", Code: "NoSuchVersion" });
  t.is(Errors?.length, 1);
});

test("fact 30: conditions of directory buckets are not implemented", async (t) => {
  const size = await failure(s3.send(new DeleteObjectCommand({ Bucket, Key: "k", IfMatchSize: 4 })));
  t.is(size.name, "NotImplemented");
  t.is(size["Header"], "x-amz-if-match-size");
  const time = { Bucket, Key: "k", IfMatchLastModifiedTime: new Date() };
  t.is((await failure(s3.send(new DeleteObjectCommand(time))))["Header"], "x-amz-if-match-last-modified-time");
});

test("If-Match deletes only what it names", async (t) => {
  const Key = "matched";
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "body" }));
  const remove = (IfMatch?: string) => s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatch }));
  t.deepEqual(await outcome(remove('"abc"')), ["PreconditionFailed", 412]);
  await t.notThrowsAsync(remove(ETag));
  t.deepEqual(await outcome(remove("*")), ["NoSuchKey", 404]);
});

test("a thousand keys are deleted at once, quietly, and a thousand and one are too many", async (t) => {
  const full = await makeBucket(s3, "full");
  const keys = Array.from({ length: 1_001 }, (_, index) => `key-${index}`);
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket: full, Key, Body: "x" }))));
  const remove = (names: string[]) =>
    s3.send(
      new DeleteObjectsCommand({ Bucket: full, Delete: { Quiet: true, Objects: names.map((Key) => ({ Key })) } }),
    );
  t.deepEqual(await outcome(remove(keys)), ["MalformedXML", 400]);
  const { Deleted, Errors } = await remove(keys.slice(0, 1_000));
  t.is(Deleted, undefined);
  t.is(Errors, undefined);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: full }));
  t.deepEqual(
    Contents?.map(({ Key }) => Key),
    ["key-1000"],
  );
});

test("in a versioned bucket several deletes make markers, and remove versions by id", async (t) => {
  const versioned = await makeBucket(s3, "versioned");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body: "1" }));
  const { Deleted } = await s3.send(
    new DeleteObjectsCommand({ Bucket: versioned, Delete: { Objects: [{ Key: "k" }, { Key: "k", VersionId }] } }),
  );
  const [marked, removed] = Deleted ?? [];
  t.true(marked?.DeleteMarker);
  t.is(marked?.DeleteMarkerVersionId?.length, 32);
  t.deepEqual(removed, { Key: "k", VersionId });
  const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: versioned }));
  t.is(listed.Versions, undefined);
  t.is(listed.DeleteMarkers?.length, 1);
  await s3.send(
    new DeleteObjectsCommand({
      Bucket: versioned,
      Delete: { Objects: [{ Key: "k", VersionId: marked?.DeleteMarkerVersionId }] },
    }),
  );
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket: versioned, Key: "k" }))), ["NotFound", 404]);
});

test("while versioning is suspended a delete takes the place of the null version", async (t) => {
  const suspended = await makeBucket(s3, "suspended");
  await s3.send(new PutObjectCommand({ Bucket: suspended, Key: "k", Body: "1" }));
  const VersioningConfiguration = { Status: "Suspended" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: suspended, VersioningConfiguration }));
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: suspended, Key: "k" }));
  t.true(marker.DeleteMarker);
  t.is(marker.VersionId, "null");
  const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: suspended }));
  t.is(listed.Versions, undefined);
  t.deepEqual(
    listed.DeleteMarkers?.map(({ VersionId }) => VersionId),
    ["null"],
  );
});
