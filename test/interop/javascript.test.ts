/** The AWS SDK for JavaScript as programs use it, with lib-storage and the presigner, and every signature verified. */
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  type ChecksumAlgorithm,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import test, { type ExecutionContext } from "ava";
import { assume } from "../support/accounts.ts";
import { SDK_STEPS } from "./sdk-steps.ts";
import { CREDENTIALS, startStrict } from "./strict-server.ts";

const MIB = 1024 * 1024;
const Bucket = "from-javascript";
/** Nasty enough that a signature over a wrongly encoded key does not match. */
const KEY = "a b+c/ü%2F=&.txt";
const CONTENT = Buffer.from("from JavaScript, with love");

/** Bytes that differ from place to place, so that a part in the wrong place is found out. */
const bodyOf = (sizeBytes: number): Buffer => {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let state = sizeBytes;
  for (const at of words.keys()) words[at] = state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Buffer.from(words.buffer, 0, sizeBytes);
};

const LARGE = bodyOf(20 * MIB + 3);

type World = { readonly t: ExecutionContext; readonly s3: S3Client; readonly other: () => Promise<S3Client> };
type Step = (world: World) => Promise<void>;

const read = async (s3: S3Client, Key: string): Promise<Buffer> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

const put: Step = async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const described = { Metadata: { colour: "blue" }, ContentType: "text/plain" };
  await s3.send(new PutObjectCommand({ Bucket, Key: KEY, Body: CONTENT, ...described }));
};

const get: Step = async ({ t, s3 }) => {
  const { Metadata, ContentType } = await s3.send(new HeadObjectCommand({ Bucket, Key: KEY }));
  t.deepEqual({ Metadata, ContentType }, { Metadata: { colour: "blue" }, ContentType: "text/plain" });
  t.deepEqual(await read(s3, KEY), CONTENT);
  await t.throwsAsync(read(s3, "missing"), { instanceOf: NoSuchKey });
};

const rangedGet: Step = async ({ t, s3 }) => {
  const { Body, ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key: KEY, Range: "bytes=5-14" }));
  t.is(await Body?.transformToString(), "JavaScript");
  t.is(ContentRange, `bytes 5-14/${CONTENT.length}`);
};

const multipart: Step = async ({ t, s3 }) => {
  const streamed = () => Readable.from([LARGE.subarray(0, 7), LARGE.subarray(7)], { objectMode: false });
  const uploads = [
    ["large", { Body: LARGE }],
    ["streamed", { Body: streamed(), ChecksumAlgorithm: "SHA256" }],
  ] as const;
  for (const [Key, body] of uploads) {
    const upload = new Upload({ client: s3, params: { Bucket, Key, ...body }, partSize: 8 * MIB });
    let loaded = 0;
    upload.on("httpUploadProgress", (progress) => (loaded = progress.loaded ?? 0));
    t.regex((await upload.done()).ETag ?? "", /-3"$/);
    t.is(loaded, LARGE.length);
    t.true((await read(s3, Key)).equals(LARGE), Key);
  }
};

const checksums: Step = async ({ t, s3 }) => {
  const body = bodyOf(200_000);
  const { ChecksumCRC32 } = await s3.send(new PutObjectCommand({ Bucket, Key: "default", Body: body }));
  t.truthy(ChecksumCRC32, "the SDK's default");
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] satisfies ChecksumAlgorithm[]) {
    const streamed = { Body: Readable.from([body], { objectMode: false }), ContentLength: body.length };
    for (const content of [{ Body: body }, streamed])
      await s3.send(new PutObjectCommand({ Bucket, Key: ChecksumAlgorithm, ChecksumAlgorithm, ...content }));
    t.true((await read(s3, ChecksumAlgorithm)).equals(body), ChecksumAlgorithm);
  }
  const { ChecksumSHA256 } = await s3.send(new HeadObjectCommand({ Bucket, Key: "SHA256", ChecksumMode: "ENABLED" }));
  t.truthy(ChecksumSHA256);
  const wrong = new PutObjectCommand({ Bucket, Key: "wrong", Body: CONTENT, ChecksumSHA256 });
  await t.throwsAsync(s3.send(wrong), { name: "BadDigest" });
};

const conditionalPut: Step = async ({ t, s3 }) => {
  const once = async () => s3.send(new PutObjectCommand({ Bucket, Key: "once", Body: CONTENT, IfNoneMatch: "*" }));
  await once();
  await t.throwsAsync(once(), { name: "PreconditionFailed" });
};

const listPages: Step = async ({ t, s3 }) => {
  const keys = Array.from({ length: 25 }, (_, number) => `list/${String(number).padStart(2, "0")}`);
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
  const pages: string[][] = [];
  for await (const page of paginateListObjectsV2({ client: s3, pageSize: 10 }, { Bucket, Prefix: "list/" }))
    pages.push((page.Contents ?? []).map((object) => object.Key ?? ""));
  t.deepEqual(
    pages.map((page) => page.length),
    [10, 10, 5],
  );
  t.deepEqual(pages.flat(), keys);
};

const presigned: Step = async ({ t, s3 }) => {
  const Key = `by URL/${KEY}`;
  const expiresIn = 60;
  const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key, ContentType: "text/x" }), { expiresIn });
  const answer = await fetch(url, {
    method: "PUT",
    body: new Uint8Array(CONTENT),
    headers: { "Content-Type": "text/x" },
  });
  t.is(answer.status, 200, await answer.text());
  const got = await fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn }));
  t.is(got.headers.get("content-type"), "text/x");
  t.deepEqual(Buffer.from(await got.arrayBuffer()), CONTENT);
};

const copy: Step = async ({ t, s3 }) => {
  const Key = `copied/${KEY}`;
  await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${encodeURIComponent(KEY)}` }));
  t.deepEqual(await read(s3, Key), CONTENT);
};

const deleteMany: Step = async ({ t, s3 }) => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const Objects = Contents.map(({ Key }) => ({ Key }));
  const { Deleted = [], Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  t.true(Deleted.length > 25 && Deleted.length === Objects.length, `${Deleted.length} of ${Objects.length}`);
  t.is(Errors, undefined);
  t.is((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0);
};

const assumeRole: Step = async ({ t, s3, other }) => {
  const theirs = await other();
  await theirs.send(new CreateBucketCommand({ Bucket: "of-the-role" }));
  const bucketsOf = async (client: S3Client) =>
    ((await client.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name);
  t.deepEqual(await bucketsOf(theirs), ["of-the-role"]);
  t.deepEqual(await bucketsOf(s3), [Bucket]);
};

const STEPS: Readonly<Record<(typeof SDK_STEPS)[number], Step>> = {
  put,
  get,
  "ranged get": rangedGet,
  multipart,
  checksums,
  "conditional put": conditionalPut,
  "list pages": listPages,
  "presigned get and put": presigned,
  copy,
  "delete many": deleteMany,
  "assume role": assumeRole,
};

test("the AWS SDK for JavaScript, lib-storage and the presigner do what they do against AWS", async (t) => {
  const { server } = await startStrict(t);
  const s3 = server.s3({ credentials: CREDENTIALS });
  const other = async () => {
    const credentials = await assume(server.sts({ credentials: CREDENTIALS }), "222222222222");
    return server.s3({ credentials });
  };
  for (const step of SDK_STEPS) await t.notThrowsAsync(STEPS[step]({ t, s3, other }), step);
});
