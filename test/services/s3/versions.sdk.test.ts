import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

/** Of the form that S3 gives its version ids, but none of them. */
const MADE_UP = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD";

const setVersioning = (Bucket: string, Status: "Enabled" | "Suspended") =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

const versioned = async (prefix: string): Promise<string> => {
  const Bucket = await makeBucket(s3, prefix);
  await setVersioning(Bucket, "Enabled");
  return Bucket;
};

const put = async (Bucket: string, Key: string, Body: string): Promise<string | undefined> =>
  (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;

const listed = async (Bucket: string) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return { versions: Versions.map(({ VersionId }) => VersionId), markers: DeleteMarkers.length };
};

test("fact 7: an id that only looks like S3's is refused, whether the bucket has versions or not", async (t) => {
  const plain = await makeBucket(s3, "plain");
  await put(plain, "k", "body");
  const Bucket = await versioned("made-up");
  const VersionId = await put(Bucket, "k", "body");
  t.is(VersionId?.length, 32);
  for (const name of [plain, Bucket]) {
    const named = { Bucket: name, Key: "k", VersionId: MADE_UP };
    for (const call of [s3.send(new GetObjectCommand(named)), s3.send(new DeleteObjectCommand(named))]) {
      const error = await failure(call);
      t.is(error.name, "InvalidArgument");
      t.is(error["ArgumentName"], "versionId");
      t.is(error["ArgumentValue"], MADE_UP);
      t.is(error.message, "Invalid version id specified");
    }
    const Objects = [{ Key: "k", VersionId: MADE_UP }];
    const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects } }));
    t.like(Errors?.[0], { Code: "NoSuchVersion", VersionId: MADE_UP });
  }
  t.deepEqual((await listed(Bucket)).versions, [VersionId]);
});

test("the only version of an unversioned bucket is read by the id null, and not named", async (t) => {
  const Bucket = await makeBucket(s3, "plain");
  await put(Bucket, "k", "body");
  const { VersionId } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k", VersionId: "null" }));
  t.is(VersionId, undefined);
});

test("while versioning is suspended a write names no version, and a copy and a read name it null", async (t) => {
  const Bucket = await versioned("suspended");
  const first = await put(Bucket, "k", "first");
  await setVersioning(Bucket, "Suspended");
  t.is(await put(Bucket, "k", "second"), undefined);
  const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/k?versionId=${first}` };
  const copied = await s3.send(new CopyObjectCommand(copy));
  t.is(copied.VersionId, "null");
  t.is(copied.CopySourceVersionId, first);
  const ofNull = await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/k` }));
  t.is(ofNull.CopySourceVersionId, undefined);
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  const part = { Bucket, Key: "parts", UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...part, PartNumber: 1, Body: "body" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  t.is((await s3.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload }))).VersionId, undefined);
  for (const Key of ["k", "copy", "parts"]) {
    t.is((await s3.send(new HeadObjectCommand({ Bucket, Key }))).VersionId, "null", Key);
  }
});

test("while versioning is suspended a write replaces the null version, wherever it stands, and no other", async (t) => {
  const Bucket = await makeBucket(s3, "null");
  await put(Bucket, "k", "before versioning");
  await setVersioning(Bucket, "Enabled");
  const kept = await put(Bucket, "k", "kept");
  t.deepEqual((await listed(Bucket)).versions, [kept, "null"]);
  await setVersioning(Bucket, "Suspended");
  await put(Bucket, "k", "null again");
  t.deepEqual((await listed(Bucket)).versions, ["null", kept]);
  await put(Bucket, "k", "and again");
  t.deepEqual((await listed(Bucket)).versions, ["null", kept]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  t.deepEqual(await listed(Bucket), { versions: [kept], markers: 1 });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: "null" }));
  const { Body, VersionId } = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  t.is(await Body?.transformToString(), "kept");
  t.is(VersionId, kept);
});

test("deleting the latest version makes the one before it current, unless that is a delete marker", async (t) => {
  const Bucket = await versioned("promoted");
  const oldest = await put(Bucket, "k", "oldest");
  const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  const newest = await put(Bucket, "k", "newest");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: newest }));
  t.deepEqual(await outcome(s3.send(new GetObjectCommand({ Bucket, Key: "k" }))), ["NoSuchKey", 404]);
  const removed = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: marker.VersionId }));
  t.true(removed.DeleteMarker);
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).VersionId, oldest);
});

test("a client that deletes page by page misses no version, though its markers are gone", async (t) => {
  const Bucket = await versioned("emptied");
  for (const Key of ["a", "b", "b", "b", "b", "b", "b", "b", "c"]) await put(Bucket, Key, "body");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "b" }));
  let deleted = 0;
  let markers = {};
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...markers }));
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    const Objects = found.map(({ Key, VersionId }) => ({ Key, VersionId }));
    deleted += (await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Deleted?.length ?? 0;
    if (page.IsTruncated !== true) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  t.is(deleted, 10);
  await t.notThrowsAsync(s3.send(new DeleteBucketCommand({ Bucket })));
});
