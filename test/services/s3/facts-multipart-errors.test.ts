/** Errors of uploads in parts, as they stand on the wire: status, and every element inside `<Error>` beside RequestId and HostId. */
import { createHash } from "node:crypto";
import {
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CreateMultipartUploadCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { makeBucket } from "./client.ts";
import {
  COPY_RANGE,
  INVALID_PART,
  MALFORMED,
  check,
  invalidArgument,
  invalidRequest,
  noSuchUpload,
  titleOf,
  type Case,
  type Fields,
} from "./error-cases.ts";

// Raw requests are not signed, and in `lenient` an unsigned read is anonymous.
const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const bucket = await makeBucket(s3, "errors");
await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "ten", Body: "0123456789" }));
const BIG = Buffer.alloc(5 * 1024 ** 2);
const md5 = (body: string | Uint8Array) => createHash("md5").update(body);
const begin = async (Key: string, options: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> => {
  const { UploadId = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key, ...options }));
  return UploadId;
};
const plain = await begin("parts");
for (const [PartNumber, Body] of [
  [1, "small"],
  [2, "last"],
] as const) {
  await s3.send(new UploadPartCommand({ Bucket: bucket, Key: "parts", UploadId: plain, PartNumber, Body }));
}
const sha = await begin("sha", { ChecksumAlgorithm: "SHA256" });
const ChecksumAlgorithm = "SHA256";
const shaPart = await s3.send(
  new UploadPartCommand({ Bucket: bucket, Key: "sha", UploadId: sha, PartNumber: 1, Body: BIG, ChecksumAlgorithm }),
);
const crc = await begin("crc", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
const crcPart = await s3.send(
  new UploadPartCommand({ Bucket: bucket, Key: "crc", UploadId: crc, PartNumber: 1, Body: "body" }),
);

test.after.always(() => server.close());

const at = (key: string): string => `/${bucket}/${key}`;
const upload = (key: string, uploadId: string): string => `${at(key)}?uploadId=${uploadId}`;
const part = (key: string, uploadId: string, number: number | string = 1): string =>
  `${at(key)}?partNumber=${number}&uploadId=${uploadId}`;
const parts = (...listed: readonly (readonly [number: number, etag: string | undefined, more?: string])[]): string =>
  `<CompleteMultipartUpload>${listed
    .map(([number, etag, more = ""]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more}</Part>`)
    .join("")}</CompleteMultipartUpload>`;
const source = (key = "ten"): Fields => ({ "x-amz-copy-source": `/${bucket}/${key}` });
const CASES: readonly Case[] = [
  {
    fact: 26,
    what: "a wrong Content-MD5 of a part",
    request: ["PUT", part("parts", plain, 9), { "content-md5": md5("other").digest("base64") }, "body"],
    status: 400,
    error: {
      Code: "BadDigest",
      Message: "The Content-MD5 you specified did not match what we received.",
      ExpectedDigest: md5("other").digest("base64"),
      CalculatedDigest: md5("body").digest("base64"),
    },
  },
  {
    fact: 31,
    what: "a part that was not uploaded",
    request: ["POST", upload("parts", plain), {}, parts([3, '"abc"'])],
    status: 400,
    error: { Code: "InvalidPart", Message: INVALID_PART, UploadId: plain, PartNumber: "3", ETag: "abc" },
  },
  {
    fact: 32,
    what: "a small part before the last",
    request: [
      "POST",
      upload("parts", plain),
      {},
      parts([1, md5("small").digest("hex")], [2, md5("last").digest("hex")]),
    ],
    status: 400,
    error: {
      Code: "EntityTooSmall",
      Message: "Your proposed upload is smaller than the minimum allowed size",
      ETag: md5("small").digest("hex"),
      PartNumber: "1",
      ProposedSize: "5",
      MinSizeAllowed: "5242880",
    },
  },
  {
    fact: 32,
    what: "no document of parts",
    request: ["POST", upload("parts", plain)],
    status: 400,
    error: invalidRequest("You must specify at least one part"),
  },
  {
    fact: 43,
    what: "a document without parts",
    request: ["POST", upload("parts", plain), {}, parts()],
    status: 400,
    error: { Code: "MalformedXML", Message: MALFORMED },
  },
  ...["0", "-4"].map((number): Case => ({
    fact: 32,
    what: `the listed part number ${number}`,
    request: ["POST", upload("parts", plain), {}, parts([Number(number), '"abc"'])],
    status: 400,
    error: invalidArgument("PartNumber must be >= 1", "PartNumber", number),
  })),
  {
    fact: 32,
    what: "parts in another order",
    request: ["POST", upload("parts", plain), {}, parts([2, "a"], [1, "b"])],
    status: 400,
    error: {
      Code: "InvalidPartOrder",
      Message: "The list of parts was not in ascending order. Parts must be ordered by part number.",
      UploadId: plain,
    },
  },
  ...["0", "10001", "x"].map((number): Case => ({
    fact: 32,
    what: `the part number ${number}`,
    request: ["PUT", part("parts", plain, number), {}, "body"],
    status: 400,
    error: invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number),
  })),
  {
    fact: 33,
    what: "an upload that is not there",
    request: ["PUT", part("parts", "missing"), {}, "body"],
    status: 404,
    error: noSuchUpload("missing"),
  },
  {
    fact: 33,
    what: "another key's upload",
    request: ["DELETE", upload("other", plain)],
    status: 404,
    error: noSuchUpload(plain),
  },
  {
    fact: 33,
    what: "a wrong size of the object",
    request: ["POST", upload("parts", plain), { "x-amz-mp-object-size": "5" }, parts([2, md5("last").digest("hex")])],
    status: 400,
    error: invalidRequest("The provided 'x-amz-mp-object-size' header value 5 does not match what was computed: 4"),
  },
  {
    fact: 33,
    what: "a size of the object below zero",
    request: ["POST", upload("parts", plain), { "x-amz-mp-object-size": "-5" }, parts([2, md5("last").digest("hex")])],
    status: 400,
    error: invalidRequest("Value for x-amz-mp-object-size header is less than zero: '-5'"),
  },
  {
    fact: 34,
    what: "FULL_OBJECT of SHA1",
    request: [
      "POST",
      `${at("new")}?uploads`,
      { "x-amz-checksum-algorithm": "SHA1", "x-amz-checksum-type": "FULL_OBJECT" },
    ],
    status: 400,
    error: invalidRequest("The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm."),
  },
  {
    fact: 34,
    what: "a type without an algorithm",
    request: ["POST", `${at("new")}?uploads`, { "x-amz-checksum-type": "COMPOSITE" }],
    status: 400,
    error: invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."),
  },
  {
    fact: 34,
    what: "an algorithm that is none",
    request: ["POST", `${at("new")}?uploads`, { "x-amz-checksum-algorithm": "CRC33" }],
    status: 400,
    error: invalidRequest(
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    ),
  },
  {
    fact: 35,
    what: "a part with another algorithm than its upload's",
    request: ["PUT", part("sha", sha, 2), { "x-amz-checksum-crc32": "AAAAAA==" }, "body"],
    status: 400,
    error: invalidRequest(
      "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32",
    ),
  },
  {
    fact: 36,
    what: "a composite completion without the parts' checksums",
    request: ["POST", upload("sha", sha), {}, parts([1, shaPart.ETag])],
    status: 400,
    error: invalidRequest(
      "The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.",
    ),
  },
  {
    fact: 36,
    what: "another mode",
    request: [
      "POST",
      upload("sha", sha),
      { "x-amz-checksum-type": "FULL_OBJECT" },
      parts([1, shaPart.ETag, `<ChecksumSHA256>${shaPart.ChecksumSHA256}</ChecksumSHA256>`]),
    ],
    status: 400,
    error: invalidRequest(
      "The upload was created using the COMPOSITE checksum mode. The complete request must use the same checksum mode.",
    ),
  },
  {
    fact: 36,
    what: "a mode where the upload has none",
    request: [
      "POST",
      upload("parts", plain),
      { "x-amz-checksum-type": "COMPOSITE" },
      parts([2, md5("last").digest("hex")]),
    ],
    status: 400,
    error: invalidRequest(
      "The upload was created using the null checksum mode. The complete request must use the same checksum mode.",
    ),
  },
  {
    fact: 36,
    what: "a wrong checksum of a part",
    request: [
      "POST",
      upload("sha", sha),
      {},
      parts([1, shaPart.ETag, `<ChecksumSHA256>${Buffer.alloc(32).toString("base64")}</ChecksumSHA256>`]),
    ],
    status: 400,
    error: {
      Code: "InvalidPart",
      Message: INVALID_PART,
      UploadId: sha,
      PartNumber: "1",
      ETag: (shaPart.ETag ?? "").replaceAll('"', ""),
    },
  },
  {
    fact: 36,
    what: "a part's checksum of another algorithm",
    request: [
      "POST",
      upload("crc", crc),
      {},
      parts([1, crcPart.ETag, `<ChecksumSHA256>${shaPart.ChecksumSHA256}</ChecksumSHA256>`]),
    ],
    status: 400,
    error: { Code: "BadDigest", Message: "The sha256 you specified for part 1 did not match what we received." },
  },
  ...["zz", "AAAA"].map((value): Case => ({
    fact: 36,
    what: `the malformed checksum ${value} of a part`,
    request: ["POST", upload("sha", sha), {}, parts([1, shaPart.ETag, `<ChecksumSHA256>${value}</ChecksumSHA256>`])],
    status: 400,
    error: invalidArgument("Invalid Base64 or multiple checksums present in request", "Checksum", value),
  })),
  {
    fact: 36,
    what: "more than one checksum of a part",
    request: [
      "POST",
      upload("crc", crc),
      {},
      parts([1, crcPart.ETag, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>"]),
    ],
    status: 400,
    error: invalidArgument(
      "Invalid Base64 or multiple checksums present in request",
      "Checksum",
      "CRC32:AAAAAA==;CRC32C:AAAAAA==;",
    ),
  },
  {
    fact: 36,
    what: "a mode that is none",
    request: ["POST", upload("crc", crc), { "x-amz-checksum-type": "WHOLE" }, parts([1, crcPart.ETag])],
    status: 400,
    error: invalidRequest("Value for x-amz-checksum-type header is invalid."),
  },
  {
    fact: 37,
    what: "a malformed checksum of the whole",
    request: ["POST", upload("crc", crc), { "x-amz-checksum-crc32": "AAAA" }, parts([1, crcPart.ETag])],
    status: 400,
    error: invalidRequest("Value for x-amz-checksum-crc32 header is invalid."),
  },
  {
    fact: 37,
    what: "two checksums of the whole",
    request: [
      "POST",
      upload("crc", crc),
      { "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-crc32c": "AAAAAA==" },
      parts([1, crcPart.ETag]),
    ],
    status: 400,
    error: invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."),
  },
  {
    fact: 36,
    what: "a wrong checksum of the whole",
    request: ["POST", upload("crc", crc), { "x-amz-checksum-crc32": "AAAAAA==" }, parts([1, crcPart.ETag])],
    status: 400,
    error: { Code: "BadDigest", Message: "The crc32 you specified did not match the calculated checksum." },
  },
  {
    fact: 39,
    what: "a malformed source, whatever the upload",
    request: ["PUT", part("parts", "missing"), { "x-amz-copy-source": "192.168.1.1/key" }],
    status: 400,
    error: invalidArgument("Invalid copy source bucket name", "x-amz-copy-source", "x-amz-copy-source"),
  },
  ...["0-3", "bytes=0-", "bytes=-2", "bytes=3-1", "bytes=0-1,3-4", "bytes=a-b", "bytes 0-3"].map((range): Case => ({
    fact: 38,
    what: `the range ${range} of a copied part`,
    request: ["PUT", part("parts", plain, 9), { ...source(), "x-amz-copy-source-range": range }],
    status: 400,
    error: invalidArgument(COPY_RANGE, "x-amz-copy-source-range", range),
  })),
  {
    fact: 38,
    what: "a range that ends beyond the source",
    request: ["PUT", part("parts", plain, 9), { ...source(), "x-amz-copy-source-range": "bytes=2-10" }],
    status: 400,
    error: invalidArgument(
      "Range specified is not valid for source object of size: 10",
      "x-amz-copy-source-range",
      "bytes=2-10",
    ),
  },
  {
    fact: 38,
    what: "a range that begins beyond the source",
    request: ["PUT", part("parts", plain, 9), { ...source(), "x-amz-copy-source-range": "bytes=10-11" }],
    status: 400,
    error: invalidRequest("The specified copy range is invalid for the source object size"),
  },
];

for (const expected of CASES) test(titleOf(expected), (t) => check(t, { server, expected }));
