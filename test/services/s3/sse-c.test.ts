/** Objects under a customer's key: who must name it where, and what a wrong one is told. */
import { hash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();
const Bucket = "customers-keys";
test.before(() => s3.send(new CreateBucketCommand({ Bucket })));

const SSE = "x-amz-server-side-encryption";
const keyOf = (bytes: Uint8Array) => ({
  SSECustomerAlgorithm: "AES256",
  SSECustomerKey: Buffer.from(bytes).toString("base64"),
  SSECustomerKeyMD5: hash("md5", bytes, "base64"),
});
const KEY = keyOf(Buffer.alloc(32, "k"));
const OTHER = keyOf(Buffer.alloc(32, "o"));
const SHORT = keyOf(Buffer.alloc(10, "s"));
const source = (key: typeof KEY) => ({
  CopySourceSSECustomerAlgorithm: key.SSECustomerAlgorithm,
  CopySourceSSECustomerKey: key.SSECustomerKey,
  CopySourceSSECustomerKeyMD5: key.SSECustomerKeyMD5,
});

const PROVIDED = "Requests specifying Server Side Encryption with Customer provided keys must provide";
const WITHOUT =
  "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.";
const WRONG = `${PROVIDED} the correct secret key.`;
const MISSING =
  "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.";
const MISMATCH = "The provided encryption parameters did not match the ones used originally.";

const told = async (call: Promise<unknown>) => {
  const { name, message, $metadata } = await failure(call);
  return [$metadata.httpStatusCode, name, message];
};
const putUnder = (Key: string, key: typeof KEY = KEY) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", ...key }));

/** Every operation that reads an object, as a call with a key or without. */
const READS = {
  GetObject: (Key: string, key: Partial<typeof KEY>) => s3.send(new GetObjectCommand({ Bucket, Key, ...key })),
  GetObjectAttributes: (Key: string, key: Partial<typeof KEY>) =>
    s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ["ETag", "ObjectSize"], ...key })),
  CopyObject: (Key: string, key: Partial<typeof KEY>) =>
    s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: `copy-of-${Key}`,
        CopySource: `${Bucket}/${Key}`,
        CopySourceSSECustomerAlgorithm: key.SSECustomerAlgorithm,
        CopySourceSSECustomerKey: key.SSECustomerKey,
        CopySourceSSECustomerKeyMD5: key.SSECustomerKeyMD5,
      }),
    ),
};

test("fact 2: objects under a customer's key are answered with its algorithm and MD5, and with no other encryption", async (t) => {
  const shows = (answer: object) => {
    const { SSECustomerAlgorithm, SSECustomerKeyMD5, ServerSideEncryption } = answer as Record<string, unknown>;
    const wanted = ["AES256", KEY.SSECustomerKeyMD5, undefined];
    t.deepEqual([SSECustomerAlgorithm, SSECustomerKeyMD5, ServerSideEncryption], wanted);
  };
  shows(await putUnder("shown"));
  const read = await READS.GetObject("shown", KEY);
  shows(read);
  t.is(await read.Body?.transformToString(), "body");
  shows(await s3.send(new HeadObjectCommand({ Bucket, Key: "shown", ...KEY })));
  const copy = { Bucket, Key: "shown-copy", CopySource: `${Bucket}/shown`, ...source(KEY) };
  shows(await s3.send(new CopyObjectCommand({ ...copy, ...KEY })));
  const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "shown-parts", ...KEY }));
  shows(upload);
  const part = { Bucket, Key: "shown-parts", UploadId: upload.UploadId, PartNumber: 1 };
  shows(await s3.send(new UploadPartCommand({ ...part, Body: "part", ...KEY })));
  const copied = { ...part, CopySource: `${Bucket}/shown`, ...source(KEY), ...KEY };
  shows(await s3.send(new UploadPartCopyCommand(copied)));
});

for (const [operation, read] of Object.entries(READS)) {
  test(`fact 52: ${operation} of an object under a customer's key wants the key, and the right one`, async (t) => {
    const Key = `read-by-${operation}`;
    await putUnder(Key);
    t.deepEqual(await told(read(Key, {})), [400, "InvalidRequest", WITHOUT]);
    t.deepEqual(await told(read(Key, OTHER)), [403, "AccessDenied", WRONG]);
    t.deepEqual(await told(read(Key, SHORT)), [403, "AccessDenied", WRONG]);
    t.is((await read(Key, KEY)).$metadata.httpStatusCode, 200);
  });

  test(`${operation} with a key of an object that has none is refused`, async (t) => {
    const Key = `without-by-${operation}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "body" }));
    t.deepEqual(await told(read(Key, KEY)), [
      400,
      "InvalidRequest",
      "The encryption parameters are not applicable to this object.",
    ]);
  });

  test(`fact 51: ${operation} is told what is wrong with its key`, async (t) => {
    const Key = `told-${operation}`;
    await putUnder(Key);
    const { SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 } = KEY;
    for (const [given, code, value, message] of [
      [{ SSECustomerKey, SSECustomerKeyMD5 }, "InvalidArgument", "null", `${PROVIDED} a valid encryption algorithm.`],
      [
        { SSECustomerAlgorithm, SSECustomerKeyMD5 },
        "InvalidArgument",
        "null",
        `${PROVIDED} an appropriate secret key.`,
      ],
      [
        { ...KEY, SSECustomerAlgorithm: "aes-256" },
        "InvalidEncryptionAlgorithmError",
        "aes-256",
        "The Encryption request you specified is not valid. Supported value: AES256.",
      ],
    ] as const) {
      const error = await failure(read(Key, given));
      t.deepEqual([error.name, error.message], [code, message]);
      t.deepEqual([error["ArgumentName"], error["ArgumentValue"]], [SSE, value]);
    }
  });
}

test("fact 51: for a write a key must have 32 bytes", async (t) => {
  const INVALID = "The secret key was invalid for the specified algorithm.";
  t.deepEqual(await told(putUnder("short", SHORT)), [400, "InvalidArgument", INVALID]);
  const to = { Bucket, Key: "short", CopySource: `${Bucket}/short-source` };
  await s3.send(new PutObjectCommand({ Bucket, Key: "short-source", Body: "body" }));
  t.deepEqual(await told(s3.send(new CopyObjectCommand({ ...to, ...SHORT }))), [400, "InvalidArgument", INVALID]);
});

test("fact 51: a key's MD5 must be its own, which is looked at before the key's length, and must not be missing", async (t) => {
  await putUnder("md5");
  // The SDK would make the MD5 anew.
  const send = (method: string, key: string | undefined, keyMd5: string | undefined) => {
    const headers = {
      authorization: "AWS AKIDEXAMPLE:signature",
      [`${SSE}-customer-algorithm`]: "AES256",
      ...(key === undefined ? {} : { [`${SSE}-customer-key`]: key }),
      ...(keyMd5 === undefined ? {} : { [`${SSE}-customer-key-md5`]: keyMd5 }),
    };
    return server.request(method, `/${Bucket}/md5`, { headers });
  };
  for (const method of ["PUT", "GET"]) {
    for (const key of [KEY, SHORT]) {
      const off = await send(method, key.SSECustomerKey, OTHER.SSECustomerKeyMD5);
      t.is(off.status, 400);
      t.is(element(off, "Code"), "InvalidArgument");
      t.is(element(off, "Message"), "The calculated MD5 hash of the key did not match the hash that was provided.");
      t.deepEqual([element(off, "ArgumentName"), element(off, "ArgumentValue")], [SSE, "null"]);
    }
    const missing = await send(method, KEY.SSECustomerKey, undefined);
    t.is(missing.status, 400);
    t.is(element(missing, "Message"), "The secret key was invalid for the specified algorithm.");
  }
});

test("fact 51: a customer's key beside another encryption is refused before the key is looked at", async (t) => {
  for (const ServerSideEncryption of ["AES256", "aws:kms"] as const) {
    const input = { Bucket, Key: "both", Body: "body", ...KEY, SSECustomerAlgorithm: "none", ServerSideEncryption };
    const error = await failure(s3.send(new PutObjectCommand(input)));
    t.is(
      error.message,
      "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
    );
    t.deepEqual([error["ArgumentName"], error["ArgumentValue"]], [SSE, ServerSideEncryption]);
  }
});

test("fact 52: HEAD answers the same by its status alone", async (t) => {
  await putUnder("head");
  const head = async (key: Partial<typeof KEY>) =>
    (await failure(s3.send(new HeadObjectCommand({ Bucket, Key: "head", ...key })))).$metadata.httpStatusCode;
  t.is(await head({}), 400);
  t.is(await head(OTHER), 403);
});

test("fact 52: the ETag of an object under a customer's key is not the MD5 of its bytes", async (t) => {
  const { ETag } = await putUnder("etag");
  t.regex(ETag ?? "", /^"[0-9a-f]{32}"$/);
  t.not(ETag, `"${hash("md5", "body")}"`);
  t.is((await READS.GetObject("etag", KEY)).ETag, ETag);
  t.is((await READS.GetObjectAttributes("etag", KEY)).ETag, ETag?.slice(1, -1));
  const copied = await READS.CopyObject("etag", KEY);
  t.is(copied.CopyObjectResult?.ETag, `"${hash("md5", "body")}"`);
  t.is(copied.ServerSideEncryption, "AES256");
});

test("a copy takes another key for its own: from one customer's key to another's", async (t) => {
  await putUnder("rekey");
  const itself = { Bucket, Key: "rekey", CopySource: `${Bucket}/rekey`, ...source(KEY), ...OTHER };
  t.is((await s3.send(new CopyObjectCommand(itself))).SSECustomerKeyMD5, OTHER.SSECustomerKeyMD5);
  t.deepEqual(await told(READS.GetObject("rekey", KEY)), [403, "AccessDenied", WRONG]);
  t.is(await (await READS.GetObject("rekey", OTHER)).Body?.transformToString(), "body");
});

test("every version has the key that it was written under", async (t) => {
  const Versioned = await makeBucket(s3, "versioned-keys");
  const VersioningConfiguration = { Status: "Enabled" as const };
  await s3.send(new PutBucketVersioningCommand({ Bucket: Versioned, VersioningConfiguration }));
  const name = { Bucket: Versioned, Key: "k" };
  const first = await s3.send(new PutObjectCommand({ ...name, Body: "first", ...KEY }));
  await s3.send(new PutObjectCommand({ ...name, Body: "second", ...OTHER }));
  const get = (VersionId: string | undefined, key: typeof KEY) =>
    s3.send(new GetObjectCommand({ ...name, VersionId, ...key }));
  t.is(await (await get(first.VersionId, KEY)).Body?.transformToString(), "first");
  t.is(await (await get(undefined, OTHER)).Body?.transformToString(), "second");
  t.deepEqual(await told(get(first.VersionId, OTHER)), [403, "AccessDenied", WRONG]);
  t.deepEqual(await told(get(undefined, KEY)), [403, "AccessDenied", WRONG]);
});

test("a form may name a customer's key, and is answered as other writes are", async (t) => {
  const send = (more: Record<string, string>) => {
    const fields = Object.entries({ key: "form", ...more }).map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const file = '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--x--\r\n';
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    return server.request("POST", `/${Bucket}`, { headers, body: fields.join("") + file });
  };
  const key = {
    [`${SSE}-customer-algorithm`]: "AES256",
    [`${SSE}-customer-key`]: KEY.SSECustomerKey,
    [`${SSE}-customer-key-MD5`]: KEY.SSECustomerKeyMD5,
  };
  const written = await send(key);
  t.is(written.status, 204);
  t.is(written.headers[`${SSE}-customer-key-md5`], KEY.SSECustomerKeyMD5);
  t.is(written.headers[SSE], undefined);
  t.deepEqual(await told(READS.GetObject("form", {})), [400, "InvalidRequest", WITHOUT]);
  t.is(await (await READS.GetObject("form", KEY)).Body?.transformToString(), "body");
  const refused = await send({ ...key, [`${SSE}-customer-key-MD5`]: OTHER.SSECustomerKeyMD5 });
  t.is(refused.status, 400);
  t.is(element(refused, "Message"), "The calculated MD5 hash of the key did not match the hash that was provided.");
});

test("an object under a customer's key is deleted without it", async (t) => {
  await putUnder("deleted");
  const { $metadata } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "deleted" }));
  t.is($metadata.httpStatusCode, 204);
  t.deepEqual(await outcome(READS.GetObject("deleted", KEY)), ["NoSuchKey", 404]);
});

test("fact 52: parts and copied parts have the key of their upload", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "part-source", Body: "body" }));
  const calls = async (begun: Partial<typeof KEY>, key: Partial<typeof KEY>) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts", ...begun }));
    const part = { Bucket, Key: "parts", UploadId, PartNumber: 1, ...key };
    return [
      s3.send(new UploadPartCommand({ ...part, Body: "part" })),
      s3.send(new UploadPartCopyCommand({ ...part, CopySource: `${Bucket}/part-source` })),
    ];
  };
  for (const [begun, key, message] of [
    [KEY, {}, MISSING],
    [{}, KEY, MISSING],
    [KEY, OTHER, MISMATCH],
    [KEY, SHORT, MISMATCH],
  ] as const) {
    for (const call of await calls(begun, key)) t.deepEqual(await told(call), [400, "InvalidRequest", message]);
  }
});

test("an upload under a customer's key is listed and completed without it or with it, but not with another", async (t) => {
  for (const key of [{}, KEY]) {
    const begun = { Bucket, Key: "completed", ...KEY };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(begun));
    const name = { Bucket, Key: "completed", UploadId };
    const { ETag, ChecksumCRC32 } = await s3.send(
      new UploadPartCommand({ ...name, PartNumber: 1, Body: "part", ...KEY }),
    );
    t.deepEqual(await told(s3.send(new ListPartsCommand({ ...name, ...OTHER }))), [400, "InvalidRequest", MISMATCH]);
    t.is((await s3.send(new ListPartsCommand({ ...name, ...key }))).Parts?.length, 1);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
    const wrong = new CompleteMultipartUploadCommand({ ...name, MultipartUpload, ...OTHER });
    t.deepEqual(await told(s3.send(wrong)), [400, "InvalidRequest", MISMATCH]);
    const completed = await s3.send(new CompleteMultipartUploadCommand({ ...name, MultipartUpload, ...key }));
    t.is(completed.ServerSideEncryption, undefined);
    t.deepEqual(await told(READS.GetObject("completed", {})), [400, "InvalidRequest", WITHOUT]);
    t.is(await (await READS.GetObject("completed", KEY)).Body?.transformToString(), "part");
  }
});
