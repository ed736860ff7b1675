/** Keys that other stores trip over. A key is a text and nothing else: it never becomes a path. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const KEYS = [
  ".",
  "..",
  "../../../etc/passwd",
  "a/../b",
  "./a",
  "/",
  "//",
  "/a",
  "a//b",
  "a/",
  "%",
  "%25",
  "%2F",
  "%00",
  "a+b",
  "a b",
  " a ",
  "?",
  "a?versionId=null",
  "#",
  "&<>\"'",
  "a;b,c",
  "*'()!~",
  "a\nb",
  "a\rb",
  "a\r\nb",
  "a\tb",
  "\u007F",
  "\u0085\u2028",
  "\u{1F600}",
  "\uFF21",
  "e\u0301",
  "é",
  "\uFFFD",
  "CON",
  "moto-api/reset",
  "_localstack/health",
  "k".repeat(1_024),
  "\u{1F600}".repeat(256),
];
/** Characters that no XML 1.0 document can hold. */
const CONTROL_KEYS = ["\u0000", "a\u0000b", "\u0001", "\u001B[0m"];
const named = (key: string): string => JSON.stringify(key).slice(0, 40);
const decoded = (name = ""): string => decodeURIComponent(name.replaceAll("+", " "));

for (const Key of [...KEYS, ...CONTROL_KEYS]) {
  test(`${named(Key)} is put, read, listed, copied and deleted under its own name`, async (t) => {
    const Bucket = await makeBucket(s3, "keys");
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}` }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    t.is(await Body?.transformToString(), `body of ${Key}`);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url", Prefix: Key }));
    t.deepEqual(
      listed.Contents?.map(({ Key: name }) => decoded(name)),
      [Key],
    );
    t.is(decoded(listed.Prefix), Key);
    const CopySource = encodeURIComponent(`${Bucket}/${Key}`);
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
    const copy = await s3.send(new GetObjectCommand({ Bucket, Key: "copy" }));
    t.is(await copy.Body?.transformToString(), `body of ${Key}`);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    t.deepEqual(await outcome(s3.send(new GetObjectCommand({ Bucket, Key }))), ["NoSuchKey", 404]);
  });
}

test("all of them stand side by side, in the order of their bytes, in XML too", async (t) => {
  const Bucket = await makeBucket(s3, "keys");
  await Promise.all(KEYS.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "" }))));
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
  t.deepEqual(
    Contents?.map(({ Key }) => Key),
    KEYS.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
  );
  const Objects = KEYS.map((Key) => ({ Key }));
  const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  t.is(Errors, undefined);
  t.deepEqual(
    Deleted?.map(({ Key }) => Key),
    KEYS,
  );
  t.is((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0);
});

test("a key of 1,025 bytes is an error of its own among those to be deleted", async (t) => {
  const Bucket = await makeBucket(s3, "keys");
  const Objects = [{ Key: "k".repeat(1_025) }, { Key: "k" }];
  const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  t.is(Deleted?.length, 1);
  t.is(Errors?.[0]?.Code, "KeyTooLongError");
});
