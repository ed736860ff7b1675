/**
 * What the codec costs: routing and decoding of requests, encoding of answers, in microseconds of CPU time (the collector's
 * included), so that a busy machine changes little.
 *
 * Usage: node bench/codec.ts [part of a case's name]
 */
import { decodeS3Input } from "../src/protocol/codec/s3-decoder.ts";
import { encodeS3Output } from "../src/protocol/codec/s3-encoder.ts";
import { createQueryCodec } from "../src/protocol/codec/query-codec.ts";
import type { Operations } from "../src/protocol/generated/s3.ts";
import { description as stsDescription } from "../src/protocol/generated/sts.ts";
import { parseParameters } from "../src/protocol/query-string.ts";
import { routeS3, type RoutedRequest, type S3OperationName } from "../src/protocol/router.ts";

/** How long each case runs before and while it is measured. */
const WARM_UP_MS = 300;
const MEASURE_MS = 700;

/** What the JavaScript SDK sends with every request. */
const COMMON_HEADERS = {
  host: "127.0.0.1:5000",
  "user-agent": "aws-sdk-js/3.1175.0 ua/2.1 os/linux lang/js md/nodejs#24.21.0 api/s3#3.1175.0 m/N,E,e",
  "amz-sdk-invocation-id": "6a1c8f4e-8a62-4f0d-8b8c-3f6f6d1f1f10",
  "amz-sdk-request": "attempt=1; max=3",
  "x-amz-date": "20261124T112200Z",
  "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  authorization:
    "AWS4-HMAC-SHA256 Credential=123456789012/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
  connection: "keep-alive",
};

const GET: RoutedRequest = {
  method: "GET",
  rawPath: "/amzn-s3-demo-bucket/folder/some%20key-000123.txt",
  rawQuery: "x-id=GetObject",
  headers: { ...COMMON_HEADERS, "x-amz-checksum-mode": "ENABLED" },
};

const PUT: RoutedRequest = {
  method: "PUT",
  rawPath: "/amzn-s3-demo-bucket/folder/some%20key-000123.txt",
  rawQuery: "x-id=PutObject",
  headers: {
    ...COMMON_HEADERS,
    "content-type": "application/octet-stream",
    "content-length": "1024",
    "x-amz-sdk-checksum-algorithm": "CRC32",
    "x-amz-checksum-crc32": "AAAAAA==",
    "x-amz-meta-author": "someone",
  },
};

const LIST: RoutedRequest = {
  method: "GET",
  rawPath: "/amzn-s3-demo-bucket",
  rawQuery: "list-type=2&prefix=folder%2F&max-keys=1000",
  headers: COMMON_HEADERS,
};

const routeAndDecode = (request: RoutedRequest, document?: Uint8Array) => (): unknown => {
  const { operation, ...route } = routeS3(request, {});
  const parts = { ...route, headers: request.headers, ...(document === undefined ? {} : { document }) };
  return decodeS3Input(operation as S3OperationName, parts);
};

const KEYS = 1_000;
const PARTS = 10_000;
const numbered = <T>(count: number, of: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => of(at));

const page: Operations["ListObjectsV2"]["output"] = {
  Name: "amzn-s3-demo-bucket",
  Prefix: "folder/",
  MaxKeys: KEYS,
  KeyCount: KEYS,
  IsTruncated: true,
  NextContinuationToken: "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=",
  Contents: numbered(KEYS, (at) => ({
    Key: `folder/some key-${at} & more.txt`,
    LastModified: new Date(1_760_000_000_000 + at * 1_000),
    ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
    ChecksumAlgorithm: ["CRC64NVME"],
    ChecksumType: "FULL_OBJECT",
    Size: at,
    StorageClass: "STANDARD",
  })),
};

const head: Operations["GetObject"]["output"] = {
  AcceptRanges: "bytes",
  LastModified: new Date(1_760_000_000_000),
  ContentLength: 1_024,
  ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
  ContentType: "application/octet-stream",
  ServerSideEncryption: "AES256",
  Metadata: { author: "someone" },
  ChecksumCRC32: "AAAAAA==",
  ChecksumType: "FULL_OBJECT",
};

const deletion = Buffer.from(
  `<Delete>${numbered(KEYS, (at) => `<Object><Key>folder/some key-${at} &amp; more.txt</Key></Object>`).join("")}</Delete>`,
);
const completion = Buffer.from(
  `<CompleteMultipartUpload>${numbered(
    PARTS,
    (at) => `<Part><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><PartNumber>${at + 1}</PartNumber></Part>`,
  ).join("")}</CompleteMultipartUpload>`,
);

const sts = createQueryCodec("sts", stsDescription);
const assume = `Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr&RoleSessionName=s&DurationSeconds=900`;

const CASES: Readonly<Record<string, () => unknown>> = {
  "route and decode GetObject": routeAndDecode(GET),
  "route and decode PutObject": routeAndDecode(PUT),
  "route and decode ListObjectsV2": routeAndDecode(LIST),
  "route and decode DeleteObjects, 1,000 keys": routeAndDecode(
    { ...LIST, method: "POST", rawQuery: "delete" },
    deletion,
  ),
  "route and decode CompleteMultipartUpload, 10,000 parts": routeAndDecode(
    { ...PUT, method: "POST", rawQuery: "uploadId=u" },
    completion,
  ),
  "encode GetObject's headers": () => encodeS3Output("GetObject", head, {}),
  "encode ListObjectsV2, 1,000 entries": () => encodeS3Output("ListObjectsV2", page, {}),
  "encode ListObjectsV2, 1,000 entries, url": () =>
    encodeS3Output("ListObjectsV2", { ...page, EncodingType: "url" }, {}),
  "decode AssumeRole": () => sts.decodeInput("AssumeRole", parseParameters(assume)),
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const runFor = (durationMs: number, work: () => unknown): { runs: number; tookMs: number } => {
  const start = cpuMs();
  let runs = 0;
  for (;;) {
    // The clock is looked at between batches, so that it is not what is measured.
    for (let at = 0; at < 10; at += 1) work();
    runs += 10;
    const tookMs = cpuMs() - start;
    if (tookMs >= durationMs) return { runs, tookMs };
  }
};

const wanted = process.argv[2] ?? "";
for (const [name, work] of Object.entries(CASES)) {
  if (!name.includes(wanted)) continue;
  runFor(WARM_UP_MS, work);
  const { runs, tookMs } = runFor(MEASURE_MS, work);
  process.stdout.write(`${((tookMs / runs) * 1_000).toFixed(2).padStart(10)} us  ${name}\n`);
}
