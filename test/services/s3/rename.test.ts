/** RenameObject: the object moves with all that is kept of it, under conditions, and once for a client's token. */
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  RenameObjectCommand,
  UploadPartCommand,
  type PutObjectCommandInput,
  type RenameObjectCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();
const Bucket = "renames";
test.before(() => s3.send(new CreateBucketCommand({ Bucket })));

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}`, ...more }));
const rename = (RenameSource: string, Key: string, more: Partial<RenameObjectCommandInput> = {}) =>
  s3.send(new RenameObjectCommand({ Bucket, Key, RenameSource, ...more }));
const body = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const isThere = async (Key: string) =>
  (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }))).Contents?.some((one) => one.Key === Key) === true;

test("a renamed object is what it was under its new key, and gone from the old one", async (t) => {
  await put("old", {
    ContentType: "text/plain",
    Metadata: { a: "b" },
    Tagging: "c=d",
    StorageClass: "STANDARD_IA",
    ServerSideEncryption: "aws:kms",
  });
  const before = await s3.send(new HeadObjectCommand({ Bucket, Key: "old", ChecksumMode: "ENABLED" }));
  t.is((await rename("old", "new")).$metadata.httpStatusCode, 200);
  const after = await s3.send(new HeadObjectCommand({ Bucket, Key: "new", ChecksumMode: "ENABLED" }));
  const { $metadata: _before, ...was } = before;
  const { $metadata: _after, ...is } = after;
  t.deepEqual(is, was);
  t.is(await body("new"), "body of old");
  const tags = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "new" }));
  t.deepEqual(tags.TagSet, [{ Key: "c", Value: "d" }]);
  t.deepEqual(await outcome(body("old")), ["NoSuchKey", 404]);
});

test("a renamed object takes the place of the one that was there", async (t) => {
  await put("mover");
  await put("place");
  await rename("mover", "place");
  t.is(await body("place"), "body of mover");
  t.false(await isThere("mover"));
});

test("an object of parts keeps them", async (t) => {
  const name = { Bucket, Key: "parts" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...name, ChecksumAlgorithm: "SHA256" }));
  const Parts = [];
  for (const [index, size] of [5 * 1024 ** 2, 10].entries()) {
    const PartNumber = index * 3 + 2;
    const Body = Buffer.alloc(size, index + 1);
    const part = await s3.send(
      new UploadPartCommand({ ...name, UploadId, PartNumber, Body, ChecksumAlgorithm: "SHA256" }),
    );
    Parts.push({ PartNumber, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...name, UploadId, MultipartUpload: { Parts } }));
  const second = (Key: string) =>
    s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 5, ChecksumMode: "ENABLED" }));
  const before = await second("parts");
  t.is(before.PartsCount, 2);
  await rename("parts", "moved-parts");
  const after = await second("moved-parts");
  t.deepEqual(
    [after.ETag, after.PartsCount, after.ContentLength, after.ChecksumSHA256, after.ContentRange],
    [before.ETag, before.PartsCount, before.ContentLength, before.ChecksumSHA256, before.ContentRange],
  );
  t.deepEqual(Buffer.from((await after.Body?.transformToByteArray()) ?? []), Buffer.alloc(10, 2));
});

test("a large body lives on when its old key is used again and its new one goes", async (t) => {
  const Body = Buffer.alloc(2 * 1024 ** 2, "x");
  await put("large", { Body });
  await rename("large", "large-moved");
  await put("large");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "large" }));
  t.is((await body("large-moved"))?.length, Body.length);
  await rename("large-moved", "large");
  t.is((await body("large"))?.length, Body.length);
});

test("a rename onto itself changes nothing", async (t) => {
  await put("itself");
  await rename("itself", "itself");
  t.is(await body("itself"), "body of itself");
});

test("the source is percent-encoded, with its bucket or without", async (t) => {
  for (const [Key, source] of [
    ["a b+c/ü", encodeURIComponent("a b+c/ü")],
    ["slash/key", "/slash/key"],
    ["named/key", `/${Bucket}/named/key`],
    [`${Bucket}/inner`, `${Bucket}/inner`],
    ["/rooted", "%2Frooted"],
  ] as const) {
    await put(Key);
    await rename(source, "decoded");
    t.is(await body("decoded"), `body of ${Key}`);
  }
  for (const source of ["%zz", "/", `/${Bucket}/`]) {
    const error = await failure(rename(source, "decoded"));
    t.is(error.name, "InvalidArgument");
    t.deepEqual([error["ArgumentName"], error["ArgumentValue"]], ["x-amz-rename-source", source]);
  }
});

test("there must be a source, and neither key may end like a directory's", async (t) => {
  const error = await failure(rename("absent", "k"));
  t.deepEqual([error.name, error["Key"], error.$metadata.httpStatusCode], ["NoSuchKey", "absent", 404]);
  await put("directory/");
  await put("file");
  t.deepEqual(await outcome(rename("directory/", "k")), ["InvalidRequest", 400]);
  t.deepEqual(await outcome(rename("file", "k/")), ["InvalidRequest", 400]);
  t.true(await isThere("file"));
  const headers = { "x-amz-client-token": "token" };
  const answer = await server.request("PUT", `/${Bucket}/k?renameObject`, { headers });
  t.is(answer.status, 400);
});

test("conditions are held against both keys, and what they refuse stays where it was", async (t) => {
  const { ETag } = await put("from");
  await put("to");
  const future = new Date(Date.now() + 86_400_000);
  const past = new Date(Date.now() - 86_400_000);
  for (const [Key, condition, named] of [
    ["to", { SourceIfMatch: '"other"' }, "x-amz-rename-source-If-Match"],
    ["to", { SourceIfNoneMatch: ETag }, "x-amz-rename-source-If-None-Match"],
    ["to", { SourceIfNoneMatch: "*" }, "x-amz-rename-source-If-None-Match"],
    ["to", { SourceIfUnmodifiedSince: past }, "x-amz-rename-source-If-Unmodified-Since"],
    ["to", { DestinationIfNoneMatch: "*" }, "If-None-Match"],
    ["to", { DestinationIfMatch: ETag }, "If-Match"],
    ["to", { DestinationIfUnmodifiedSince: past }, "If-Unmodified-Since"],
    ["free", { DestinationIfMatch: ETag }, "If-Match"],
    ["free", { DestinationIfModifiedSince: past }, "If-Modified-Since"],
  ] as const) {
    const error = await failure(rename("from", Key, condition));
    t.deepEqual([error.name, error.$metadata.httpStatusCode], ["PreconditionFailed", 412]);
    t.is(error["Condition"], named);
  }
  t.is(await body("from"), "body of from");
  t.is(await body("to"), "body of to");
  t.false(await isThere("free"));
  await rename("from", "free", {
    SourceIfMatch: ETag,
    SourceIfUnmodifiedSince: future,
    SourceIfModifiedSince: past,
    DestinationIfNoneMatch: "*",
    DestinationIfUnmodifiedSince: past,
  });
  const to = await s3.send(new HeadObjectCommand({ Bucket, Key: "to" }));
  await rename("free", "to", { DestinationIfMatch: to.ETag, SourceIfNoneMatch: '"other"' });
  t.is(await body("to"), "body of from");
});

test("a rename under a token is done once, and its repetition succeeds", async (t) => {
  const ClientToken = "once";
  await put("first");
  await rename("first", "second", { ClientToken });
  await put("first");
  t.is((await rename("first", "second", { ClientToken })).$metadata.httpStatusCode, 200);
  t.true(await isThere("first"));
});

test("another rename under the same token is refused", async (t) => {
  const ClientToken = "twice";
  await put("one");
  await put("two");
  await rename("one", "done", { ClientToken });
  for (const call of [
    rename("two", "done", { ClientToken }),
    rename("one", "elsewhere", { ClientToken }),
    rename("one", "done", { ClientToken, DestinationIfNoneMatch: "*" }),
  ]) {
    const error = await failure(call);
    t.deepEqual([error.name, error.$metadata.httpStatusCode], ["IdempotencyParameterMismatch", 400]);
  }
  t.true(await isThere("two"));
});

test("a rename that failed leaves its token free", async (t) => {
  const ClientToken = "failed";
  t.deepEqual(await outcome(rename("later", "k", { ClientToken })), ["NoSuchKey", 404]);
  await put("later");
  await rename("later", "k", { ClientToken });
  t.is(await body("k"), "body of later");
});

test("a token is a bucket's own, and has at most 64 visible characters", async (t) => {
  const Other = await makeBucket(s3, "tokens");
  const ClientToken = "t".repeat(64);
  await put("token");
  await rename("token", "token-1", { ClientToken });
  await put("token", { Bucket: Other });
  await rename("token", "token-2", { Bucket: Other, ClientToken });
  for (const wrong of ["t".repeat(65), "with blank"]) {
    const error = await failure(rename("token-1", "token-2", { ClientToken: wrong }));
    t.deepEqual([error.name, error["ArgumentName"]], ["InvalidArgument", "x-amz-client-token"]);
  }
  await s3.send(new DeleteObjectCommand({ Bucket: Other, Key: "token-2" }));
  await s3.send(new DeleteBucketCommand({ Bucket: Other }));
});

test("many tokens are remembered, and the last of them surely", async (t) => {
  await put("ping");
  const turns = 300;
  const play = (turn: number) => {
    const [from, to] = turn % 2 === 0 ? ["ping", "pong"] : ["pong", "ping"];
    return rename(from ?? "", to ?? "", { ClientToken: `turn-${turn}` });
  };
  for (let turn = 0; turn < turns; turn += 1) await play(turn);
  for (let turn = 0; turn < turns; turn += 25) {
    t.is((await play(turn)).$metadata.httpStatusCode, 200);
  }
  t.true(await isThere("ping"));
});

test("of many renames of one object one succeeds", async (t) => {
  await put("wanted");
  const calls = Array.from({ length: 10 }, (_, index) => rename("wanted", `winner-${index}`));
  const settled = await Promise.allSettled(calls);
  t.is(settled.filter(({ status }) => status === "fulfilled").length, 1);
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "winner-" }));
  t.is(KeyCount, 1);
});

test("a bucket with versions does not know renaming", async (t) => {
  const Versioned = await makeBucket(s3, "renames-versioned");
  for (const Status of ["Enabled", "Suspended"] as const) {
    await s3.send(new PutBucketVersioningCommand({ Bucket: Versioned, VersioningConfiguration: { Status } }));
    await put("k", { Bucket: Versioned });
    const headers = { "x-amz-rename-source": "k" };
    const answer = await server.request("PUT", `/${Versioned}/other?renameObject`, { headers });
    t.is(answer.status, 501);
    t.is(element(answer, "Code"), "NotImplemented");
    t.is(element(answer, "Message"), "RenameObject is not implemented for buckets with versions");
  }
});
