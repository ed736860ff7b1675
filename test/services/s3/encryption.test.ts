/** What a request may name of SSE-S3 and SSE-KMS, and what is answered of it. */
import { hash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { failure } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();
const Bucket = "encryption";
test.before(() => s3.send(new CreateBucketCommand({ Bucket })));

const ACCOUNT = "123456789012";
const SSE = "x-amz-server-side-encryption";
const arn = (resource: string) => `arn:aws:kms:us-east-1:${ACCOUNT}:${resource}`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const raw = (headers: Record<string, string>, path = `/${Bucket}/raw`) =>
  server.request("PUT", path, { headers, body: "body" });

const kmsKey = async (SSEKMSKeyId: string | undefined, options: Parameters<typeof server.s3>[0] = {}) => {
  const name = { Bucket, Key: `key-of-${SSEKMSKeyId}` };
  const client = server.s3(options);
  const written = await client.send(
    new PutObjectCommand({ ...name, Body: "body", ServerSideEncryption: "aws:kms", SSEKMSKeyId }),
  );
  return written.SSEKMSKeyId;
};

test("a key of KMS is answered as an ARN, by whatever it was named", async (t) => {
  t.is(await kmsKey("1234abcd"), arn("key/1234abcd"));
  t.is(await kmsKey("mrk-1234abcd"), arn("key/mrk-1234abcd"));
  t.is(await kmsKey("alias/mine"), arn("alias/mine"));
  const foreign = "arn:aws:kms:us-east-1:210987654321:key/1234abcd";
  t.is(await kmsKey(foreign), foreign);
  t.is(await kmsKey("1234abcd", { accountId: "210987654321" }), foreign);
});

test("without a key's id the account's own key for S3 is meant, always the same one", async (t) => {
  const managed = await kmsKey(undefined);
  t.regex(managed ?? "", new RegExp(`^${arn("key/")}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`));
  t.is(await kmsKey(undefined), managed);
  t.is(await kmsKey("alias/aws/s3"), managed);
  t.not((await kmsKey(undefined, { accountId: "210987654321" }))?.slice(-36), managed?.slice(-36));
});

for (const algorithm of ["aws:kms", "aws:kms:dsse"] as const) {
  test(`${algorithm} is shown by everything that knows of the object`, async (t) => {
    const Key = `shown-${algorithm.replaceAll(":", "-")}`;
    const encryption = { ServerSideEncryption: algorithm, SSEKMSKeyId: "1234abcd" } as const;
    const shows = (answer: { ServerSideEncryption?: string | undefined; SSEKMSKeyId?: string | undefined }) =>
      t.deepEqual([answer.ServerSideEncryption, answer.SSEKMSKeyId], [algorithm, arn("key/1234abcd")]);
    const written = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", ...encryption }));
    shows(written);
    t.regex(written.ETag ?? "", /^"[0-9a-f]{32}"$/);
    t.not(written.ETag, `"${hash("md5", "body")}"`);
    shows(await s3.send(new HeadObjectCommand({ Bucket, Key })));
    const read = await s3.send(new GetObjectCommand({ Bucket, Key }));
    shows(read);
    t.is(await read.Body?.transformToString(), "body");
    const copy = { Bucket, Key: `${Key}-copy`, CopySource: `${Bucket}/${Key}` };
    const copied = await s3.send(new CopyObjectCommand({ ...copy, ...encryption }));
    shows(copied);
    t.not(copied.CopyObjectResult?.ETag, `"${hash("md5", "body")}"`);
    const plain = await s3.send(new CopyObjectCommand(copy));
    t.deepEqual([plain.ServerSideEncryption, plain.SSEKMSKeyId], ["AES256", undefined]);
    t.is(plain.CopyObjectResult?.ETag, `"${hash("md5", "body")}"`);
    const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...encryption }));
    shows(upload);
    const part = { Bucket, Key, UploadId: upload.UploadId, PartNumber: 1 };
    const uploaded = await s3.send(new UploadPartCommand({ ...part, Body: "part" }));
    shows(uploaded);
    t.not(uploaded.ETag, `"${hash("md5", "part")}"`);
    const Parts = [{ PartNumber: 1, ETag: uploaded.ETag, ChecksumCRC32: uploaded.ChecksumCRC32 }];
    const completed = await s3.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }));
    shows(completed);
    t.regex(completed.ETag ?? "", /-1"$/);
  });
}

test("a bucket key is shown where it is on, and DSSE has none", async (t) => {
  const put = async (ServerSideEncryption: "AES256" | "aws:kms" | "aws:kms:dsse", BucketKeyEnabled: boolean) => {
    const input = { Bucket, Key: "bucket-key", Body: "body", ServerSideEncryption, BucketKeyEnabled };
    const written = await s3.send(new PutObjectCommand(input));
    const read = await s3.send(new HeadObjectCommand({ Bucket, Key: "bucket-key" }));
    t.is(read.BucketKeyEnabled, written.BucketKeyEnabled);
    return written.BucketKeyEnabled;
  };
  t.true(await put("aws:kms", true));
  t.is(await put("aws:kms", false), undefined);
  t.is(await put("aws:kms:dsse", true), undefined);
  t.is(await put("AES256", true), undefined);
});

test("an encryption context is answered to writes and to nothing else, and is not copied", async (t) => {
  const context = base64(JSON.stringify({ department: "10103.0", größe: "XL" }));
  const encryption = { ServerSideEncryption: "aws:kms", SSEKMSEncryptionContext: context } as const;
  const name = { Bucket, Key: "context" };
  t.is(
    (await s3.send(new PutObjectCommand({ ...name, Body: "body", ...encryption }))).SSEKMSEncryptionContext,
    context,
  );
  const head = await server.request("HEAD", `/${Bucket}/context`, { headers: { authorization: "AWS AKID:sig" } });
  t.is(head.headers[SSE], "aws:kms");
  t.is(head.headers[`${SSE}-context`], undefined);
  const upload = await s3.send(new CreateMultipartUploadCommand({ ...name, ...encryption }));
  t.is(upload.SSEKMSEncryptionContext, context);
  const copy = { Bucket, Key: "context-copy", CopySource: `${Bucket}/context` };
  t.is((await s3.send(new CopyObjectCommand({ ...copy, ...encryption }))).SSEKMSEncryptionContext, context);
  const plain = await s3.send(new CopyObjectCommand({ ...copy, ServerSideEncryption: "aws:kms" }));
  t.is(plain.SSEKMSEncryptionContext, undefined);
});

test("an encryption context is the base64 of a JSON object of texts", async (t) => {
  const wrong = [
    "not base64",
    "e30",
    base64("{"),
    base64('"text"'),
    base64("[]"),
    base64("null"),
    base64('{"a":1}'),
    base64('{"a":{"b":"c"}}'),
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x22, 0x22, 0x7d]).toString("base64"),
  ];
  for (const context of wrong) {
    const answer = await raw({ [SSE]: "aws:kms", [`${SSE}-context`]: context });
    t.is(answer.status, 400, context);
    t.is(element(answer, "Code"), "InvalidArgument");
    t.is(element(answer, "ArgumentName"), `${SSE}-context`);
    t.is(element(answer, "ArgumentValue"), context);
    t.is(
      element(answer, "Message"),
      "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
    );
  }
  t.is((await raw({ [SSE]: "aws:kms", [`${SSE}-context`]: "e30=" })).status, 200);
});

for (const value of ["", "aes256", "AES512", "aws:fsx", "aes:kms"]) {
  test(`the encryption method ${JSON.stringify(value)} is not supported`, async (t) => {
    for (const [method, path] of [
      ["PUT", `/${Bucket}/raw`],
      ["POST", `/${Bucket}/raw?uploads`],
    ] as const) {
      const answer = await server.request(method, path, { headers: { [SSE]: value } });
      t.is(answer.status, 400);
      t.is(element(answer, "Code"), "InvalidArgument");
      t.is(element(answer, "Message"), "The encryption method specified is not supported");
      t.is(element(answer, "ArgumentName"), SSE);
      t.is(element(answer, "ArgumentValue"), value);
    }
  });
}

test("a key or a context of KMS needs KMS", async (t) => {
  for (const [headers, value] of [
    [{ [`${SSE}-aws-kms-key-id`]: "1234abcd" }, "null"],
    [{ [`${SSE}-aws-kms-key-id`]: "1234abcd", [SSE]: "AES256" }, "AES256"],
    [{ [`${SSE}-context`]: "e30=" }, "null"],
    [{ [`${SSE}-context`]: "e30=", [SSE]: "AES256" }, "AES256"],
  ] as const) {
    const answer = await raw(headers);
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "InvalidArgument");
    t.is(
      element(answer, "Message"),
      "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
    );
    t.deepEqual([element(answer, "ArgumentName"), element(answer, "ArgumentValue")], [SSE, value]);
  }
});

test("reads that name an encryption are refused", async (t) => {
  await raw({});
  const headers = { authorization: "AWS AKIDEXAMPLE:signature", [SSE]: "AES256" };
  const answer = await server.request("GET", `/${Bucket}/raw`, { headers });
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "InvalidArgument");
  t.is(element(answer, "Message"), "x-amz-server-side-encryption header is not supported for this operation.");
  t.deepEqual([element(answer, "ArgumentName"), element(answer, "ArgumentValue")], [SSE, "AES256"]);
  t.is((await server.request("HEAD", `/${Bucket}/raw`, { headers })).status, 400);
  t.is((await server.request("HEAD", `/${Bucket}/raw`, { headers: { authorization: "AWS AKID:sig" } })).status, 200);
});

test("parts, completions and lists that name an encryption are refused", async (t) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  await raw({});
  const parts = `/${Bucket}/parts?uploadId=${UploadId}`;
  const source = { "x-amz-copy-source": `/${Bucket}/raw` };
  for (const [method, path, headers] of [
    ["PUT", `${parts}&partNumber=1`, {}],
    ["PUT", `${parts}&partNumber=1`, source],
    ["POST", parts, {}],
    ["GET", `/${Bucket}`, {}],
    ["GET", `/${Bucket}?list-type=2`, {}],
  ] as const) {
    const answer = await server.request(method, path, { headers: { ...headers, [SSE]: "AES256" }, body: "" });
    t.is(answer.status, 400);
    t.is(element(answer, "Message"), "x-amz-server-side-encryption header is not supported for this operation.");
    t.deepEqual([element(answer, "ArgumentName"), element(answer, "ArgumentValue")], [SSE, "AES256"]);
  }
});

test("a copy onto itself that names an encryption changes enough, even if it is the same", async (t) => {
  const name = { Bucket, Key: "itself", CopySource: `${Bucket}/itself` };
  await s3.send(new PutObjectCommand({ Bucket, Key: "itself", Body: "body" }));
  t.is((await failure(s3.send(new CopyObjectCommand(name)))).name, "InvalidRequest");
  const copied = await s3.send(new CopyObjectCommand({ ...name, ServerSideEncryption: "AES256" }));
  t.is(copied.ServerSideEncryption, "AES256");
});
