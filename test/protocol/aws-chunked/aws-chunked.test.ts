import { createHash, createHmac, createSecretKey } from "node:crypto";
import { PassThrough, Readable } from "node:stream";

import test from "ava";
import * as fc from "fast-check";

import { readBodyFacts, storedContentEncoding } from "../../../src/protocol/aws-chunked/body-facts.ts";
import type { BodyFacts } from "../../../src/protocol/aws-chunked/body-facts.ts";
import type { ChunkSigning } from "../../../src/protocol/aws-chunked/chunk-signatures.ts";
import {
  CHUNK_BYTES_MIN,
  CHUNK_HEADER_BYTES_MAX,
  TRAILER_BYTES_MAX,
} from "../../../src/protocol/aws-chunked/decoder.ts";
import { createPayload, readWholePayload } from "../../../src/protocol/aws-chunked/verified-payload.ts";
import { AwsError } from "../../../src/protocol/aws-error.ts";
import { encodeChecksum } from "../../../src/protocol/checksums/algorithms.ts";
import { digestOf } from "../../../src/protocol/checksums/hasher.ts";

type Headers = Readonly<Record<string, string>>;

const payloadOf = (
  raw: string | Buffer | Readable,
  options: {
    headers: Headers;
    signing?: ChunkSigning;
    contentMd5EchoedAs?: "hex" | "base64";
    facts?: Partial<BodyFacts>;
  },
) =>
  createPayload({
    request: {
      body: raw instanceof Readable ? raw : Readable.from([Buffer.from(raw)], { objectMode: false }),
      continueBody: () => undefined,
    },
    facts: { ...readBodyFacts(options.headers, { checksumHeader: "body" }), ...options.facts },
    signing: options.signing,
    ...(options.contentMd5EchoedAs === undefined ? {} : { contentMd5EchoedAs: options.contentMd5EchoedAs }),
  });

const read = (raw: string | Buffer | Readable, options: Parameters<typeof payloadOf>[1]): Promise<Buffer> =>
  readWholePayload(payloadOf(raw, options), { sizeBytesMax: 64 * 1024 * 1024 });

const base64 = (algorithm: Parameters<typeof digestOf>[0], bytes: string | Buffer): string =>
  encodeChecksum(digestOf(algorithm, Buffer.from(bytes)));

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** The example of AWS's pages: 66,560 letters `a` in chunks of 64 KiB. */
const exampleKey = ["20130524", "us-east-1", "s3", "aws4_request"].reduce<string | Buffer>(
  hmac,
  "AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
) as Buffer;
const exampleSigning = (seedSignature: string): ChunkSigning => ({
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  signingKey: createSecretKey(exampleKey),
  scope: "20130524/us-east-1/s3/aws4_request",
  amzDate: "20130524T000000Z",
  seedSignature,
});
const chunk = (size: number, signature: string, bytes: string): string =>
  `${size.toString(16)};chunk-signature=${signature}\r\n${bytes}\r\n`;
const SIGNED_EXAMPLE = [
  chunk(65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", "a".repeat(65_536)),
  chunk(1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "a".repeat(1024)),
  chunk(0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", ""),
].join("");
const SIGNED_HEADERS = {
  "content-encoding": "aws-chunked",
  "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "x-amz-decoded-content-length": "66560",
};
const SIGNED_SEED = exampleSigning("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
const TRAILER_EXAMPLE = [
  chunk(65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", "a".repeat(65_536)),
  chunk(1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", "a".repeat(1024)),
  "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n",
  "x-amz-checksum-crc32c:sOO8/Q==\n",
  "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
].join("");
const TRAILER_HEADERS = {
  "content-encoding": "aws-chunked",
  "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
  "x-amz-decoded-content-length": "66560",
  "x-amz-trailer": "x-amz-checksum-crc32c",
};
const TRAILER_SEED = exampleSigning("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");

const unsigned = (bytes: string | Buffer, trailer = ""): Buffer =>
  Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    Buffer.from(bytes),
    Buffer.from(bytes.length === 0 ? `${trailer}\r\n` : `\r\n0\r\n${trailer}\r\n`),
  ]);
const UNSIGNED_HEADERS = {
  "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "x-amz-decoded-content-length": "5",
  "x-amz-trailer": "x-amz-checksum-crc32",
};

test("AWS's example of a signed chunked upload is read and verified", async (t) => {
  t.deepEqual(await read(SIGNED_EXAMPLE, { headers: SIGNED_HEADERS, signing: SIGNED_SEED }), Buffer.alloc(66_560, "a"));
});

test("AWS's example of a signed chunked upload with a trailer is read and verified", async (t) => {
  t.deepEqual(
    await read(TRAILER_EXAMPLE, { headers: TRAILER_HEADERS, signing: TRAILER_SEED }),
    Buffer.alloc(66_560, "a"),
  );
});

test("a changed byte in a signed chunk, a chunk's signature or the trailer's is refused", async (t) => {
  const cases = [
    [SIGNED_EXAMPLE.replace("aaaa", "aaba"), SIGNED_HEADERS, SIGNED_SEED],
    [SIGNED_EXAMPLE.replace("=b6c6", "=b6c7"), SIGNED_HEADERS, SIGNED_SEED],
    [TRAILER_EXAMPLE.replace(":d81f", ":d81e"), TRAILER_HEADERS, TRAILER_SEED],
    [TRAILER_EXAMPLE.replace("=2ca2", "=2ca3"), TRAILER_HEADERS, TRAILER_SEED],
  ] as const;
  for (const [raw, headers, signing] of cases) {
    const error = await t.throwsAsync(read(raw, { headers, signing }), { instanceOf: AwsError });
    t.like(error, { code: "SignatureDoesNotMatch", status: 403 });
    t.deepEqual(Object.keys(error?.fields ?? {}), [
      "AWSAccessKeyId",
      "StringToSign",
      "SignatureProvided",
      "StringToSignBytes",
    ]);
  }
});

test("without the key, signatures are not judged, but the form, length and checksum are", async (t) => {
  const raw = TRAILER_EXAMPLE.replace(":d81f", ":d81e").replace("=b474", "=b475");
  t.is((await read(raw, { headers: TRAILER_HEADERS })).length, 66_560);
  await t.throwsAsync(read(raw.replace("sOO8", "sOO9"), { headers: TRAILER_HEADERS }), { code: "BadDigest" } as never);
  await t.throwsAsync(read(raw.replace(/x-amz-trailer-signature.*\r\n/, ""), { headers: TRAILER_HEADERS }), {
    code: "MalformedTrailerError",
  } as never);
});

test("an unsigned chunked body with a checksum trailer is read, cut anywhere", async (t) => {
  const raw = unsigned("hello", `x-amz-checksum-crc32:${base64("CRC32", "hello")}\r\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(raw.length), { maxLength: 8 }), async (cuts) => {
      const ends = [...cuts, raw.length].sort((a, b) => a - b);
      const pieces = ends.map((end, index) => raw.subarray(index === 0 ? 0 : ends[index - 1], end));
      const body = Readable.from(
        pieces.filter((piece) => piece.length > 0),
        { objectMode: false },
      );
      return (await read(body, { headers: UNSIGNED_HEADERS })).toString() === "hello";
    }),
  );
  t.pass();
});

test("a chunked body over many chunks gives the digests of the decoded bytes", async (t) => {
  const big = Buffer.alloc(3 * CHUNK_BYTES_MIN, "xyz");
  const raw = Buffer.concat([
    ...[0, 1, 2].flatMap((part) => [
      Buffer.from(`2000\r\n`),
      big.subarray(part * CHUNK_BYTES_MIN, (part + 1) * CHUNK_BYTES_MIN),
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`0\r\nx-amz-checksum-sha256:${base64("SHA256", big)}\r\n\r\n`),
  ]);
  const payload = payloadOf(raw, {
    headers: {
      ...UNSIGNED_HEADERS,
      "x-amz-decoded-content-length": String(big.length),
      "x-amz-trailer": "x-amz-checksum-sha256",
    },
  });
  t.is(payload.sizeBytes, big.length);
  t.deepEqual(payload.given, { algorithm: "SHA256" });
  const received = payload.receive({ digests: ["MD5", "XXHASH3"] });
  t.throws(() => received.result());
  for await (const bytes of received.source) t.true(bytes.length > 0);
  const { sizeBytes, digests } = received.result();
  t.is(sizeBytes, big.length);
  t.deepEqual([...digests.keys()], ["MD5", "XXHASH3", "SHA256"]);
  t.deepEqual(digests.get("MD5"), createHash("md5").update(big).digest());
});

test("what is wrong with a chunked body is answered as AWS does", async (t) => {
  const crc = `x-amz-checksum-crc32:${base64("CRC32", "hello")}\r\n`;
  const cases: readonly (readonly [string, string | Buffer, string])[] = [
    ["cut in a chunk", unsigned("hello", crc).subarray(0, 5), "IncompleteBody"],
    ["cut before the last chunk", "5\r\nhello\r\n", "IncompleteBody"],
    ["cut in the trailer", unsigned("hello", crc).subarray(0, -8), "IncompleteBody"],
    ["no size", "zz\r\nhello\r\n0\r\n\r\n", "IncompleteBody"],
    ["no line end after the bytes", "5\r\nhelloworld\r\n0\r\n\r\n", "IncompleteBody"],
    ["shorter than announced", unsigned("hell", crc), "IncompleteBody"],
    ["longer than announced", unsigned("hello!", crc), "IncompleteBody"],
    ["a header without end", `5;${"x".repeat(CHUNK_HEADER_BYTES_MAX)}`, "IncompleteBody"],
    ["a small chunk in the middle", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "InvalidChunkSizeError"],
    ["no trailer", unsigned("hello"), "MalformedTrailerError"],
    ["another trailer", unsigned("hello", "x-amz-checksum-sha1:abc\r\n"), "MalformedTrailerError"],
    ["a trailer without colon", unsigned("hello", "what\r\n"), "MalformedTrailerError"],
    ["a trailer twice", unsigned("hello", crc + crc), "MalformedTrailerError"],
    [
      "a trailer too long",
      unsigned("hello", `${crc}a:${"b\r\na".repeat(TRAILER_BYTES_MAX)}\r\n`),
      "MalformedTrailerError",
    ],
    ["more after the end", Buffer.concat([unsigned("hello", crc), Buffer.from("x")]), "MalformedTrailerError"],
    ["an unreadable checksum", unsigned("hello", "x-amz-checksum-crc32:abc\r\n"), "InvalidRequest"],
    ["a wrong checksum", unsigned("hello", "x-amz-checksum-crc32:AAAAAA==\r\n"), "BadDigest"],
  ];
  for (const [name, raw, code] of cases) {
    const error = await t.throwsAsync(read(raw, { headers: UNSIGNED_HEADERS }), { instanceOf: AwsError }, name);
    t.is(error?.code, code, name);
  }
});

test("a small chunk in the middle is named with its number and size", async (t) => {
  const error = await t.throwsAsync<AwsError>(read("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", { headers: UNSIGNED_HEADERS }));
  t.deepEqual(error?.fields, { Chunk: "1", BadChunkSize: "2" });
});

test("a chunk of exactly the least size may stand in the middle", async (t) => {
  const first = "a".repeat(CHUNK_BYTES_MIN);
  const raw = `2000\r\n${first}\r\n1\r\nb\r\n0\r\n\r\n`;
  const headers = {
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": String(CHUNK_BYTES_MIN + 1),
  };
  t.is((await read(raw, { headers })).toString(), `${first}b`);
});

test("a body without any chunk encoding passes with its length, hash, Content-MD5 and checksum", async (t) => {
  const headers = {
    "content-length": "5",
    "x-amz-content-sha256": createHash("sha256").update("hello").digest("hex"),
    "content-md5": base64("MD5", "hello"),
    "x-amz-checksum-crc64nvme": base64("CRC64NVME", "hello"),
  };
  t.is((await read("hello", { headers })).toString(), "hello");
  const empty = { "content-length": "0", "x-amz-checksum-crc32": "AAAAAA==" };
  t.is((await read(Readable.from([]), { headers: empty })).length, 0);
});

test("a plain body that differs from its headers is refused in AWS's words", async (t) => {
  const fails = async (headers: Headers, contentMd5EchoedAs?: "base64"): Promise<AwsError> => {
    const error = await t.throwsAsync<AwsError>(
      read("hello", { headers, ...(contentMd5EchoedAs ? { contentMd5EchoedAs } : {}) }),
    );
    return error;
  };
  t.like(await fails({ "content-length": "6" }), { code: "IncompleteBody", status: 400 });
  t.like(await fails({ "x-amz-checksum-crc32": "AAAAAA==" }), {
    code: "BadDigest",
    message: "The CRC32 you specified did not match the calculated checksum.",
  });
  const provided = "0".repeat(64);
  t.like(await fails({ "x-amz-content-sha256": provided }), {
    code: "XAmzContentSHA256Mismatch",
    fields: {
      ClientComputedContentSHA256: provided,
      S3ComputedContentSHA256: createHash("sha256").update("hello").digest("hex"),
    },
  });
  const wrong = base64("MD5", "other");
  const calculated = base64("MD5", "hello");
  t.like(await fails({ "content-md5": wrong }), {
    code: "BadDigest",
    fields: { ExpectedDigest: Buffer.from(wrong, "base64").toString("hex"), CalculatedDigest: calculated },
  });
  t.like(await fails({ "content-md5": wrong }, "base64"), {
    fields: { ExpectedDigest: wrong, CalculatedDigest: calculated },
  });
});

test("headers that cannot be right are refused before a byte is read", (t) => {
  const refusal = (headers: Headers): Pick<AwsError, "code" | "message" | "fields"> => {
    const { code, message, fields } = t.throws<AwsError>(() => readBodyFacts(headers, { checksumHeader: "body" }));
    return { code, message, fields };
  };
  t.deepEqual(refusal({ "content-md5": "AAAA" }), {
    code: "InvalidDigest",
    message: "The Content-MD5 you specified was invalid.",
    fields: { "Content-MD5": "AAAA" },
  });
  t.is(refusal({ "x-amz-checksum-crc32": "AAAA" }).message, "Value for x-amz-checksum-crc32 header is invalid.");
  const several = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
  t.is(refusal({ "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-crc32c": "AAAAAA==" }).message, several);
  t.is(refusal({ ...UNSIGNED_HEADERS, "x-amz-checksum-crc32": "AAAAAA==" }).message, several);
  t.is(refusal({ "x-amz-content-sha256": "hello" }).code, "InvalidArgument");
  t.is(refusal({ "x-amz-content-sha256": "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" }).code, "NotImplemented");
  t.is(refusal({ ...UNSIGNED_HEADERS, "x-amz-trailer": "x-amz-meta-a" }).code, "InvalidRequest");
  t.is(refusal({ "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" }).code, "MissingContentLength");
  t.is(refusal({ "x-amz-sdk-checksum-algorithm": "CRC32" }).code, "InvalidRequest");
});

test("a checksum header about an object is not taken for one about the body", (t) => {
  const headers = { "x-amz-checksum-crc32": "AAAAAA==-2", "x-amz-checksum-type": "COMPOSITE" };
  t.is(readBodyFacts(headers, { checksumHeader: "object" }).checksum, undefined);
});

test("the algorithm MD5 comes as Content-MD5", (t) => {
  const contentMd5 = base64("MD5", "hello");
  const headers = { "x-amz-sdk-checksum-algorithm": "MD5", "content-md5": contentMd5 };
  t.is(readBodyFacts(headers, { checksumHeader: "body" }).contentMd5, contentMd5);
});

test("an unsigned upload may be aws-chunked without a payload hash", (t) => {
  const facts = readBodyFacts(
    {
      "content-encoding": "gzip, aws-chunked",
      "x-amz-decoded-content-length": "5",
      "x-amz-trailer": "x-amz-checksum-crc32",
    },
    { checksumHeader: "body" },
  );
  t.like(facts, { sizeBytes: 5, trailer: "CRC32", chunked: { signed: false, signedTrailer: false } });
});

test("an object keeps its Content-Encoding without aws-chunked", (t) => {
  t.is(storedContentEncoding("aws-chunked"), undefined);
  t.is(storedContentEncoding("aws-chunked,gzip"), "gzip");
  t.is(storedContentEncoding("gzip, AWS-chunked"), "gzip");
});

test("a client that goes away in the middle gives IncompleteBody, and bytes before it are still read", async (t) => {
  const body = new PassThrough();
  const iterator = payloadOf(body, { headers: {} }).receive({ digests: [] }).source[Symbol.asyncIterator]();
  body.write("abc");
  t.deepEqual((await iterator.next()).value, Buffer.from("abc"));
  const next = iterator.next();
  body.destroy();
  t.like(await t.throwsAsync<AwsError>(next), { code: "IncompleteBody" });
});

test("a consumer that is slow holds the client up", async (t) => {
  const body = Readable.from(
    (function* () {
      for (let index = 0; index < 100; index++) yield Buffer.alloc(64 * 1024, index);
    })(),
    { objectMode: false },
  );
  const payload = payloadOf(body, { headers: {} });
  const iterator = payload.receive({ digests: ["MD5"] }).source[Symbol.asyncIterator]();
  await iterator.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.true(body.isPaused());
  let count = 1;
  for (let item = await iterator.next(); item.done !== true; item = await iterator.next()) count++;
  t.is(count, 100);
});

test("a consumer that stops early abandons the body", async (t) => {
  const body = new PassThrough();
  body.write(Buffer.alloc(10));
  for await (const bytes of payloadOf(body, { headers: {} }).receive({ digests: [] }).source) {
    t.is(bytes.length, 10);
    break;
  }
  t.true(body.destroyed);
});

test("a document longer than its limit is refused, announced or not", async (t) => {
  for (const headers of [{ "content-length": "5" }, {}] as readonly Headers[]) {
    const error = await t.throwsAsync<AwsError>(readWholePayload(payloadOf("hello", { headers }), { sizeBytesMax: 4 }));
    t.like(error, { code: "MaxMessageLengthExceeded" });
    t.is((await readWholePayload(payloadOf("hello", { headers }), { sizeBytesMax: 5 })).toString(), "hello");
  }
});
