/** Uploads in parts at their limits, and when several do things to them at once. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { join } from "node:path";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  type ChecksumType,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import {
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  encodeChecksum,
  type ChecksumAlgorithm,
} from "../../../src/protocol/checksums/algorithms.ts";
import { digestOf, loadHashers } from "../../../src/protocol/checksums/hasher.ts";
import { PART_BYTES_MIN, PART_NUMBER_MAX } from "../../../src/services/s3/limits.ts";
import { startTestServer } from "../../support/server.ts";
import { makeBucket, outcome } from "./client.ts";

await loadHashers(CHECKSUM_ALGORITHMS);
const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "multipart");
const FIRST = Buffer.alloc(PART_BYTES_MIN, "first");
const LAST = Buffer.from("last");

test.after.always(() => server.close());

const begin = async (Key: string, options: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  return { Bucket, Key, UploadId };
};
type Name = Awaited<ReturnType<typeof begin>>;

const complete = (name: Name, Parts: readonly CompletedPart[], options: object = {}) =>
  s3.send(new CompleteMultipartUploadCommand({ ...name, MultipartUpload: { Parts: [...Parts] }, ...options }));

/** The files that hold bodies of more than a few bytes. */
const bodyFiles = async (): Promise<string[]> => {
  const entries = await readdir(join(server.running.dataDir, "bodies"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

/** Copies a part over a connection that is kept: ten thousand of them shall not take all day. */
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const copyPart = (name: Name, { number, source }: { number: number; source: string }): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.endpoint);
    const path = `/${Bucket}/${name.Key}?partNumber=${number}&uploadId=${name.UploadId}`;
    const headers = { "x-amz-copy-source": source };
    const outgoing = httpRequest({ method: "PUT", hostname, port, path, headers, agent }, (incoming) => {
      let text = "";
      incoming.on("data", (chunk: Buffer) => (text += String(chunk)));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve(/<ETag>&quot;(\w+)&quot;<\/ETag>|<ETag>"(\w+)"<\/ETag>/.exec(text)?.[0] ?? text),
      );
    });
    outgoing.on("error", reject);
    outgoing.end();
  });

test.serial("ten thousand parts make one object, and none of their bytes is written again", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: FIRST }));
  const name = await begin("huge");
  const source = `/${Bucket}/source`;
  const before = await bodyFiles();
  const etag = createHash("md5").update(FIRST).digest("hex");
  const numbers = Array.from({ length: PART_NUMBER_MAX }, (_, index) => index + 1);
  const answers = await Promise.all(numbers.map((number) => copyPart(name, { number, source })));
  t.true(answers.every((answer) => answer.includes(etag)));
  const { Parts: page, IsTruncated, NextPartNumberMarker } = await s3.send(new ListPartsCommand(name));
  t.is(page?.length, 1_000);
  t.true(IsTruncated);
  t.is(String(NextPartNumberMarker), "1000");

  const parts = numbers.map((PartNumber) => ({ PartNumber, ETag: etag }));
  const done = await complete(name, parts);
  const digests = createHash("md5");
  for (const _ of numbers) digests.update(Buffer.from(etag, "hex"));
  t.is(done.ETag, `"${digests.digest("hex")}-${PART_NUMBER_MAX}"`);
  t.deepEqual(await bodyFiles(), before);

  const size = PART_NUMBER_MAX * FIRST.length;
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "huge" }))).ContentLength, size);
  const last = await s3.send(new GetObjectCommand({ Bucket, Key: "huge", PartNumber: PART_NUMBER_MAX }));
  t.is(last.ContentRange, `bytes ${size - FIRST.length}-${size - 1}/${size}`);
  t.is(last.PartsCount, PART_NUMBER_MAX);
  t.true(FIRST.equals((await last.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
  const Range = `bytes=${5_000 * FIRST.length - 2}-${5_000 * FIRST.length + 1}`;
  const across = await s3.send(new GetObjectCommand({ Bucket, Key: "huge", Range }));
  t.is(await across.Body?.transformToString(), String(FIRST.subarray(-2)) + String(FIRST.subarray(0, 2)));
  const found = await s3.send(
    new GetObjectAttributesCommand({ Bucket, Key: "huge", ObjectAttributes: ["ObjectParts"] }),
  );
  t.deepEqual(found.ObjectParts, { TotalPartsCount: PART_NUMBER_MAX });
});

test.serial("a part whose upload is aborted while it comes in is NoSuchUpload, and leaves nothing", async (t) => {
  const before = await bodyFiles();
  const name = await begin("aborted");
  await s3.send(new UploadPartCommand({ ...name, PartNumber: 2, Body: FIRST }));
  const { hostname, port } = new URL(server.endpoint);
  const path = `/${Bucket}/${name.Key}?partNumber=1&uploadId=${name.UploadId}`;
  const headers = { "content-length": String(FIRST.length) };
  const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const outgoing = httpRequest({ method: "PUT", hostname, port, path, headers, agent: false }, (incoming) => {
      let text = "";
      incoming.on("data", (chunk: Buffer) => (text += String(chunk)));
      incoming.on("end", () => resolve({ status: incoming.statusCode, text }));
    });
    outgoing.on("error", reject);
    const half = FIRST.length / 2;
    outgoing.write(FIRST.subarray(0, half), () => {
      s3.send(new AbortMultipartUploadCommand(name)).then(() => outgoing.end(FIRST.subarray(half)), reject);
    });
  });
  t.is(answer.status, 404);
  t.regex(answer.text, /<Code>NoSuchUpload<\/Code>/);
  t.regex(answer.text, new RegExp(`<UploadId>${name.UploadId}</UploadId>`));
  t.deepEqual(await outcome(s3.send(new ListPartsCommand(name))), ["NoSuchUpload", 404]);
  // A body's file goes once nobody refers to it or reads it, a moment later.
  for (let tries = 0; tries < 100 && (await bodyFiles()).length > before.length; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.deepEqual((await bodyFiles()).toSorted(), before.toSorted());
});

test("completions of one upload at once all answer the same object, and there is one version of it", async (t) => {
  const versioned = await makeBucket(s3, "completed");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const name = await begin("k", { Bucket: versioned });
  const upload = { ...name, Bucket: versioned };
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: LAST }));
  const answers = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const { $metadata: _, ...answer } = await complete(upload, [{ PartNumber: 1, ETag }]);
      return answer;
    }),
  );
  for (const answer of answers) t.deepEqual(answer, answers[0]);
  t.is((await s3.send(new ListObjectVersionsCommand({ Bucket: versioned }))).Versions?.length, 1);
});

test("of a completion and an abort at once either makes the object or leaves none", async (t) => {
  for (let round = 0; round < 8; round += 1) {
    const name = await begin(`race-${round}`);
    const { ETag } = await s3.send(new UploadPartCommand({ ...name, PartNumber: 1, Body: LAST }));
    const status = (call: Promise<unknown>) =>
      call.then(
        () => 200,
        (error: { name: string }) => error.name,
      );
    const [completed, aborted] = await Promise.all([
      status(complete(name, [{ PartNumber: 1, ETag }])),
      status(s3.send(new AbortMultipartUploadCommand(name))),
    ]);
    const [wanted, other] = completed === 200 ? [aborted, completed] : [completed, aborted];
    t.is(wanted, "NoSuchUpload");
    t.is(other, 200);
    const there = await status(s3.send(new HeadObjectCommand({ Bucket, Key: name.Key })));
    t.is(there, completed === 200 ? 200 : "NotFound");
  }
});

test("fact 21: a part of an object with a whole checksum has none of its own, unless it is the only one", async (t) => {
  for (const [Key, bodies] of [
    ["one-part", [LAST]],
    ["two-parts", [FIRST, LAST]],
  ] as const) {
    const name = await begin(Key, { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
    const parts: CompletedPart[] = [];
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ ...name, PartNumber, Body, ChecksumAlgorithm: "CRC32" }));
      parts.push({ PartNumber, ETag });
    }
    const { ChecksumCRC32 } = await complete(name, parts);
    const asked = { Bucket, Key, PartNumber: bodies.length, ChecksumMode: "ENABLED" } as const;
    for (const answer of [await s3.send(new HeadObjectCommand(asked)), await s3.send(new GetObjectCommand(asked))]) {
      t.is(answer.$metadata.httpStatusCode, 206);
      t.is(answer.PartsCount, bodies.length);
      t.is(answer.ContentLength, LAST.length);
      t.is(answer.ChecksumCRC32, bodies.length === 1 ? ChecksumCRC32 : undefined);
    }
    const beyond = { ...asked, PartNumber: bodies.length + 1 };
    t.deepEqual(await outcome(s3.send(new GetObjectCommand(beyond))), ["InvalidPartNumber", 416]);
  }
});

test("fact 32: a part of exactly 5 MiB may stand before others, and one of a byte less may not", async (t) => {
  const name = await begin("least");
  const send = async (PartNumber: number, Body: Uint8Array) => {
    const { ETag } = await s3.send(new UploadPartCommand({ ...name, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const last = await send(2, LAST);
  const short = await send(1, FIRST.subarray(1));
  t.deepEqual(await outcome(complete(name, [short, last])), ["EntityTooSmall", 400]);
  await t.notThrowsAsync(complete(name, [await send(1, FIRST), last]));
});

test("fact 33: x-amz-mp-object-size may be said, if it is right", async (t) => {
  const name = await begin("sized");
  const { ETag } = await s3.send(new UploadPartCommand({ ...name, PartNumber: 3, Body: LAST }));
  for (const MpuObjectSize of [3, 5]) {
    t.deepEqual(await outcome(complete(name, [{ PartNumber: 3, ETag }], { MpuObjectSize })), ["InvalidRequest", 400]);
  }
  await t.notThrowsAsync(complete(name, [{ PartNumber: 3, ETag }], { MpuObjectSize: 4 }));
});

test("fact 29: an upload whose key was written over, even with the same bytes, is a conflict for If-Match too", async (t) => {
  const Key = "matched";
  const { ETag: before } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "same" }));
  const name = await begin(Key);
  const { ETag } = await s3.send(new UploadPartCommand({ ...name, PartNumber: 1, Body: LAST }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: "same" }));
  const refused = complete(name, [{ PartNumber: 1, ETag }], { IfMatch: before });
  t.deepEqual(await outcome(refused), ["ConditionalRequestConflict", 409]);
  const again = await begin(Key);
  await s3.send(new UploadPartCommand({ ...again, PartNumber: 1, Body: LAST }));
  await t.notThrowsAsync(complete(again, [{ PartNumber: 1, ETag }], { IfMatch: before }));
});

const TYPES: Readonly<Record<ChecksumAlgorithm, { default: ChecksumType; refused: ChecksumType | undefined }>> = {
  CRC32: { default: "COMPOSITE", refused: undefined },
  CRC32C: { default: "COMPOSITE", refused: undefined },
  CRC64NVME: { default: "FULL_OBJECT", refused: "COMPOSITE" },
  SHA1: { default: "COMPOSITE", refused: "FULL_OBJECT" },
  SHA256: { default: "COMPOSITE", refused: "FULL_OBJECT" },
  SHA512: { default: "COMPOSITE", refused: "FULL_OBJECT" },
  MD5: { default: "COMPOSITE", refused: "FULL_OBJECT" },
  XXHASH64: { default: "COMPOSITE", refused: "FULL_OBJECT" },
  XXHASH3: { default: "COMPOSITE", refused: "FULL_OBJECT" },
  XXHASH128: { default: "COMPOSITE", refused: "FULL_OBJECT" },
};

for (const algorithm of CHECKSUM_ALGORITHMS) {
  const header = checksumHeader(algorithm);
  const member = `Checksum${algorithm}` as const;
  const valueOf = (bytes: Uint8Array): string => encodeChecksum(digestOf(algorithm, bytes));

  test(`facts 34 and 36: an upload with ${algorithm}, its type by default and refused, its parts, its object`, async (t) => {
    const { default: type, refused } = TYPES[algorithm];
    if (refused !== undefined) {
      const answer = await server.request("POST", `/${Bucket}/refused?uploads`, {
        headers: { "x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": refused },
      });
      t.is(answer.status, 400);
      t.true(
        String(answer.body).includes(
          `<Message>The ${refused} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.</Message>`,
        ),
      );
    }
    const Key = `upload-${algorithm}`;
    const begun = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: algorithm }));
    t.is(begun.ChecksumAlgorithm, algorithm);
    t.is(begun.ChecksumType, type);
    const { UploadId } = begun;
    const listed: string[] = [];
    for (const [number, bytes] of [
      [1, FIRST],
      [2, LAST],
    ] as const) {
      const sent = await server.request("PUT", `/${Bucket}/${Key}?partNumber=${number}&uploadId=${UploadId}`, {
        headers: { [header]: valueOf(bytes) },
        body: bytes,
      });
      t.is(sent.status, 200);
      t.is(sent.headers[header], valueOf(bytes));
      listed.push(
        `<Part><PartNumber>${number}</PartNumber><ETag>${sent.headers["etag"]}</ETag><${member}>${valueOf(bytes)}</${member}></Part>`,
      );
    }
    const { Parts, ChecksumType, ChecksumAlgorithm } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    t.is(ChecksumType, type);
    t.is(ChecksumAlgorithm, algorithm);
    t.deepEqual(
      Parts?.map((part) => part[member]),
      [valueOf(FIRST), valueOf(LAST)],
    );
    const done = await server.request("POST", `/${Bucket}/${Key}?uploadId=${UploadId}`, {
      body: `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`,
    });
    const whole =
      type === "COMPOSITE"
        ? `${encodeChecksum(digestOf(algorithm, Buffer.concat([digestOf(algorithm, FIRST), digestOf(algorithm, LAST)])))}-2`
        : valueOf(Buffer.concat([FIRST, LAST]));
    t.is(done.status, 200, String(done.body));
    t.true(String(done.body).includes(`<${member}>${whole}</${member}>`));
    const head = await server.request("HEAD", `/${Bucket}/${Key}`, { headers: { "x-amz-checksum-mode": "ENABLED" } });
    t.is(head.headers[header], whole);
    t.is(head.headers["x-amz-checksum-type"], type);
  });
}

test("an upload with MD5 takes Content-MD5 for its parts' checksums, announced or not", async (t) => {
  const name = await begin("md5", { ChecksumAlgorithm: "MD5" });
  const sent = await s3.send(new UploadPartCommand({ ...name, PartNumber: 1, Body: FIRST, ChecksumAlgorithm: "MD5" }));
  const ContentMD5 = createHash("md5").update(LAST).digest("base64");
  const plain = await s3.send(new UploadPartCommand({ ...name, PartNumber: 2, Body: LAST, ContentMD5 }));
  t.is(plain.ChecksumMD5, ContentMD5);
  const parts = [sent, plain].map(({ ETag, ChecksumMD5 }, index) => ({ PartNumber: index + 1, ETag, ChecksumMD5 }));
  const done = await complete(name, parts);
  const digests = Buffer.concat([FIRST, LAST].map((bytes) => createHash("md5").update(bytes).digest()));
  t.is(done.ChecksumMD5, `${createHash("md5").update(digests).digest("base64")}-2`);
  t.is(done.ChecksumType, "COMPOSITE");
  const bare = await begin("md5-bare", { ChecksumAlgorithm: "MD5" });
  const none = s3.send(new UploadPartCommand({ ...bare, PartNumber: 1, Body: LAST }));
  t.deepEqual(await outcome(none), ["InvalidRequest", 400]);
});

test("uploads and parts are listed from their markers on, cut anywhere", async (t) => {
  const uploading = await makeBucket(s3, "markers");
  const begun: (string | undefined)[] = [];
  for (const Key of ["a", "b", "b", "b", "c"]) {
    begun.push((await s3.send(new CreateMultipartUploadCommand({ Bucket: uploading, Key }))).UploadId);
  }
  for (let MaxUploads = 1; MaxUploads <= begun.length + 1; MaxUploads += 1) {
    const seen: (string | undefined)[] = [];
    let markers = {};
    for (let more = true; more;) {
      const page = await s3.send(new ListMultipartUploadsCommand({ Bucket: uploading, MaxUploads, ...markers }));
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      more = page.IsTruncated === true;
    }
    t.deepEqual(seen, begun, `pages of ${MaxUploads}`);
  }
  const name = await begin("cut");
  const numbers = [1, 2, 5, 9, 10_000];
  for (const PartNumber of numbers) await s3.send(new UploadPartCommand({ ...name, PartNumber, Body: LAST }));
  for (let MaxParts = 1; MaxParts <= numbers.length + 1; MaxParts += 1) {
    const seen: (number | undefined)[] = [];
    let PartNumberMarker: string | undefined = "0";
    while (PartNumberMarker !== undefined) {
      const cut: ListPartsCommand = new ListPartsCommand({ ...name, MaxParts, PartNumberMarker });
      const { Parts = [], IsTruncated, NextPartNumberMarker } = await s3.send(cut);
      seen.push(...Parts.map(({ PartNumber }) => PartNumber));
      PartNumberMarker = IsTruncated === true ? NextPartNumberMarker : undefined;
    }
    t.deepEqual(seen, numbers, `pages of ${MaxParts}`);
  }
  for (const PartNumberMarker of ["10000", "65535", "131072", "2147483647"]) {
    const { Parts, NextPartNumberMarker } = await s3.send(new ListPartsCommand({ ...name, PartNumberMarker }));
    t.deepEqual([Parts, NextPartNumberMarker], [undefined, "0"], PartNumberMarker);
  }
});
