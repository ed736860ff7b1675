/** Each of S3's limits, on both of its sides. */
import { request as httpRequest } from "node:http";
import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { S3_HEADER_BYTES_MAX } from "../../../src/platform/limits.ts";
import {
  KEY_BYTES_MAX,
  METADATA_BYTES_MAX,
  OBJECT_TAGS_MAX,
  PAGE_ENTRIES_ARGUMENT_MAX,
  PART_NUMBER_MAX,
  PUT_BYTES_MAX,
} from "../../../src/services/s3/limits.ts";
import { startTestServer, type RawResponse } from "../../support/server.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "limits");

test.after.always(() => server.close());

const element = ({ body }: RawResponse, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(String(body))?.[1];

test("the limits are those of AWS", (t) => {
  t.deepEqual(
    [KEY_BYTES_MAX, METADATA_BYTES_MAX, OBJECT_TAGS_MAX, PART_NUMBER_MAX, PUT_BYTES_MAX, S3_HEADER_BYTES_MAX],
    [1_024, 2_048, 10, 10_000, 5_368_709_120, 8_192],
  );
});

for (const [what, unit] of [
  ["ASCII", "k"],
  ["two bytes", "ä"],
  ["four bytes", "\u{1F600}"],
] as const) {
  test(`a key has at most 1,024 bytes of UTF-8: characters of ${what}`, async (t) => {
    const longest = unit.repeat(KEY_BYTES_MAX / Buffer.byteLength(unit));
    await s3.send(new PutObjectCommand({ Bucket, Key: longest, Body: what }));
    t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: longest }))).ContentLength, what.length);
    const error = await failure(s3.send(new PutObjectCommand({ Bucket, Key: `${longest}k`, Body: what })));
    t.is(error.name, "KeyTooLongError");
    t.is(error.$metadata.httpStatusCode, 400);
    t.is(error.message, "Your key is too long");
    t.is(error["Size"], "1025");
    t.is(error["MaxSizeAllowed"], "1024");
  });
}

test("metadata has at most 2 KiB, names and values together", async (t) => {
  const put = (bytes: number) =>
    s3.send(new PutObjectCommand({ Bucket, Key: "metadata", Body: "v", Metadata: { name: "v".repeat(bytes - 4) } }));
  await t.notThrowsAsync(put(METADATA_BYTES_MAX));
  const error = await failure(put(METADATA_BYTES_MAX + 1));
  t.is(error.name, "MetadataTooLarge");
  t.is(error.message, "Your metadata headers exceed the maximum allowed metadata size");
  t.is(error["Size"], "2049");
  t.is(error["MaxSizeAllowed"], "2048");
});

test("an object has at most ten tags", async (t) => {
  const put = (count: number) => {
    const Tagging = Array.from({ length: count }, (_, index) => `t${index}=v`).join("&");
    return s3.send(new PutObjectCommand({ Bucket, Key: "tags", Body: "v", Tagging }));
  };
  await t.notThrowsAsync(put(OBJECT_TAGS_MAX));
  const error = await failure(put(OBJECT_TAGS_MAX + 1));
  t.is(error.name, "BadRequest");
  t.is(error.message, "Object tags cannot be greater than 10");
});

/** Whether the server asks for a body of this length, or what it says instead. Nothing of it is sent. */
const offer = (path: string, bytes: number): Promise<"go on" | { status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.endpoint);
    const headers = { "content-length": String(bytes), expect: "100-continue" };
    const outgoing = httpRequest({ method: "PUT", hostname, port, path, headers, agent: false }, (incoming) => {
      let text = "";
      incoming.on("data", (chunk: Buffer) => (text += String(chunk)));
      incoming.on("end", () => {
        outgoing.destroy();
        resolve({ status: incoming.statusCode, text });
      });
    });
    outgoing.on("continue", () => {
      resolve("go on");
      outgoing.destroy();
    });
    outgoing.on("error", reject);
    outgoing.flushHeaders();
  });

test("an object put at once, and a part, have at most 5 GiB", async (t) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  for (const path of [`/${Bucket}/whole`, `/${Bucket}/parts?partNumber=1&uploadId=${UploadId}`]) {
    t.is(await offer(path, PUT_BYTES_MAX), "go on");
    const refused = await offer(path, PUT_BYTES_MAX + 1);
    if (refused === "go on") {
      t.fail(path);
      continue;
    }
    t.is(refused.status, 400);
    t.regex(
      refused.text,
      /<Code>EntityTooLarge<\/Code><Message>Your proposed upload exceeds the maximum allowed size<\/Message><ProposedSize>5368709121<\/ProposedSize><MaxSizeAllowed>5368709120<\/MaxSizeAllowed>/,
    );
  }
});

test("parts are numbered from 1 to 10,000", async (t) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "numbers" }));
  const put = (PartNumber: number) =>
    s3.send(new UploadPartCommand({ Bucket, Key: "numbers", UploadId, PartNumber, Body: "v" }));
  for (const number of [1, PART_NUMBER_MAX]) await t.notThrowsAsync(put(number));
  for (const number of [0, PART_NUMBER_MAX + 1]) t.is((await failure(put(number))).name, "InvalidArgument");
});

test("a page's size is a number from 0 on, and pages have at most a thousand entries", async (t) => {
  const list = (maxKeys: number | string) => server.request("GET", `/${Bucket}?list-type=2&max-keys=${maxKeys}`);
  t.is(element(await list(0), "MaxKeys"), "0");
  t.is(element(await list(1_000), "MaxKeys"), "1000");
  t.is(element(await list(1_001), "MaxKeys"), "1000");
  t.is(element(await list(PAGE_ENTRIES_ARGUMENT_MAX), "MaxKeys"), "1000");
  for (const refused of [-1, PAGE_ENTRIES_ARGUMENT_MAX + 1]) {
    t.is(element(await list(refused), "Code"), "InvalidArgument", String(refused));
  }
  t.true(((await s3.send(new ListObjectsV2Command({ Bucket }))).MaxKeys ?? 0) <= 1_000);
  const versions = await server.request("GET", `/${Bucket}?versions&max-keys=-1`);
  t.is(versions.status, 400);
  t.regex(String(versions.body), /<Message>max-keys cannot be negative<\/Message><ArgumentName>maxKeys</);
});
