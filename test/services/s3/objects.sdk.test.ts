import { createHash } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutBucketVersioningCommand,
  type PutObjectCommandInput,
  type StorageClass,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const bare = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "objects");

const md5 = (text: string) => createHash("md5").update(text);

/** Puts `body` under a key. */
const put = (Key: string, options: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", ...options }));

test.after.always(() => server.close());

test("an object comes back as it was put, with its headers and its metadata", async (t) => {
  const headers = {
    CacheControl: "max-age=60",
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentEncoding: "gzip",
    ContentLanguage: "de",
    ContentType: "text/plain",
    Metadata: { one: "1", two: "zwei" },
  };
  await s3.send(new PutObjectCommand({ Bucket, Key: "whole", Body: "body", ...headers, Tagging: "a=1&b=2" }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "whole" }));
  t.is(await got.Body?.transformToString(), "body");
  t.like(got, headers);
  t.is(got.ETag, `"${createHash("md5").update("body").digest("hex")}"`);
  t.is(got.ContentLength, 4);
  t.is(got.AcceptRanges, "bytes");
  t.is(got.TagCount, 2);
  t.like(await s3.send(new HeadObjectCommand({ Bucket, Key: "whole" })), { ...headers, ContentLength: 4 });
});

test("an object of several megabytes comes back as it was put", async (t) => {
  const Body = Buffer.alloc(9 * 1024 ** 2, "0123456789abcde");
  await s3.send(new PutObjectCommand({ Bucket, Key: "large", Body }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  t.true(Body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
});

test("response parameters replace what the object keeps", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "overridden", Body: "body", ContentType: "text/plain" }));
  const got = await s3.send(
    new GetObjectCommand({
      Bucket,
      Key: "overridden",
      ResponseContentType: "text/html",
      ResponseContentDisposition: "inline",
      ResponseCacheControl: "no-store",
    }),
  );
  t.is(got.ContentType, "text/html");
  t.is(got.ContentDisposition, "inline");
  t.is(got.CacheControl, "no-store");
});

test("fact 2: every object is encrypted", async (t) => {
  const stored = await s3.send(new PutObjectCommand({ Bucket, Key: "fact2", Body: "body" }));
  t.is(stored.ServerSideEncryption, "AES256");
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "fact2" }))).ServerSideEncryption, "AES256");
});

test("fact 3: an object without a checksum gets CRC64NVME", async (t) => {
  const stored = await bare.send(new PutObjectCommand({ Bucket, Key: "fact3", Body: "body" }));
  t.truthy(stored.ChecksumCRC64NVME);
  t.is(stored.ChecksumType, "FULL_OBJECT");
  const enabled = await s3.send(new HeadObjectCommand({ Bucket, Key: "fact3", ChecksumMode: "ENABLED" }));
  t.is(enabled.ChecksumCRC64NVME, stored.ChecksumCRC64NVME);
});

test("fact 19: a key that is not there answers NoSuchKey with the key", async (t) => {
  const error = await failure(s3.send(new GetObjectCommand({ Bucket, Key: "nowhere" })));
  t.is(error.name, "NoSuchKey");
  t.is(error["Key"], "nowhere");
  t.is(error.$metadata.httpStatusCode, 404);
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "nowhere" }))), ["NotFound", 404]);
});

test("fact 25: an archived object must be restored first", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "fact25", Body: "body", StorageClass: "GLACIER" }));
  const error = await failure(s3.send(new GetObjectCommand({ Bucket, Key: "fact25" })));
  t.is(error.name, "InvalidObjectState");
  t.is(error["StorageClass"], "GLACIER");
  t.is(error.$metadata.httpStatusCode, 403);
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "fact25" }))).StorageClass, "GLACIER");
});

test("fact 25: a storage class of another product is refused", async (t) => {
  for (const name of ["OUTPOSTS", "UNKNOWN"]) {
    const StorageClass = name as StorageClass;
    const error = await failure(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body", StorageClass })));
    t.is(error.name, "InvalidStorageClass");
    t.is(error["StorageClassRequested"], name);
  }
});

test("fact 26: a Content-MD5 that cannot be read is InvalidDigest", async (t) => {
  const error = await failure(bare.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body", ContentMD5: "abc" })));
  t.is(error.name, "InvalidDigest");
  t.is(error["Content-MD5"], "abc");
});

test("fact 26: a wrong Content-MD5 is BadDigest, expected in hex and calculated in base64", async (t) => {
  const ContentMD5 = md5("other").digest("base64");
  const error = await failure(bare.send(new PutObjectCommand({ Bucket, Key: "fact26", Body: "body", ContentMD5 })));
  t.is(error.name, "BadDigest");
  t.is(error["ExpectedDigest"], md5("other").digest("hex"));
  t.is(error["CalculatedDigest"], md5("body").digest("base64"));
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "fact26" }))), ["NotFound", 404]);
});

test("fact 27: If-None-Match: * puts only what is not there", async (t) => {
  await t.notThrowsAsync(put("fact27", { IfNoneMatch: "*" }));
  const error = await failure(put("fact27", { IfNoneMatch: "*" }));
  t.is(error.name, "PreconditionFailed");
  t.is(error["Condition"], "If-None-Match");
  t.is(error.message, "At least one of the pre-conditions you specified did not hold");
});

test("fact 27: other values of the conditions of a write are not implemented", async (t) => {
  const noneMatch = await failure(put("fact27-values", { IfNoneMatch: '"abc"' }));
  t.is(noneMatch.name, "NotImplemented");
  t.is(noneMatch["Header"], "If-None-Match");
  t.is(noneMatch["additionalMessage"], "We don't accept the provided value of If-None-Match header for this API");
  t.is((await failure(put("fact27-values", { IfMatch: "*" })))["Header"], "If-Match");
  const both = await failure(put("fact27-values", { IfMatch: '"abc"', IfNoneMatch: "*" }));
  t.is(both["Header"], "If-Match,If-None-Match");
  t.is(both.$metadata.httpStatusCode, 501);
});

test("fact 27: a delete marker counts as absent", async (t) => {
  const versioned = await makeBucket(s3, "fact27");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body: "1" }));
  await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "k" }));
  await t.notThrowsAsync(s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body: "2", IfNoneMatch: "*" })));
});

test("fact 28: If-Match puts only over the ETag it names", async (t) => {
  t.deepEqual(await outcome(put("fact28", { IfMatch: '"abc"' })), ["NoSuchKey", 404]);
  const { ETag } = await put("fact28");
  t.deepEqual(await outcome(put("fact28", { IfMatch: '"abc"' })), ["PreconditionFailed", 412]);
  await t.notThrowsAsync(put("fact28", { IfMatch: ETag }));
});

test("64 conditional puts of one key at once: one wins", async (t) => {
  const results = await Promise.all(
    Array.from({ length: 64 }, (_, index) =>
      s3
        .send(new PutObjectCommand({ Bucket, Key: "contended", Body: `body ${index}`, IfNoneMatch: "*" }))
        .then(({ $metadata }) => $metadata.httpStatusCode)
        .catch((error: { $metadata: { httpStatusCode?: number } }) => error.$metadata.httpStatusCode),
    ),
  );
  t.is(results.filter((status) => status === 200).length, 1);
  t.is(results.filter((status) => status === 412).length, 63);
});

test("fact 37: a malformed checksum is InvalidRequest, a wrong one BadDigest", async (t) => {
  const malformed = await failure(put("fact37", { ChecksumCRC32: "abc" }));
  t.is(malformed.name, "InvalidRequest");
  t.is(malformed.message, "Value for x-amz-checksum-crc32 header is invalid.");
  const wrong = await failure(put("fact37", { ChecksumCRC32: "AAAAAA==" }));
  t.is(wrong.name, "BadDigest");
  t.is(wrong.message, "The CRC32 you specified did not match the calculated checksum.");
});

for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
  test(`an object keeps the ${algorithm} that it was put with`, async (t) => {
    const Key = `checksum-${algorithm}`;
    const stored = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", ChecksumAlgorithm: algorithm }));
    const got = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
    t.truthy(stored[`Checksum${algorithm}`]);
    t.is(got[`Checksum${algorithm}`], stored[`Checksum${algorithm}`]);
    t.is(got.ChecksumType, "FULL_OBJECT");
  });
}

test("an ACL is refused where the bucket knows none", async (t) => {
  t.deepEqual(await outcome(put("acl", { ACL: "public-read" })), ["AccessControlListNotSupported", 400]);
  await t.notThrowsAsync(put("acl", { ACL: "bucket-owner-full-control" }));
});

test("fact 49: a lock is refused on a bucket without object lock", async (t) => {
  const ObjectLockRetainUntilDate = new Date(Date.now() + 3_600_000);
  const error = await failure(
    s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "lock",
        Body: "b",
        ObjectLockMode: "GOVERNANCE",
        ObjectLockRetainUntilDate,
      }),
    ),
  );
  t.is(error.name, "InvalidRequest");
  t.is(error.message, "Bucket is missing Object Lock Configuration");
});

test("fact 50: a locked version is not deleted, but for a bypass of governance", async (t) => {
  const locked = "fact50-locked";
  await s3.send(new CreateBucketCommand({ Bucket: locked, ObjectLockEnabledForBucket: true }));
  const ObjectLockRetainUntilDate = new Date(Date.now() + 3_600_000);
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: locked,
      Key: "k",
      Body: "b",
      ObjectLockMode: "GOVERNANCE",
      ObjectLockRetainUntilDate,
    }),
  );
  const error = await failure(s3.send(new DeleteObjectCommand({ Bucket: locked, Key: "k", VersionId })));
  t.is(error.name, "AccessDenied");
  t.is(error.message, "Access Denied because object protected by object lock.");
  const bypass = { Bucket: locked, Key: "k", VersionId, BypassGovernanceRetention: true };
  await t.notThrowsAsync(s3.send(new DeleteObjectCommand(bypass)));
});

const customerKey = Buffer.alloc(32, 7);
const customer = {
  SSECustomerAlgorithm: "AES256",
  SSECustomerKey: customerKey.toString("base64"),
  SSECustomerKeyMD5: createHash("md5").update(customerKey).digest("base64"),
};

test("fact 52: an object with a customer's key is read with that key only", async (t) => {
  const Key = "fact52";
  const stored = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", ...customer }));
  t.is(stored.SSECustomerKeyMD5, customer.SSECustomerKeyMD5);
  t.is(stored.ServerSideEncryption, undefined);
  t.not(stored.ETag, `"${createHash("md5").update("body").digest("hex")}"`);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...customer }));
  t.is(await got.Body?.transformToString(), "body");
  t.deepEqual(await outcome(s3.send(new GetObjectCommand({ Bucket, Key }))), ["InvalidRequest", 400]);
  const otherKey = Buffer.alloc(32, 8);
  const other = {
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey: otherKey.toString("base64"),
    SSECustomerKeyMD5: createHash("md5").update(otherKey).digest("base64"),
  };
  t.deepEqual(await outcome(s3.send(new GetObjectCommand({ Bucket, Key, ...other }))), ["AccessDenied", 403]);
});
