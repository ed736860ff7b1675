/** Checksums of objects: every algorithm, in headers and trailers, right, wrong, malformed, doubled and missing. */
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type ChecksumAlgorithm as SdkAlgorithm,
} from "@aws-sdk/client-s3";
import test from "ava";
import {
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  encodeChecksum,
  type ChecksumAlgorithm,
} from "../../../src/protocol/checksums/algorithms.ts";
import { digestOf, loadHashers } from "../../../src/protocol/checksums/hasher.ts";
import { startTestServer, type RawResponse } from "../../support/server.ts";
import { makeBucket } from "./client.ts";

await loadHashers(CHECKSUM_ALGORITHMS);
const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "checksums");
const BODY = "the body";

test.after.always(() => server.close());

const valueOf = (algorithm: ChecksumAlgorithm, body = BODY): string =>
  encodeChecksum(digestOf(algorithm, Buffer.from(body)));
const put = (key: string, headers: Record<string, string>, body = BODY) =>
  server.request("PUT", `/${Bucket}/${key}`, { headers, body });
const element = ({ body }: RawResponse, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(String(body))?.[1];
const refusal = (answer: RawResponse) => [answer.status, element(answer, "Code"), element(answer, "Message")];

const chunked = (trailer: string, announced: string): { headers: Record<string, string>; body: string } => ({
  headers: {
    "content-encoding": "aws-chunked",
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": String(BODY.length),
    "x-amz-trailer": announced,
  },
  body: `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n${trailer}\r\n`,
});

for (const algorithm of CHECKSUM_ALGORITHMS) {
  const header = checksumHeader(algorithm);
  const value = valueOf(algorithm);

  test(`fact 37: ${algorithm} in a header is kept, answered, and shown to who asks for it`, async (t) => {
    const answer = await put(algorithm, { [header]: value });
    t.is(answer.status, 200);
    t.is(answer.headers[header], value);
    t.is(answer.headers["x-amz-checksum-type"], "FULL_OBJECT");
    for (const method of ["GET", "HEAD"]) {
      const asked = await server.request(method, `/${Bucket}/${algorithm}`, {
        headers: { "x-amz-checksum-mode": "ENABLED" },
      });
      t.is(asked.headers[header], value);
      t.is(asked.headers["x-amz-checksum-type"], "FULL_OBJECT");
      const plain = await server.request(method, `/${Bucket}/${algorithm}`);
      t.is(plain.headers[header], undefined);
      t.is(plain.headers["x-amz-checksum-type"], undefined);
    }
  });

  test(`fact 37: ${algorithm} in a header: malformed and wrong values`, async (t) => {
    const message = `Value for ${header} header is invalid.`;
    for (const bad of ["", "AA", "not base64!", value.replace(/=*$/, "") + "A", `${value}-2`]) {
      t.deepEqual(refusal(await put("bad", { [header]: bad })), [400, "InvalidRequest", message], bad);
    }
    t.deepEqual(refusal(await put("bad", { [header]: valueOf(algorithm, "another") })), [
      400,
      "BadDigest",
      `The ${algorithm} you specified did not match the calculated checksum.`,
    ]);
    t.is((await server.request("HEAD", `/${Bucket}/bad`)).status, 404);
  });

  test(`${algorithm} in the trailer: right, wrong, malformed, missing`, async (t) => {
    const key = `trailer-${algorithm}`;
    const send = (trailer: string) => server.request("PUT", `/${Bucket}/${key}`, chunked(trailer, header));
    t.deepEqual(refusal(await send(`${header}:${valueOf(algorithm, "another")}\r\n`)), [
      400,
      "BadDigest",
      `The ${algorithm} you specified did not match the calculated checksum.`,
    ]);
    t.deepEqual(refusal(await send(`${header}:AA\r\n`)), [
      400,
      "InvalidRequest",
      `Value for ${header} trailing header is invalid.`,
    ]);
    for (const trailer of ["", `x-amz-checksum-other:${value}\r\n`]) {
      t.is(element(await send(trailer), "Code"), "MalformedTrailerError", trailer);
    }
    t.is((await server.request("HEAD", `/${Bucket}/${key}`)).status, 404);
    const right = await send(`${header}:${value}\r\n`);
    t.is(right.status, 200);
    t.is(right.headers[header], value);
  });

  test(`${algorithm} is computed for a copy on demand, and copied along`, async (t) => {
    await put(`source-${algorithm}`, {});
    const CopySource = `${Bucket}/source-${algorithm}`;
    const ChecksumAlgorithm: SdkAlgorithm = algorithm;
    const { CopyObjectResult } = await s3.send(
      new CopyObjectCommand({ Bucket, Key: `copy-${algorithm}`, CopySource, ChecksumAlgorithm }),
    );
    t.is(CopyObjectResult?.[`Checksum${algorithm}`], value);
    t.is(CopyObjectResult?.ChecksumType, "FULL_OBJECT");
    const again = await s3.send(
      new CopyObjectCommand({ Bucket, Key: `again-${algorithm}`, CopySource: `${Bucket}/copy-${algorithm}` }),
    );
    t.is(again.CopyObjectResult?.[`Checksum${algorithm}`], value);
  });
}

test("fact 37: two checksums are one too many, in headers or in header and trailer", async (t) => {
  const message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
  const crc = { "x-amz-checksum-crc32": valueOf("CRC32") };
  const two = await put("two", { ...crc, "x-amz-checksum-sha1": valueOf("SHA1") });
  t.deepEqual(refusal(two), [400, "InvalidRequest", message]);
  const { headers, body } = chunked(`x-amz-checksum-sha1:${valueOf("SHA1")}\r\n`, "x-amz-checksum-sha1");
  t.deepEqual(refusal(await put("two", { ...headers, ...crc }, body)), [400, "InvalidRequest", message]);
  const both = chunked("", "x-amz-checksum-sha1, x-amz-checksum-crc32");
  t.deepEqual(refusal(await put("two", both.headers, both.body)), [400, "InvalidRequest", message]);
  const empty = await put("two", { "x-amz-checksum-crc32": "", "x-amz-checksum-sha1": "" });
  t.deepEqual(refusal(empty), [400, "InvalidRequest", message]);
});

test("a checksum of an algorithm that is none is refused, and other headers about checksums are not", async (t) => {
  const message = "The algorithm type you specified in x-amz-checksum- header is invalid.";
  const unknown = await put("unknown", { "x-amz-checksum-crc33": valueOf("CRC32") });
  t.deepEqual(refusal(unknown), [400, "InvalidRequest", message]);
  const others = { "x-amz-checksum-type": "FULL_OBJECT", "x-amz-checksum-algorithm": "CRC32" };
  t.is((await put("unknown", { ...others, "x-amz-checksum-mode": "ENABLED" })).status, 200);
});

test("an algorithm that is announced must be known, come with its value, and be the value's", async (t) => {
  const announce = (algorithm: string, headers: Record<string, string> = {}) =>
    put("announced", { "x-amz-sdk-checksum-algorithm": algorithm, ...headers });
  const invalid = [400, "InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid."];
  const missing = [
    400,
    "InvalidRequest",
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
  ];
  const crc = { "x-amz-checksum-crc32": valueOf("CRC32") };
  t.deepEqual(refusal(await announce("CRC33", crc)), invalid);
  t.deepEqual(refusal(await announce("", crc)), invalid);
  t.deepEqual(refusal(await announce("SHA1", crc)), invalid);
  t.deepEqual(refusal(await announce("CRC32")), missing);
  t.deepEqual(refusal(await announce("CRC32", { "content-md5": valueOf("MD5") })), missing);
  t.is((await announce("crc32", crc)).status, 200);
});

test("the algorithm MD5 may come as Content-MD5, and is the object's checksum then", async (t) => {
  const sdk = { Bucket, ChecksumAlgorithm: "MD5" } as const;
  const whole = await s3.send(new PutObjectCommand({ ...sdk, Key: "md5", Body: BODY }));
  t.is(whole.ChecksumMD5, valueOf("MD5"));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "md5", ChecksumMode: "ENABLED" }));
  t.like(head, { ChecksumMD5: valueOf("MD5"), ChecksumType: "FULL_OBJECT" });
  const Body = Readable.from([Buffer.from(BODY)]);
  const streamed = await s3.send(new PutObjectCommand({ ...sdk, Key: "md5-stream", Body, ContentLength: BODY.length }));
  t.is(streamed.ChecksumMD5, valueOf("MD5"));
  // Alone it is a check of the way, and no choice of an algorithm.
  const plain = await put("md5-plain", { "content-md5": valueOf("MD5") });
  t.is(plain.headers["x-amz-checksum-md5"], undefined);
  t.is(plain.headers["x-amz-checksum-crc64nvme"], valueOf("CRC64NVME"));
});

test("fact 3: without a checksum the object gets CRC64NVME, a copy of it too", async (t) => {
  const answer = await put("default", {});
  t.is(answer.headers["x-amz-checksum-crc64nvme"], valueOf("CRC64NVME"));
  t.is(answer.headers["x-amz-checksum-type"], "FULL_OBJECT");
  const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: "default-copy", CopySource: `${Bucket}/default` }));
  t.is(copy.CopyObjectResult?.ChecksumCRC64NVME, valueOf("CRC64NVME"));
});

test("fact 20: a partial answer carries no checksum, one that covers all of the object does", async (t) => {
  await put("ranged", { "x-amz-checksum-sha256": valueOf("SHA256") });
  const get = (Range: string) =>
    s3.send(new GetObjectCommand({ Bucket, Key: "ranged", Range, ChecksumMode: "ENABLED" }));
  t.is((await get("bytes=0-2")).ChecksumSHA256, undefined);
  t.is((await get("bytes=0-2")).ChecksumType, undefined);
  const whole = await get("bytes=0-100");
  t.is(whole.ContentRange, `bytes 0-${BODY.length - 1}/${BODY.length}`);
  t.is(whole.ChecksumSHA256, valueOf("SHA256"));
});

test("documents that S3 wants a digest of are refused without one, and without effect", async (t) => {
  const message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
  await put("kept", {});
  const documents: Readonly<Record<string, string>> = {
    [`?delete`]: "<Delete><Object><Key>kept</Key></Object></Delete>",
    [`?tagging`]: "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    [`?cors`]:
      "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
    [`/kept?legal-hold`]: "<LegalHold><Status>ON</Status></LegalHold>",
  };
  for (const [path, body] of Object.entries(documents)) {
    const method = path === "?delete" ? "POST" : "PUT";
    const answer = await server.request(method, `/${Bucket}${path}`, { body });
    t.deepEqual(refusal(answer), [400, "InvalidRequest", message], path);
  }
  t.is((await server.request("HEAD", `/${Bucket}/kept`)).status, 200);
  // S3 takes this one without, whatever its model says.
  const body = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
  t.is((await server.request("PUT", `/${Bucket}?versioning`, { body })).status, 200);
});
