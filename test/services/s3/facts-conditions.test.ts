/** Conditions of reads, writes and deletes, over the wire. */
import { createHash } from "node:crypto";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type GetObjectCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "conditions");
const ETAG = `"${createHash("md5").update("body").digest("hex")}"`;
const LONG_AGO = new Date(0);
const { LastModified: NOW = LONG_AGO } = await s3
  .send(new PutObjectCommand({ Bucket, Key: "k", Body: "body" }))
  .then(() => s3.send(new HeadObjectCommand({ Bucket, Key: "k" })));

test.after.always(() => server.close());

/** Every pair of conditions, and what comes of it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html */
const PAIRS: readonly (readonly [what: string, conditions: Partial<GetObjectCommandInput>, status: number])[] = [
  ["If-Match holds", { IfMatch: ETAG }, 200],
  ["If-Match with a star holds", { IfMatch: "*" }, 200],
  ["If-Match does not", { IfMatch: '"x"' }, 412],
  ["If-None-Match holds", { IfNoneMatch: '"x"' }, 200],
  ["If-None-Match does not", { IfNoneMatch: ETAG }, 304],
  ["If-None-Match with a star does not", { IfNoneMatch: "*" }, 304],
  ["If-Unmodified-Since holds", { IfUnmodifiedSince: NOW }, 200],
  ["If-Unmodified-Since does not", { IfUnmodifiedSince: LONG_AGO }, 412],
  ["If-Modified-Since holds", { IfModifiedSince: LONG_AGO }, 200],
  ["If-Modified-Since does not", { IfModifiedSince: NOW }, 304],
  ["If-Match holds, If-Unmodified-Since does not", { IfMatch: ETAG, IfUnmodifiedSince: LONG_AGO }, 200],
  ["If-Match does not, If-Unmodified-Since holds", { IfMatch: '"x"', IfUnmodifiedSince: NOW }, 412],
  ["If-None-Match does not, If-Modified-Since holds", { IfNoneMatch: ETAG, IfModifiedSince: LONG_AGO }, 304],
  ["If-None-Match holds, If-Modified-Since does not", { IfNoneMatch: '"x"', IfModifiedSince: NOW }, 200],
  ["If-Match holds, If-None-Match does not", { IfMatch: ETAG, IfNoneMatch: ETAG }, 304],
  ["neither If-Match nor If-None-Match", { IfMatch: '"x"', IfNoneMatch: ETAG }, 412],
  ["neither If-Unmodified-Since nor If-Modified-Since", { IfUnmodifiedSince: LONG_AGO, IfModifiedSince: NOW }, 412],
];

for (const [what, conditions, status] of PAIRS) {
  test(`fact 22: ${what}: GET and HEAD are ${status}`, async (t) => {
    for (const command of [
      new GetObjectCommand({ Bucket, Key: "k", ...conditions }),
      new HeadObjectCommand({ Bucket, Key: "k", ...conditions }),
    ]) {
      const answered = await s3.send(command).then(
        ({ $metadata }) => $metadata.httpStatusCode,
        (error: { $metadata: { httpStatusCode?: number } }) => error.$metadata.httpStatusCode,
      );
      t.is(answered, status);
    }
  });
}

test("a date that cannot be read is no condition", async (t) => {
  for (const name of ["if-modified-since", "if-unmodified-since"]) {
    const { status } = await server.request("GET", `/${Bucket}/k`, { headers: { [name]: "yesterday" } });
    t.is(status, 200, name);
  }
});

test("a condition is looked at before a range and a part", async (t) => {
  const headers = { "if-none-match": ETAG, range: "bytes=100-200" };
  t.is((await server.request("GET", `/${Bucket}/k`, { headers })).status, 304);
  t.is((await server.request("GET", `/${Bucket}/k?partNumber=9`, { headers: { "if-match": '"x"' } })).status, 412);
});

test("a delete's If-Match is an ETag or a star, of what is current", async (t) => {
  const versioned = await makeBucket(s3, "deletes");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  for (const bucket of [Bucket, versioned]) {
    const at = { Bucket: bucket, Key: "deleted" };
    const remove = (IfMatch: string) => s3.send(new DeleteObjectCommand({ ...at, IfMatch }));
    await s3.send(new PutObjectCommand({ ...at, Body: "body" }));
    const refused = await failure(remove('"x"'));
    t.is(refused.name, "PreconditionFailed");
    t.is(refused["Condition"], "If-Match");
    t.is((await s3.send(new HeadObjectCommand(at))).ETag, ETAG);
    t.is((await remove("*")).$metadata.httpStatusCode, 204);
    // What is not there, or a delete marker, fits neither.
    t.deepEqual(await outcome(remove("*")), ["NoSuchKey", 404]);
    t.deepEqual(await outcome(remove(ETAG)), ["NoSuchKey", 404]);
    await s3.send(new PutObjectCommand({ ...at, Body: "body" }));
    t.is((await remove(ETAG)).$metadata.httpStatusCode, 204);
  }
});

test("a delete of a version takes no If-Match, even of the current one", async (t) => {
  const versioned = await makeBucket(s3, "conditional-versions");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const at = { Bucket: versioned, Key: "k" };
  const { VersionId } = await s3.send(new PutObjectCommand({ ...at, Body: "body" }));
  for (const IfMatch of [ETAG, "*", '"x"']) {
    const error = await failure(s3.send(new DeleteObjectCommand({ ...at, VersionId, IfMatch })));
    t.is(error.name, "NotImplemented");
    t.is(error.$metadata.httpStatusCode, 501);
    t.is(error["Header"], "If-Match");
  }
  t.is((await s3.send(new HeadObjectCommand(at))).VersionId, VersionId);
});

test("each of several deletes has its own ETag", async (t) => {
  for (const Key of ["a", "b", "c"]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "body" }));
  const Objects = [
    { Key: "a", ETag: ETAG },
    { Key: "b", ETag: '"x"' },
    { Key: "c", ETag: "*" },
    { Key: "never", ETag: ETAG },
  ];
  const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  t.deepEqual(
    Deleted?.map(({ Key }) => Key),
    ["a", "c"],
  );
  t.deepEqual(
    Errors?.map(({ Key, Code }) => [Key, Code]),
    [
      ["b", "PreconditionFailed"],
      ["never", "NoSuchKey"],
    ],
  );
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "b" }))).ETag, ETAG);
});

test("fact 27: a delete makes room for If-None-Match, and a marker counts as absent for it", async (t) => {
  const versioned = await makeBucket(s3, "markers");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  for (const bucket of [Bucket, versioned]) {
    const at = { Bucket: bucket, Key: "room" };
    const put = () => s3.send(new PutObjectCommand({ ...at, Body: "body", IfNoneMatch: "*" }));
    await put();
    t.deepEqual(await outcome(put()), ["PreconditionFailed", 412]);
    await s3.send(new DeleteObjectCommand(at));
    await t.notThrowsAsync(put());
    t.is((await s3.send(new PutObjectCommand({ ...at, Body: "other", IfMatch: ETAG }))).$metadata.httpStatusCode, 200);
  }
});
