/** UpdateObjectEncryption: what it changes, what it leaves, and what it refuses. */
import { hash } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UpdateObjectEncryptionCommand,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { failure, makeBucket, outcome } from "./client.ts";
import { DAY_MS, startAtTime } from "./lock-fixtures.ts";

const { server, time } = await startAtTime(Date.now());
test.after.always(() => server.close());
const s3 = server.s3();
const Bucket = "updated-encryption";
const Locked = "updated-encryption-locked";
test.before(async () => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new CreateBucketCommand({ Bucket: Locked, ObjectLockEnabledForBucket: true }));
});

const KMSKeyArn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", ...more }));
const update = (
  Key: string,
  options: { Bucket?: string; VersionId?: string; arn?: string; bucketKey?: boolean } = {},
) =>
  s3.send(
    new UpdateObjectEncryptionCommand({
      Bucket: options.Bucket ?? Bucket,
      Key,
      VersionId: options.VersionId,
      ObjectEncryption: { SSEKMS: { KMSKeyArn: options.arn ?? KMSKeyArn, BucketKeyEnabled: options.bucketKey } },
    }),
  );
const told = async (call: Promise<unknown>) => {
  const { name, message, $metadata } = await failure(call);
  return [$metadata.httpStatusCode, name, message];
};

test("an object comes under a key of KMS; bytes, ETag, time, checksum and metadata stay", async (t) => {
  await put("moved", { Metadata: { a: "b" }, StorageClass: "STANDARD_IA", Tagging: "c=d" });
  const before = await s3.send(new GetObjectCommand({ Bucket, Key: "moved" }));
  t.is((await update("moved", { bucketKey: true })).$metadata.httpStatusCode, 200);
  const after = await s3.send(new GetObjectCommand({ Bucket, Key: "moved" }));
  t.deepEqual([after.ServerSideEncryption, after.SSEKMSKeyId, after.BucketKeyEnabled], ["aws:kms", KMSKeyArn, true]);
  t.is(after.ETag, `"${hash("md5", "body")}"`);
  t.is(await after.Body?.transformToString(), "body");
  const kept = ({ ETag, LastModified, Metadata, StorageClass, ChecksumCRC32, TagCount }: typeof before) => [
    ETag,
    LastModified?.getTime(),
    Metadata,
    StorageClass,
    ChecksumCRC32,
    TagCount,
  ];
  t.deepEqual(kept(after), kept(before));
});

test("an object under a key comes under another, without the bucket key that it had", async (t) => {
  await put("rekeyed", { ServerSideEncryption: "aws:kms", SSEKMSKeyId: "old", BucketKeyEnabled: true });
  await update("rekeyed");
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "rekeyed" }));
  t.deepEqual([head.SSEKMSKeyId, head.BucketKeyEnabled], [KMSKeyArn, undefined]);
});

test("one version is changed, the current one unless another is named", async (t) => {
  const Versioned = await makeBucket(s3, "updated-versions");
  const VersioningConfiguration = { Status: "Enabled" as const };
  await s3.send(new PutBucketVersioningCommand({ Bucket: Versioned, VersioningConfiguration }));
  const first = await put("k", { Bucket: Versioned });
  const second = await put("k", { Bucket: Versioned });
  const encryptions = async () => {
    const heads = [first, second].map(({ VersionId }) =>
      s3.send(new HeadObjectCommand({ Bucket: Versioned, Key: "k", VersionId })),
    );
    return (await Promise.all(heads)).map(({ ServerSideEncryption }) => ServerSideEncryption);
  };
  await update("k", { Bucket: Versioned, ...(first.VersionId && { VersionId: first.VersionId }) });
  t.deepEqual(await encryptions(), ["aws:kms", "AES256"]);
  await update("k", { Bucket: Versioned });
  t.deepEqual(await encryptions(), ["aws:kms", "aws:kms"]);
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: Versioned, Key: "k" }));
  const error = await failure(
    update("k", { Bucket: Versioned, ...(marker.VersionId && { VersionId: marker.VersionId }) }),
  );
  t.deepEqual([error.name, error["Method"], error["ResourceType"]], ["MethodNotAllowed", "PUT", "DeleteMarker"]);
});

test("what is not there is not changed", async (t) => {
  const error = await failure(update("absent"));
  t.deepEqual([error.name, error["Key"]], ["NoSuchKey", "absent"]);
  t.deepEqual(await outcome(update("absent", { Bucket: "nobody-made-this-bucket" })), ["NoSuchBucket", 404]);
});

test("objects under DSSE-KMS and SSE-C are not taken", async (t) => {
  const SSECustomerKey = Buffer.alloc(32, "k").toString("base64");
  await put("customer", { SSECustomerAlgorithm: "AES256", SSECustomerKey });
  await put("dsse", { ServerSideEncryption: "aws:kms:dsse" });
  for (const key of ["customer", "dsse"]) {
    t.deepEqual(await told(update(key)), [
      400,
      "InvalidRequest",
      "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
    ]);
  }
});

test("a key is named by its full ARN and is of the bucket's account", async (t) => {
  await put("named");
  const NEEDED = "Requests that modify an object's encryption type to SSE-KMS require";
  t.deepEqual(await told(update("named", { arn: "" })), [
    400,
    "InvalidRequest",
    `${NEEDED} an AWS KMS key Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again.`,
  ]);
  for (const arn of ["1234abcd", "alias/mine", KMSKeyArn.replace("key/", "alias/"), KMSKeyArn.replace("kms", "s3")]) {
    t.deepEqual(await told(update("named", { arn })), [
      400,
      "InvalidRequest",
      `${NEEDED} a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.`,
    ]);
  }
  t.deepEqual(await told(update("named", { arn: KMSKeyArn.replace("123456789012", "210987654321") })), [
    403,
    "AccessDenied",
    "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.",
  ]);
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "named" }))).ServerSideEncryption, "AES256");
});

test("a document that names another encryption is malformed", async (t) => {
  await put("document");
  for (const inner of ["", "<SSE-S3/>", "<SSE-KMS/>"]) {
    const body = `<ObjectEncryption xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ObjectEncryption>`;
    const headers = { "content-md5": hash("md5", body, "base64") };
    const answer = await server.request("PUT", `/${Bucket}/document?encryption`, { headers, body });
    t.is(answer.status, 400);
    t.regex(answer.body.toString(), /<Code>MalformedXML<\/Code>/);
  }
});

test.serial("an object under a lock keeps its encryption, one whose lock is over does not", async (t) => {
  const lockedUntil = (timeMs: number) => ({
    ObjectLockMode: "GOVERNANCE" as const,
    ObjectLockRetainUntilDate: new Date(timeMs),
  });
  await put("held", { Bucket: Locked, ObjectLockLegalHoldStatus: "ON" });
  await put("retained", { Bucket: Locked, ...lockedUntil(time.nowMs + DAY_MS) });
  for (const key of ["held", "retained"]) {
    const error = await failure(update(key, { Bucket: Locked }));
    t.deepEqual([error.name, error.$metadata.httpStatusCode], ["AccessDenied", 403]);
    t.regex(
      error.message,
      /^The encryption type for the specified object can’t be updated because .* S3 Object Lock\./,
    );
  }
  await put("free", { Bucket: Locked, ObjectLockLegalHoldStatus: "OFF" });
  time.nowMs += DAY_MS;
  for (const key of ["retained", "free"]) {
    t.is((await update(key, { Bucket: Locked })).$metadata.httpStatusCode, 200);
  }
});

test("a change to the encryption and one to the tags do not undo each other", async (t) => {
  await put("both");
  const Tagging = { TagSet: [{ Key: "a", Value: "b" }] };
  await Promise.all([update("both"), s3.send(new PutObjectTaggingCommand({ Bucket, Key: "both", Tagging }))]);
  const head = await s3.send(new GetObjectCommand({ Bucket, Key: "both" }));
  t.deepEqual([head.ServerSideEncryption, head.TagCount], ["aws:kms", 1]);
});
