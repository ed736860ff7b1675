/** The bucket's own encryption: what may be put, what is answered, and what it does to writes that name none. */
import { hash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();

const ACCOUNT = "123456789012";
const KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
const KEY_ARN = `arn:aws:kms:us-east-1:${ACCOUNT}:key/${KEY_ID}`;
const NEW_RULE = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false };

const put = (Bucket: string, ...Rules: ServerSideEncryptionRule[]) =>
  s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
const rules = async (Bucket: string) =>
  (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration?.Rules;
const kms = (KMSMasterKeyID?: string, SSEAlgorithm: "aws:kms" | "aws:kms:dsse" = "aws:kms") => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm, ...(KMSMasterKeyID === undefined ? {} : { KMSMasterKeyID }) },
});
type Shown = {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  BucketKeyEnabled?: boolean | undefined;
};
const shown = ({ ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled }: Shown) => [
  ServerSideEncryption,
  SSEKMSKeyId,
  BucketKeyEnabled,
];

test("fact 2: a new bucket encrypts with AES256 and no bucket key", async (t) => {
  const Bucket = await makeBucket(s3, "new");
  t.deepEqual(await rules(Bucket), [NEW_RULE]);
});

test("fact 2: what is written to a bucket without settings is answered as AES256 by every operation", async (t) => {
  const Bucket = await makeBucket(s3, "plain");
  const name = { Bucket, Key: "k" };
  t.is((await s3.send(new PutObjectCommand({ ...name, Body: "body" }))).ServerSideEncryption, "AES256");
  t.is((await s3.send(new GetObjectCommand(name))).ServerSideEncryption, "AES256");
  t.is((await s3.send(new HeadObjectCommand(name))).ServerSideEncryption, "AES256");
  const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/k` };
  t.is((await s3.send(new CopyObjectCommand(copy))).ServerSideEncryption, "AES256");
  const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  t.is(upload.ServerSideEncryption, "AES256");
  const part = { Bucket, Key: "parts", UploadId: upload.UploadId, PartNumber: 1 };
  t.is((await s3.send(new UploadPartCommand({ ...part, Body: "part" }))).ServerSideEncryption, "AES256");
  const copied = await s3.send(new UploadPartCopyCommand({ ...part, CopySource: `${Bucket}/k` }));
  t.is(copied.ServerSideEncryption, "AES256");
  const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
  const completed = await s3.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }));
  t.is(completed.ServerSideEncryption, "AES256");
});

test("fact 2: deleting a bucket's encryption is 204, again and again, and leaves that of a new bucket", async (t) => {
  const Bucket = await makeBucket(s3, "deleted");
  await put(Bucket, { ...kms(KEY_ARN), BucketKeyEnabled: true });
  for (let time = 0; time < 2; time += 1) {
    const { $metadata } = await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    t.deepEqual(await rules(Bucket), [NEW_RULE]);
  }
  const written = await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body" }));
  t.deepEqual(shown(written), ["AES256", undefined, undefined]);
});

test("a rule is answered as it was put: a key's id stays an id", async (t) => {
  const Bucket = await makeBucket(s3, "kept");
  const { $metadata } = await put(Bucket, { ...kms(KEY_ID), BucketKeyEnabled: true });
  t.is($metadata.httpStatusCode, 200);
  t.deepEqual(await rules(Bucket), [{ ...kms(KEY_ID), BucketKeyEnabled: true }]);
  await put(Bucket, kms("alias/mine"));
  t.deepEqual(await rules(Bucket), [{ ...kms("alias/mine"), BucketKeyEnabled: false }]);
});

test("a configuration has one rule with an algorithm or blocked types", async (t) => {
  const Bucket = await makeBucket(s3, "malformed");
  const rule = kms();
  const blocked = (...EncryptionType: string[]) =>
    ({ BlockedEncryptionTypes: { EncryptionType } }) as unknown as typeof rule;
  const unknown = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES512" } } as unknown as typeof rule;
  for (const wrong of [[], [rule, rule], [{}], [{ BucketKeyEnabled: true }], [unknown]]) {
    const error = await failure(put(Bucket, ...wrong));
    t.is(error.name, "MalformedXML");
    t.is(error.message, "The XML you provided was not well-formed or did not validate against our published schema");
  }
  for (const types of [["SSE-S3"], ["NONE", "SSE-C"]]) {
    t.deepEqual(await outcome(put(Bucket, blocked(...types))), ["MalformedXML", 400]);
  }
  t.deepEqual(await rules(Bucket), [NEW_RULE]);
});

test("a key is for KMS alone", async (t) => {
  const Bucket = await makeBucket(s3, "keyed");
  const error = await failure(
    put(Bucket, { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256", KMSMasterKeyID: KEY_ID } }),
  );
  t.is(error.name, "InvalidArgument");
  t.is(error["ArgumentName"], "ApplyServerSideEncryptionByDefault");
  t.false("ArgumentValue" in error);
  t.is(error.message, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
  await put(Bucket, kms(KEY_ID, "aws:kms:dsse"));
  t.deepEqual(await rules(Bucket), [{ ...kms(KEY_ID, "aws:kms:dsse"), BucketKeyEnabled: false }]);
});

test("a key's id is what a header can carry, in 2,048 characters", async (t) => {
  const Bucket = await makeBucket(s3, "key-id");
  for (const id of ["\u043a\u043b\u044e\u0447", "a\nb", "a b", "k".repeat(2_049)]) {
    const error = await failure(put(Bucket, kms(id)));
    t.deepEqual([error.name, error["ArgumentName"]], ["InvalidArgument", "ApplyServerSideEncryptionByDefault"]);
  }
  await put(Bucket, kms("k".repeat(2_048)));
  t.deepEqual(await rules(Bucket), [{ ...kms("k".repeat(2_048)), BucketKeyEnabled: false }]);
});

test("an algorithm of another service's access points is refused", async (t) => {
  const Bucket = await makeBucket(s3, "fsx");
  const error = await failure(put(Bucket, { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:fsx" } }));
  t.deepEqual([error.name, error["ArgumentValue"]], ["InvalidArgument", "aws:fsx"]);
});

test("a bucket that is not there has no encryption to read, set or delete", async (t) => {
  const Bucket = "nobody-made-this-bucket";
  t.deepEqual(await outcome(rules(Bucket)), ["NoSuchBucket", 404]);
  t.deepEqual(await outcome(put(Bucket)), ["NoSuchBucket", 404]);
  t.deepEqual(await outcome(s3.send(new DeleteBucketEncryptionCommand({ Bucket }))), ["NoSuchBucket", 404]);
});

test("writes that name no encryption get the bucket's, and every answer shows it", async (t) => {
  const Bucket = await makeBucket(s3, "applied");
  await s3.send(new PutObjectCommand({ Bucket, Key: "before", Body: "body" }));
  await put(Bucket, { ...kms(KEY_ID), BucketKeyEnabled: true });
  const wanted = ["aws:kms", KEY_ARN, true];
  const name = { Bucket, Key: "k" };
  t.deepEqual(shown(await s3.send(new PutObjectCommand({ ...name, Body: "body" }))), wanted);
  t.deepEqual(shown(await s3.send(new GetObjectCommand(name))), wanted);
  t.deepEqual(shown(await s3.send(new HeadObjectCommand(name))), wanted);
  const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/before` };
  t.deepEqual(shown(await s3.send(new CopyObjectCommand(copy))), wanted);
  t.deepEqual(shown(await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))), wanted);
  const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  t.deepEqual(shown(upload), wanted);
  const part = { Bucket, Key: "parts", UploadId: upload.UploadId, PartNumber: 1 };
  const uploaded = await s3.send(new UploadPartCommand({ ...part, Body: "part" }));
  t.deepEqual(shown(uploaded), wanted);
  const Parts = [{ PartNumber: 1, ETag: uploaded.ETag, ChecksumCRC32: uploaded.ChecksumCRC32 }];
  const completed = await s3.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }));
  t.deepEqual(shown(completed), wanted);
  t.deepEqual(shown(await s3.send(new HeadObjectCommand({ Bucket, Key: "parts" }))), wanted);
  t.deepEqual(shown(await s3.send(new HeadObjectCommand({ Bucket, Key: "before" }))), ["AES256", undefined, undefined]);
});

test("a form that names no encryption gets the bucket's", async (t) => {
  const Bucket = await makeBucket(s3, "form");
  await put(Bucket, kms(KEY_ID));
  const field = (name: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const file = `--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--x--\r\n`;
  const answer = await server.request("POST", `/${Bucket}`, {
    headers: { "content-type": "multipart/form-data; boundary=x" },
    body: field("key", "form") + file,
  });
  t.is(answer.status, 204);
  t.is(answer.headers["x-amz-server-side-encryption"], "aws:kms");
  t.is(answer.headers["x-amz-server-side-encryption-aws-kms-key-id"], KEY_ARN);
  t.deepEqual(shown(await s3.send(new HeadObjectCommand({ Bucket, Key: "form" }))), ["aws:kms", KEY_ARN, undefined]);
});

test("what a request names goes before the bucket's rule", async (t) => {
  const Bucket = await makeBucket(s3, "named");
  await put(Bucket, { ...kms(KEY_ID), BucketKeyEnabled: true });
  const written = async (more: Partial<ConstructorParameters<typeof PutObjectCommand>[0]>) =>
    shown(await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body", ...more })));
  t.deepEqual(await written({ ServerSideEncryption: "AES256" }), ["AES256", undefined, undefined]);
  const other = `arn:aws:kms:us-east-1:${ACCOUNT}:key/other`;
  t.deepEqual(await written({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "other" }), ["aws:kms", other, true]);
  t.deepEqual(await written({ BucketKeyEnabled: false }), ["aws:kms", KEY_ARN, undefined]);
  t.deepEqual(await written({ ServerSideEncryption: "aws:kms:dsse", SSEKMSKeyId: KEY_ID }), [
    "aws:kms:dsse",
    KEY_ARN,
    undefined,
  ]);
  // Without a key's id the account's own key is meant, not the rule's.
  const [algorithm, managed, bucketKey] = await written({ ServerSideEncryption: "aws:kms" });
  t.deepEqual([algorithm, bucketKey], ["aws:kms", true]);
  t.regex(String(managed), new RegExp(`^arn:aws:kms:us-east-1:${ACCOUNT}:key/[0-9a-f-]{36}$`));
  t.not(managed, KEY_ARN);
});

test("a bucket key of a rule for AES256 is kept and does nothing", async (t) => {
  const Bucket = await makeBucket(s3, "keyless");
  await put(Bucket, { ...NEW_RULE, BucketKeyEnabled: true } as ServerSideEncryptionRule);
  t.is((await rules(Bucket))?.[0]?.BucketKeyEnabled, true);
  const written = await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body" }));
  t.deepEqual(shown(written), ["AES256", undefined, undefined]);
});

test("an object may be copied onto itself to get the encryption that its bucket was given", async (t) => {
  const Bucket = await makeBucket(s3, "in-place");
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body" }));
  const copy = () => s3.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/k` }));
  t.deepEqual(await outcome(copy()), ["InvalidRequest", 400]);
  await put(Bucket, kms(KEY_ID));
  t.deepEqual(shown(await copy()), ["aws:kms", KEY_ARN, undefined]);
});

const BLOCKED = { BlockedEncryptionTypes: { EncryptionType: ["SSE-C" as const] } };
const customer = {
  SSECustomerAlgorithm: "AES256",
  SSECustomerKey: Buffer.alloc(32, "k").toString("base64"),
};

test("a bucket that blocks SSE-C refuses customers' keys for all that is written, and still reads what has one", async (t) => {
  const Bucket = await makeBucket(s3, "blocked");
  const md5 = hash("md5", Buffer.alloc(32, "k"), "base64");
  const key = { ...customer, SSECustomerKeyMD5: md5 };
  await s3.send(new PutObjectCommand({ Bucket, Key: "old", Body: "body", ...key }));
  const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts", ...key }));
  await put(Bucket, BLOCKED);
  const error = await failure(s3.send(new PutObjectCommand({ Bucket, Key: "a/b", Body: "body", ...key })));
  t.deepEqual([error.name, error.$metadata.httpStatusCode], ["AccessDenied", 403]);
  t.is(
    error.message,
    `User: arn:aws:iam::${ACCOUNT}:root is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${Bucket}/a/b" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type`,
  );
  const source = {
    CopySource: `${Bucket}/old`,
    CopySourceSSECustomerAlgorithm: key.SSECustomerAlgorithm,
    CopySourceSSECustomerKey: key.SSECustomerKey,
    CopySourceSSECustomerKeyMD5: md5,
  };
  const copied = await failure(s3.send(new CopyObjectCommand({ Bucket, Key: "copy", ...source, ...key })));
  t.is(copied.name, "AccessDenied");
  t.regex(copied.message, /perform: s3:CopyObject on resource/);
  const part = { Bucket, Key: "parts", UploadId: upload.UploadId, PartNumber: 1, ...key };
  for (const call of [
    s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "k", ...key })),
    s3.send(new UploadPartCommand({ ...part, Body: "part" })),
    s3.send(new UploadPartCopyCommand({ ...part, ...source })),
  ]) {
    t.deepEqual(await outcome(call), ["AccessDenied", 403]);
  }
  const read = await s3.send(new GetObjectCommand({ Bucket, Key: "old", ...key }));
  t.is(await read.Body?.transformToString(), "body");
  t.is((await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", ...source }))).ServerSideEncryption, "AES256");
  t.is((await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body" }))).ServerSideEncryption, "AES256");
});

test("a rule changes what it names: the algorithm stays when types are blocked, and the block when an algorithm is put", async (t) => {
  const Bucket = await makeBucket(s3, "merged");
  await put(Bucket, { ...kms(KEY_ID), BucketKeyEnabled: true });
  await put(Bucket, BLOCKED);
  t.deepEqual(await rules(Bucket), [{ ...kms(KEY_ID), BucketKeyEnabled: true, ...BLOCKED }]);
  await put(Bucket, { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } });
  t.deepEqual(await rules(Bucket), [{ ...NEW_RULE, ...BLOCKED }] as ServerSideEncryptionRule[]);
  const none = { BlockedEncryptionTypes: { EncryptionType: ["NONE" as const] } };
  await put(Bucket, none);
  t.deepEqual(await rules(Bucket), [{ ...NEW_RULE, ...none }] as ServerSideEncryptionRule[]);
});
