/** Copies: what is copied, from where, under which conditions. */
import { createHash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CopyObjectCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "copy");
const PART = Buffer.alloc(5 * 1024 ** 2, "part");
const GIB = 1024 ** 3;

await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "body", Metadata: { one: "1" }, Tagging: "a=1" }));
const ETAG = `"${createHash("md5").update("body").digest("hex")}"`;

test.after.always(() => server.close());

const copy = (Key: string, options: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/source`, ...options }));
const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));

for (const [what, from] of [
  ["plain", "a key/with slashes"],
  ["with a plus", "a+b"],
  ["with escapes that are its own", "100%25"],
  ["beyond ASCII", "ä/\u{1F600}"],
  ["with a question mark", "what?versionId=no"],
] as const) {
  test(`a source's key may be percent-encoded, with a slash before it and without: ${what}`, async (t) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: from, Body: what }));
    for (const CopySource of [
      `${Bucket}/${encodeURIComponent(from)}`,
      `/${Bucket}/${encodeURIComponent(from)}`,
      encodeURIComponent(`${Bucket}/${from}`),
    ]) {
      await copy(`encoded ${what}`, { CopySource });
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `encoded ${what}` }));
      t.is(await Body?.transformToString(), what);
    }
  });
}

test("a plus in a source is a blank", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "a blank", Body: "blank" }));
  const { status } = await server.request("PUT", `/${Bucket}/plus`, {
    headers: { "x-amz-copy-source": `${Bucket}%2Fa+blank` },
  });
  t.is(status, 200);
});

test("directives say whether metadata and tags are the source's or the request's, and nothing else", async (t) => {
  await copy("copied", { Metadata: { two: "2" }, Tagging: "b=2&c=3", ContentType: "text/plain" });
  t.like(await head("copied"), { Metadata: { one: "1" }, ContentType: "application/octet-stream", TagCount: 1 });
  await copy("replaced", {
    MetadataDirective: "REPLACE",
    TaggingDirective: "REPLACE",
    Metadata: { two: "2" },
    Tagging: "b=2&c=3",
  });
  t.like(await head("replaced"), { Metadata: { two: "2" }, TagCount: 2 });
  await copy("emptied", { MetadataDirective: "REPLACE", TaggingDirective: "REPLACE" });
  const emptied = await head("emptied");
  t.deepEqual(emptied.Metadata, {});
  t.is(emptied.TagCount, undefined);
  for (const name of ["metadata", "tagging"]) {
    const { status, body } = await server.request("PUT", `/${Bucket}/directive`, {
      headers: { "x-amz-copy-source": `${Bucket}/source`, [`x-amz-${name}-directive`]: "KEEP" },
    });
    t.is(status, 400);
    t.regex(
      String(body),
      new RegExp(
        `<Code>InvalidArgument</Code><Message>Unknown ${name} directive.</Message><ArgumentName>x-amz-${name}-directive</ArgumentName><ArgumentValue>KEEP</ArgumentValue>`,
      ),
    );
  }
});

test("a copy's tags are at most ten", async (t) => {
  const tags = (count: number) => Array.from({ length: count }, (_, index) => `t${index}=v`).join("&");
  await t.notThrowsAsync(copy("ten", { TaggingDirective: "REPLACE", Tagging: tags(10) }));
  t.is((await head("ten")).TagCount, 10);
  const error = await failure(copy("eleven", { TaggingDirective: "REPLACE", Tagging: tags(11) }));
  t.is(error.name, "BadRequest");
  t.is(error.message, "Object tags cannot be greater than 10");
});

test("storage class, encryption and redirect of a copy are the request's, never the source's", async (t) => {
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: "special",
      Body: "body",
      StorageClass: "STANDARD_IA",
      ServerSideEncryption: "aws:kms",
      WebsiteRedirectLocation: "/elsewhere",
    }),
  );
  const CopySource = `${Bucket}/special`;
  const { ServerSideEncryption } = await copy("ordinary", { CopySource });
  t.is(ServerSideEncryption, "AES256");
  const ordinary = await head("ordinary");
  t.is(ordinary.StorageClass, undefined);
  t.is(ordinary.WebsiteRedirectLocation, undefined);
  t.is(ordinary.ETag, ETAG, "the bytes' MD5 again, though the source's ETag hid it");
  await copy("named", { CopySource, StorageClass: "ONEZONE_IA", WebsiteRedirectLocation: "/there" });
  t.like(await head("named"), { StorageClass: "ONEZONE_IA", WebsiteRedirectLocation: "/there" });
});

test("a copy crosses accounts and regions", async (t) => {
  const other = server.s3({ accountId: "390000000002", region: "eu-west-1" });
  const theirs = `theirs-${process.pid}`;
  await other.send(
    new CreateBucketCommand({
      Bucket: theirs,
      CreateBucketConfiguration: { LocationConstraint: "eu-west-1" },
    }),
  );
  const there = await other.send(
    new CopyObjectCommand({
      Bucket: theirs,
      Key: "k",
      CopySource: `${Bucket}/source`,
      ExpectedSourceBucketOwner: "123456789012",
    }),
  );
  t.is(there.CopyObjectResult?.ETag, ETAG);
  const back = await s3.send(new CopyObjectCommand({ Bucket, Key: "back", CopySource: `${theirs}/k` }));
  t.is(back.CopyObjectResult?.ETag, ETAG);
  const wrong = copy("k", { CopySource: `${theirs}/k`, ExpectedSourceBucketOwner: "123456789012" });
  t.deepEqual(await outcome(wrong), ["AccessDenied", 403]);
});

test("fact 22: of a source's conditions the ETag's decides, as AWS's table says", async (t) => {
  const old = new Date(0);
  const now = new Date();
  // If-Match holds, If-Unmodified-Since does not: copied.
  await t.notThrowsAsync(copy("conditions", { CopySourceIfMatch: ETAG, CopySourceIfUnmodifiedSince: old }));
  // If-None-Match does not hold, If-Modified-Since does: 412.
  const refused = await failure(copy("conditions", { CopySourceIfNoneMatch: ETAG, CopySourceIfModifiedSince: old }));
  t.is(refused["Condition"], "x-amz-copy-source-If-None-Match");
  // If-None-Match holds: If-Modified-Since is not looked at.
  await t.notThrowsAsync(copy("conditions", { CopySourceIfNoneMatch: '"x"', CopySourceIfModifiedSince: now }));
  // Source and target have conditions of their own.
  await t.notThrowsAsync(copy("fresh", { CopySourceIfMatch: ETAG, IfNoneMatch: "*" }));
  const target = await failure(copy("fresh", { CopySourceIfMatch: ETAG, IfNoneMatch: "*" }));
  t.is(target["Condition"], "If-None-Match");
  await t.notThrowsAsync(copy("fresh", { IfMatch: ETAG }));
  t.deepEqual(await outcome(copy("fresh", { IfMatch: '"other"' })), ["PreconditionFailed", 412]);
  t.deepEqual(await outcome(copy("nothing", { IfMatch: ETAG })), ["NoSuchKey", 404]);
});

test("fact 22: the same conditions hold for a part that is copied", async (t) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "part" }));
  const part = { Bucket, Key: "part", UploadId, PartNumber: 1, CopySource: `${Bucket}/source` };
  const error = await failure(s3.send(new UploadPartCopyCommand({ ...part, CopySourceIfMatch: '"other"' })));
  t.is(error.$metadata.httpStatusCode, 412);
  t.is(error["Condition"], "x-amz-copy-source-If-Match");
  await t.notThrowsAsync(s3.send(new UploadPartCopyCommand({ ...part, CopySourceIfMatch: ETAG })));
});

test("fact 36: a copy of a composite object is whole, with the same algorithm and a plain MD5 as ETag", async (t) => {
  const ChecksumAlgorithm = "CRC32C";
  const Key = "composite";
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm }));
  const Parts: CompletedPart[] = [];
  for (const [PartNumber, Body] of [
    [1, PART],
    [2, Buffer.from("last")],
  ] as const) {
    const sent = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm }));
    Parts.push({ PartNumber, ETag: sent.ETag, ChecksumCRC32C: sent.ChecksumCRC32C });
  }
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  t.is((await head(Key)).ChecksumType, "COMPOSITE");
  const { CopyObjectResult } = await copy("whole", { CopySource: `${Bucket}/${Key}` });
  t.is(CopyObjectResult?.ETag, `"${createHash("md5").update(PART).update("last").digest("hex")}"`);
  t.is(CopyObjectResult?.ChecksumType, "FULL_OBJECT");
  const put = await s3.send(
    new PutObjectCommand({ Bucket, Key: "put", Body: Buffer.concat([PART, Buffer.from("last")]), ChecksumAlgorithm }),
  );
  t.is(CopyObjectResult?.ChecksumCRC32C, put.ChecksumCRC32C);
  t.is((await head("whole")).ChecksumCRC32C, put.ChecksumCRC32C);
});

test("a source above 5 GiB is copied in parts only, and no part is larger", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "five", Body: PART }));
  const Key = "large";
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const upload = { Bucket, Key, UploadId };
  const count = (5 * GIB) / PART.length + 1;
  const Parts: CompletedPart[] = [];
  for (let PartNumber = 1; PartNumber <= count; PartNumber += 1) {
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({ ...upload, PartNumber, CopySource: `${Bucket}/five` }),
    );
    Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  const error = await failure(copy("too-large", { CopySource: `${Bucket}/${Key}` }));
  t.is(error.name, "InvalidRequest");
  t.is(
    error.message,
    "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
  );
  const again = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  const part = { Bucket, Key: "parts", UploadId: again.UploadId, PartNumber: 1, CopySource: `${Bucket}/${Key}` };
  t.deepEqual(await outcome(s3.send(new UploadPartCopyCommand(part))), ["InvalidRequest", 400]);
  const CopySourceRange = `bytes=${5 * GIB}-${5 * GIB + PART.length - 1}`;
  const end = await s3.send(new UploadPartCopyCommand({ ...part, CopySourceRange }));
  t.is(end.CopyPartResult?.ETag, `"${createHash("md5").update(PART).digest("hex")}"`);
});

test("fact 39: a copy onto itself is refused in a versioned bucket too, and an ACL is no change", async (t) => {
  const versioned = await makeBucket(s3, "itself");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const first = await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body: "body" }));
  const itself = { Bucket: versioned, CopySource: `${versioned}/k` };
  t.deepEqual(await outcome(copy("k", itself)), ["InvalidRequest", 400]);
  t.deepEqual(await outcome(copy("k", { ...itself, ACL: "bucket-owner-full-control" })), ["InvalidRequest", 400]);
  const changed = await copy("k", { ...itself, StorageClass: "STANDARD" });
  t.not(changed.VersionId, first.VersionId);
  t.is(changed.CopySourceVersionId, first.VersionId);
  // An old version is brought back by a copy of it.
  const restored = await copy("k", { ...itself, CopySource: `${versioned}/k?versionId=${first.VersionId}` });
  t.is(restored.CopySourceVersionId, first.VersionId);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: versioned, Key: "k" }))).VersionId, restored.VersionId);
});

test("a version that is not there is no source", async (t) => {
  const error = await failure(copy("k", { CopySource: `${Bucket}/source?versionId=${"A".repeat(32)}` }));
  t.is(error.name, "InvalidArgument");
  const unversioned = await copy("by-null", { CopySource: `${Bucket}/source?versionId=null` });
  t.is(unversioned.CopyObjectResult?.ETag, ETAG);
});
