import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type GetObjectCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "reads");
const Key = "ten";

/** Gets the ten bytes under conditions. */
const get = (conditions: Partial<GetObjectCommandInput>) =>
  s3.send(new GetObjectCommand({ Bucket, Key, ...conditions }));

const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "0123456789" }));

test.after.always(() => server.close());

for (const [Range, ContentRange, body] of [
  ["bytes=0-3", "bytes 0-3/10", "0123"],
  ["bytes=-15", "bytes 0-9/10", "0123456789"],
  ["bytes=0-100", "bytes 0-9/10", "0123456789"],
  ["bytes=-2", "bytes 8-9/10", "89"],
] as const) {
  test(`fact 20: ${Range} is answered 206 ${ContentRange}`, async (t) => {
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, Range, ChecksumMode: "ENABLED" }));
    t.is(got.$metadata.httpStatusCode, 206);
    t.is(got.ContentRange, ContentRange);
    t.is(await got.Body?.transformToString(), body);
    t.is(got.ChecksumCRC32 !== undefined, body.length === 10, "only whole answers carry the checksum");
  });
}

for (const Range of ["bytes=1-0", "bytes=-1-", "bytes=0--1", "bytes=-", "bytes=0-1,3-4", "0-1"]) {
  test(`fact 20: ${Range} is ignored`, async (t) => {
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
    t.is(got.$metadata.httpStatusCode, 200);
    t.is(got.ContentRange, undefined);
    t.is(await got.Body?.transformToString(), "0123456789");
  });
}

for (const Range of ["bytes=-0", "bytes=100-200"]) {
  test(`fact 20: ${Range} is not satisfiable`, async (t) => {
    const error = await failure(s3.send(new GetObjectCommand({ Bucket, Key, Range })));
    t.is(error.name, "InvalidRange");
    t.is(error["RangeRequested"], Range);
    t.is(error["ActualObjectSize"], "10");
    t.is(error.$metadata.httpStatusCode, 416);
  });
}

test("HeadObject answers ranges too", async (t) => {
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key, Range: "bytes=2-4" }));
  t.is(head.$metadata.httpStatusCode, 206);
  t.is(head.ContentLength, 3);
});

test("fact 21: a plain object has one part", async (t) => {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 1 }));
  t.is(got.$metadata.httpStatusCode, 206);
  t.is(got.ContentRange, "bytes 0-9/10");
  t.is(await got.Body?.transformToString(), "0123456789");
  const error = await failure(s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 })));
  t.is(error.name, "InvalidPartNumber");
  t.is(error["PartNumberRequested"], "2");
  t.is(error["ActualPartCount"], "1");
  t.is(error.$metadata.httpStatusCode, 416);
});

test("fact 21: a range and a part number do not go together", async (t) => {
  const error = await failure(s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 1, Range: "bytes=0-1" })));
  t.is(error.name, "InvalidRequest");
  t.is(error.message, "Cannot specify both Range header and partNumber query parameter");
});

test("fact 22: conditions that do not hold are 412 with their name", async (t) => {
  const match = await failure(get({ IfMatch: '"abc"' }));
  t.is(match.name, "PreconditionFailed");
  t.is(match["Condition"], "If-Match");
  t.is((await failure(get({ IfUnmodifiedSince: new Date(0) })))["Condition"], "If-Unmodified-Since");
});

const statusOf = async (call: Promise<unknown>) => (await failure(call)).$metadata.httpStatusCode;

test("fact 22: what has not changed is 304", async (t) => {
  t.is(await statusOf(get({ IfNoneMatch: ETag })), 304);
  t.is(await statusOf(get({ IfNoneMatch: ETag?.replaceAll('"', "") })), 304, "without quotes too");
  t.is(await statusOf(get({ IfModifiedSince: new Date() })), 304);
});

test("fact 22: conditions that hold are no hindrance, nor is an If-Modified-Since in the future", async (t) => {
  t.is((await get({ IfMatch: ETag?.replaceAll('"', "") })).ContentLength, 10);
  t.is((await get({ IfNoneMatch: '"abc"' })).ContentLength, 10);
  t.is((await get({ IfModifiedSince: new Date(Date.now() + 86_400_000) })).ContentLength, 10);
});

test("fact 23: a delete marker is NoSuchKey by its key and MethodNotAllowed by its id", async (t) => {
  const versioned = await makeBucket(s3, "fact23");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const put = await s3.send(new PutObjectCommand({ Bucket: versioned, Key, Body: "body" }));
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key }));
  t.true(marker.DeleteMarker);
  const VersionId = marker.VersionId;

  t.deepEqual(await outcome(s3.send(new GetObjectCommand({ Bucket: versioned, Key }))), ["NoSuchKey", 404]);
  // Unsigned reads are anonymous; one that names its account is not.
  const headers = { "x-moto-account-id": "123456789012" };
  const plain = await server.request("GET", `/${versioned}/${Key}`, { headers });
  t.is(plain.headers["x-amz-delete-marker"], "true");
  t.is(plain.headers["x-amz-version-id"], VersionId);

  const error = await failure(s3.send(new GetObjectCommand({ Bucket: versioned, Key, VersionId })));
  t.is(error.name, "MethodNotAllowed");
  t.is(error["Method"], "GET");
  t.is(error["ResourceType"], "DeleteMarker");
  t.is(error.$metadata.httpStatusCode, 405);

  const old = await s3.send(new GetObjectCommand({ Bucket: versioned, Key, VersionId: put.VersionId }));
  t.is(await old.Body?.transformToString(), "body");

  const undeleted = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key, VersionId }));
  t.true(undeleted.DeleteMarker);
  t.is(undeleted.VersionId, VersionId);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: versioned, Key }))).VersionId, put.VersionId);
});

test("fact 23: a key that was never there gets a marker, in an unversioned bucket nothing", async (t) => {
  const versioned = await makeBucket(s3, "fact23");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  t.true((await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "never" }))).DeleteMarker);
  const unversioned = await s3.send(new DeleteObjectCommand({ Bucket, Key: "never" }));
  t.is(unversioned.$metadata.httpStatusCode, 204);
  t.is(unversioned.DeleteMarker, undefined);
  t.is(unversioned.VersionId, undefined);
});

test("fact 7: a version that was deleted is NoSuchVersion with key and id", async (t) => {
  const versioned = await makeBucket(s3, "fact7");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: versioned, Key, Body: "body" }));
  t.is(VersionId?.length, 32);
  await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key, VersionId }));
  const error = await failure(s3.send(new GetObjectCommand({ Bucket: versioned, Key, VersionId })));
  t.is(error.name, "NoSuchVersion");
  t.is(error["Key"], Key);
  t.is(error["VersionId"], VersionId);
});
