import { createHash } from "node:crypto";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type CopyObjectCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "copies");
const described = { ContentType: "text/plain", CacheControl: "no-cache", Metadata: { one: "1" } };
const source = await s3.send(
  new PutObjectCommand({ Bucket, Key: "source", Body: "body", ...described, Tagging: "a=1&b=2" }),
);

const copy = (Key: string, options: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/source`, ...options }));
const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));

test.after.always(() => server.close());

test("a copy has its source's bytes, ETag, headers, metadata and tags", async (t) => {
  const { CopyObjectResult } = await copy("plain");
  t.is(CopyObjectResult?.ETag, source.ETag);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "plain" }));
  t.is(await got.Body?.transformToString(), "body");
  t.like(got, { ...described, TagCount: 2 });
});

test("a copy's metadata and tags are replaced on demand", async (t) => {
  await copy("replaced", { MetadataDirective: "REPLACE", Metadata: { two: "2" }, ContentType: "text/html" });
  const replaced = await head("replaced");
  t.deepEqual(replaced.Metadata, { two: "2" });
  t.is(replaced.ContentType, "text/html");
  t.is(replaced.CacheControl, undefined);
  t.is((await s3.send(new GetObjectCommand({ Bucket, Key: "replaced" }))).TagCount, 2);
  await copy("retagged", { TaggingDirective: "REPLACE", Tagging: "c=3" });
  t.is((await s3.send(new GetObjectCommand({ Bucket, Key: "retagged" }))).TagCount, 1);
  t.deepEqual((await head("retagged")).Metadata, { one: "1" });
});

test("a copy goes to another account's bucket and outlives its source", async (t) => {
  const other = server.s3({ accountId: "390000000001" });
  const theirs = await makeBucket(other, "theirs");
  await s3.send(new PutObjectCommand({ Bucket, Key: "mortal", Body: "x".repeat(100_000) }));
  await other.send(new CopyObjectCommand({ Bucket: theirs, Key: "heir", CopySource: `${Bucket}/mortal` }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "mortal" }));
  const got = await other.send(new GetObjectCommand({ Bucket: theirs, Key: "heir" }));
  t.is(await got.Body?.transformToString(), "x".repeat(100_000));
});

test("fact 22: the conditions of a copy's source are named with their headers, all 412", async (t) => {
  const failed = async (options: Partial<CopyObjectCommandInput>) => {
    const error = await failure(copy("conditional", options));
    return [error.$metadata.httpStatusCode, error["Condition"]];
  };
  t.deepEqual(await failed({ CopySourceIfMatch: '"abc"' }), [412, "x-amz-copy-source-If-Match"]);
  t.deepEqual(await failed({ CopySourceIfNoneMatch: source.ETag }), [412, "x-amz-copy-source-If-None-Match"]);
  t.deepEqual(await failed({ CopySourceIfUnmodifiedSince: new Date(0) }), [
    412,
    "x-amz-copy-source-If-Unmodified-Since",
  ]);
  t.deepEqual(await failed({ CopySourceIfModifiedSince: new Date() }), [412, "x-amz-copy-source-If-Modified-Since"]);
  await t.notThrowsAsync(copy("conditional", { CopySourceIfMatch: source.ETag }));
});

test("fact 27: a copy takes the conditions of a write", async (t) => {
  await t.notThrowsAsync(copy("fact27", { IfNoneMatch: "*" }));
  t.deepEqual(await outcome(copy("fact27", { IfNoneMatch: "*" })), ["PreconditionFailed", 412]);
});

test("fact 39: a copy onto itself must change something", async (t) => {
  const error = await failure(copy("source"));
  t.is(error.name, "InvalidRequest");
  t.is(
    error.message,
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: "self", Body: "self" }));
  const self = { CopySource: `${Bucket}/self` };
  await t.notThrowsAsync(copy("self", { ...self, StorageClass: "STANDARD" }));
  await t.notThrowsAsync(copy("self", { ...self, ServerSideEncryption: "AES256" }));
  await t.notThrowsAsync(copy("self", { ...self, WebsiteRedirectLocation: "/elsewhere" }));
  await t.notThrowsAsync(copy("self", { ...self, MetadataDirective: "REPLACE", Metadata: { new: "1" } }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "self" }));
  t.is(await got.Body?.transformToString(), "self");
  t.deepEqual(got.Metadata, { new: "1" });
});

test("fact 39: a malformed source", async (t) => {
  const error = await failure(copy("malformed", { CopySource: "no-slash" }));
  t.is(error.name, "InvalidArgument");
  t.is(error.message, "Invalid copy source object key");
  t.is(error["ArgumentName"], "x-amz-copy-source");
  t.is(error["ArgumentValue"], "x-amz-copy-source");
});

test("fact 39: a source that is not there, or a delete marker", async (t) => {
  t.deepEqual(await outcome(copy("k", { CopySource: `${Bucket}/nowhere` })), ["NoSuchKey", 404]);
  t.deepEqual(await outcome(copy("k", { CopySource: "no-such-bucket-at-all/k" })), ["NoSuchBucket", 404]);
  const versioned = await makeBucket(s3, "fact39");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const put = await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body: "old" }));
  const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "k" }));
  t.deepEqual(await outcome(copy("k", { CopySource: `${versioned}/k` })), ["NoSuchKey", 404]);
  const error = await failure(copy("k", { CopySource: `${versioned}/k?versionId=${VersionId}` }));
  t.is(error.name, "InvalidRequest");
  t.is(error.message, "The source of a copy request may not specifically refer to a delete marker by version id.");
  const restored = await copy("k", { CopySource: `${versioned}/k?versionId=${put.VersionId}` });
  t.is(restored.CopySourceVersionId, put.VersionId);
});

test("a copy takes another checksum on demand", async (t) => {
  const { CopyObjectResult } = await copy("sha", { ChecksumAlgorithm: "SHA256" });
  t.is(CopyObjectResult?.ChecksumSHA256, createHash("sha256").update("body").digest("base64"));
});

test("a copy in a suspended bucket says null for its version, as AWS was recorded to, where a PutObject says nothing", async (t) => {
  const suspended = await makeBucket(s3, "suspended");
  const k = { Bucket: suspended, Key: "k" };
  const itself = { ...k, CopySource: `${suspended}/k`, MetadataDirective: "REPLACE" } as const;
  const setVersioning = (Status: "Enabled" | "Suspended") =>
    s3.send(new PutBucketVersioningCommand({ Bucket: suspended, VersioningConfiguration: { Status } }));
  await s3.send(new PutObjectCommand({ ...k, Body: "body" }));
  t.is((await s3.send(new CopyObjectCommand(itself))).VersionId, undefined);

  await setVersioning("Suspended");
  t.is((await s3.send(new PutObjectCommand({ ...k, Body: "body" }))).VersionId, undefined);
  const ofNull = await s3.send(new CopyObjectCommand(itself));
  t.deepEqual([ofNull.VersionId, ofNull.CopySourceVersionId], ["null", undefined]);

  await setVersioning("Enabled");
  const { VersionId, CopySourceVersionId } = await s3.send(new CopyObjectCommand(itself));
  t.regex(VersionId ?? "", /^.{32}$/);
  t.is(CopySourceVersionId, undefined);

  await setVersioning("Suspended");
  const ofNamed = await s3.send(new CopyObjectCommand(itself));
  t.deepEqual([ofNamed.VersionId, ofNamed.CopySourceVersionId], ["null", VersionId]);
});
