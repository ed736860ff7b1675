import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type ChecksumAlgorithm,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const bare = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "multipart");

const FIRST = Buffer.alloc(5 * 1024 ** 2, "first");
const LAST = Buffer.from("last");
const WHOLE = Buffer.concat([FIRST, LAST]);
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes);

const begin = async (Key: string, options: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const { UploadId } = await bare.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  return { Bucket, Key, UploadId };
};
type Name = Awaited<ReturnType<typeof begin>>;

const put = async (
  name: Name,
  { PartNumber, Body, algorithm }: { PartNumber: number; Body: Uint8Array; algorithm?: ChecksumAlgorithm },
): Promise<CompletedPart> => {
  const part = { ...name, PartNumber, Body };
  const {
    $metadata: _,
    ServerSideEncryption: __,
    ...answer
  } = await bare.send(
    new UploadPartCommand(algorithm === undefined ? part : { ...part, ChecksumAlgorithm: algorithm }),
  );
  return { ...answer, PartNumber };
};

const complete = (name: Name, Parts: CompletedPart[], options: object = {}) =>
  bare.send(new CompleteMultipartUploadCommand({ ...name, MultipartUpload: { Parts }, ...options }));

test.after.always(() => server.close());

test("an upload of two parts with a gap between their numbers becomes one object", async (t) => {
  const name = await begin("gap", { ContentType: "text/plain", Metadata: { a: "b" }, Tagging: "t=1" });
  const parts = [await put(name, { PartNumber: 1, Body: FIRST }), await put(name, { PartNumber: 7, Body: LAST })];
  const done = await complete(name, parts);
  const digests = Buffer.concat([md5(FIRST).digest(), md5(LAST).digest()]);
  t.is(done.ETag, `"${md5(digests).digest("hex")}-2"`);
  t.is(done.ChecksumType, "FULL_OBJECT");
  t.truthy(done.ChecksumCRC64NVME);
  t.regex(done.Location ?? "", /^http:\/\/.*gap$/);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "gap" }));
  t.true(WHOLE.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
  t.like(got, { ContentType: "text/plain", Metadata: { a: "b" }, TagCount: 1, ETag: done.ETag });
  t.deepEqual(await outcome(s3.send(new ListPartsCommand(name))), ["NoSuchUpload", 404]);
});

test("completing an upload again answers the same", async (t) => {
  const name = await begin("again");
  const parts = [await put(name, { PartNumber: 1, Body: LAST })];
  const { $metadata: _, ...once } = await complete(name, parts);
  const { $metadata: __, ...twice } = await complete(name, parts);
  t.deepEqual(twice, once);
});

test("fact 21: a part of an object made of parts is read by its number", async (t) => {
  const name = await begin("parts", { ChecksumAlgorithm: "SHA256" });
  const algorithm = "SHA256";
  const parts = [
    await put(name, { PartNumber: 1, Body: FIRST, algorithm }),
    await put(name, { PartNumber: 2, Body: LAST, algorithm }),
  ];
  await complete(name, parts);
  const Key = "parts";
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2, ChecksumMode: "ENABLED" }));
  t.is(got.$metadata.httpStatusCode, 206);
  t.is(got.ContentRange, `bytes ${FIRST.length}-${WHOLE.length - 1}/${WHOLE.length}`);
  t.is(got.PartsCount, 2);
  t.is(got.ChecksumSHA256, createHash("sha256").update(LAST).digest("base64"));
  t.is(await got.Body?.transformToString(), "last");
  const error = await failure(s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 3 })));
  t.is(error.name, "InvalidPartNumber");
  t.is(error["ActualPartCount"], "2");
});

test("fact 29: a key that was written to since the upload began is a conflict for its conditions", async (t) => {
  const name = await begin("fact29");
  const parts = [await put(name, { PartNumber: 1, Body: LAST })];
  await s3.send(new PutObjectCommand({ Bucket, Key: "fact29", Body: "meanwhile" }));
  t.deepEqual(await outcome(complete(name, parts, { IfNoneMatch: "*" })), ["PreconditionFailed", 412]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "fact29" }));
  const error = await failure(complete(name, parts, { IfNoneMatch: "*" }));
  t.is(error.name, "ConditionalRequestConflict");
  t.is(error["Condition"], "If-None-Match");
  t.is(error["Key"], "fact29");
  t.is(error.$metadata.httpStatusCode, 409);
  const again = await begin("fact29");
  const part = await put(again, { PartNumber: 1, Body: LAST });
  await t.notThrowsAsync(complete(again, [part], { IfNoneMatch: "*" }));
});

test("fact 31: a part that is not there, or another, is InvalidPart", async (t) => {
  const name = await begin("fact31");
  const part = await put(name, { PartNumber: 1, Body: LAST });
  const missing = await failure(complete(name, [{ ...part, PartNumber: 2 }]));
  t.is(missing.name, "InvalidPart");
  t.is(missing["UploadId"], name.UploadId);
  t.is(missing["PartNumber"], "2");
  t.is(missing["ETag"], part.ETag?.replaceAll('"', ""));
  t.is((await failure(complete(name, [{ PartNumber: 1, ETag: '"abc"' }]))).name, "InvalidPart");
});

test("fact 32: every part but the last has at least 5 MiB", async (t) => {
  const name = await begin("fact32");
  const parts = [await put(name, { PartNumber: 1, Body: LAST }), await put(name, { PartNumber: 2, Body: LAST })];
  const error = await failure(complete(name, parts));
  t.is(error.name, "EntityTooSmall");
  t.is(error["ETag"], md5(LAST).digest("hex"));
  t.is(error["PartNumber"], "1");
  t.is(error["ProposedSize"], "4");
  t.is(error["MinSizeAllowed"], "5242880");
});

test("fact 32: no parts, unordered parts and part numbers out of range", async (t) => {
  const name = await begin("fact32-order");
  const parts = [await put(name, { PartNumber: 1, Body: FIRST }), await put(name, { PartNumber: 2, Body: LAST })];
  const none = await failure(complete(name, [], { MultipartUpload: undefined }));
  t.is(none.name, "InvalidRequest");
  t.is(none.message, "You must specify at least one part");
  t.is((await failure(complete(name, []))).name, "MalformedXML");
  const unordered = await failure(complete(name, parts.toReversed()));
  t.is(unordered.name, "InvalidPartOrder");
  t.is(unordered["UploadId"], name.UploadId);
  for (const PartNumber of [0, 10_001]) {
    const error = await failure(put(name, { PartNumber, Body: LAST }));
    t.is(error.name, "InvalidArgument");
    t.is(error["ArgumentName"], "partNumber");
    t.is(error.message, "Part number must be an integer between 1 and 10000, inclusive");
  }
  await t.notThrowsAsync(put(name, { PartNumber: 10_000, Body: LAST }));
});

test("fact 33: an upload that is not there is NoSuchUpload, and a wrong size is refused", async (t) => {
  const name = await begin("fact33");
  const part = await put(name, { PartNumber: 1, Body: LAST });
  const size = await failure(complete(name, [part], { MpuObjectSize: 5 }));
  t.is(size.name, "InvalidRequest");
  t.is(size.message, "The provided 'x-amz-mp-object-size' header value 5 does not match what was computed: 4");
  await s3.send(new AbortMultipartUploadCommand(name));
  const error = await failure(put(name, { PartNumber: 2, Body: LAST }));
  t.is(error.name, "NoSuchUpload");
  t.is(error["UploadId"], name.UploadId);
  t.is((await failure(s3.send(new AbortMultipartUploadCommand(name)))).name, "NoSuchUpload");
});

/** The checksum type of a new upload. */
const typeOf = async (options: Partial<CreateMultipartUploadCommandInput>) =>
  (await bare.send(new CreateMultipartUploadCommand({ Bucket, Key: "fact34", ...options }))).ChecksumType;

test("fact 34: which checksum types go with which algorithms", async (t) => {
  t.is(await typeOf({ ChecksumAlgorithm: "CRC32" }), "COMPOSITE");
  t.is(await typeOf({ ChecksumAlgorithm: "SHA256" }), "COMPOSITE");
  t.is(await typeOf({ ChecksumAlgorithm: "CRC64NVME" }), "FULL_OBJECT");
  t.is(await typeOf({ ChecksumAlgorithm: "CRC32C", ChecksumType: "FULL_OBJECT" }), "FULL_OBJECT");
  const refused = async (options: Partial<CreateMultipartUploadCommandInput>) =>
    (await failure(typeOf(options))).message;
  t.is(
    await refused({ ChecksumAlgorithm: "SHA1", ChecksumType: "FULL_OBJECT" }),
    "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.",
  );
  t.is(
    await refused({ ChecksumAlgorithm: "CRC64NVME", ChecksumType: "COMPOSITE" }),
    "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.",
  );
  t.is(
    await refused({ ChecksumType: "COMPOSITE" }),
    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
  );
});

test("fact 35: a part has its upload's algorithm", async (t) => {
  const name = await begin("fact35", { ChecksumAlgorithm: "SHA256" });
  const error = await failure(put(name, { PartNumber: 1, Body: LAST, algorithm: "CRC32" }));
  t.is(error.name, "InvalidRequest");
  t.is(error.message, "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32");
});

test("fact 35: an upload without an algorithm takes any, and shows none", async (t) => {
  const name = await begin("fact35-any");
  await put(name, { PartNumber: 1, Body: FIRST, algorithm: "SHA1" });
  await put(name, { PartNumber: 2, Body: LAST, algorithm: "CRC32" });
  const { Parts = [], ChecksumAlgorithm } = await s3.send(new ListPartsCommand(name));
  t.is(ChecksumAlgorithm, undefined);
  t.deepEqual(
    Parts.map((part) => Object.keys(part).filter((member) => member.startsWith("Checksum"))),
    [[], []],
  );
  const parts = Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
  t.truthy((await complete(name, parts)).ChecksumCRC64NVME);
});

test("fact 36: a composite checksum is that of the parts' digests, and needs them in the request", async (t) => {
  const name = await begin("fact36", { ChecksumAlgorithm: "SHA256" });
  const algorithm = "SHA256";
  const parts = [
    await put(name, { PartNumber: 1, Body: FIRST, algorithm }),
    await put(name, { PartNumber: 2, Body: LAST, algorithm }),
  ];
  const missing = await failure(
    complete(
      name,
      parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })),
    ),
  );
  t.is(missing.name, "InvalidRequest");
  t.is(
    missing.message,
    "The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.",
  );
  const mode = await failure(complete(name, parts, { ChecksumType: "FULL_OBJECT" }));
  t.is(
    mode.message,
    "The upload was created using the COMPOSITE checksum mode. The complete request must use the same checksum mode.",
  );
  const [one, two] = parts;
  const wrong = [one ?? {}, { ...two, ChecksumSHA256: one?.ChecksumSHA256 }];
  t.is((await failure(complete(name, wrong))).name, "InvalidPart");
  const other = await failure(
    complete(name, [{ ...one, ChecksumSHA256: undefined, ChecksumCRC32: "AAAAAA==" }, two ?? {}]),
  );
  t.is(other.name, "BadDigest");
  t.is(other.message, "The crc32 you specified for part 1 did not match what we received.");

  const done = await complete(name, parts);
  const digests = Buffer.concat([sha256(FIRST).digest(), sha256(LAST).digest()]);
  t.is(done.ChecksumSHA256, `${sha256(digests).digest("base64")}-2`);
  t.is(done.ChecksumType, "COMPOSITE");

  const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: "fact36-copy", CopySource: `${Bucket}/fact36` }));
  t.is(copy.CopyObjectResult?.ETag, `"${md5(WHOLE).digest("hex")}"`);
  t.is(copy.CopyObjectResult?.ChecksumSHA256, sha256(WHOLE).digest("base64"));
  t.is(copy.CopyObjectResult?.ChecksumType, "FULL_OBJECT");
});

test("fact 36: a whole checksum is compared with the bytes'", async (t) => {
  const name = await begin("fact36-whole", { ChecksumAlgorithm: "CRC32C", ChecksumType: "FULL_OBJECT" });
  const parts = [
    await put(name, { PartNumber: 1, Body: FIRST, algorithm: "CRC32C" }),
    await put(name, { PartNumber: 2, Body: LAST, algorithm: "CRC32C" }),
  ];
  const wrong = await failure(complete(name, parts, { ChecksumCRC32C: "AAAAAA==" }));
  t.is(wrong.name, "BadDigest");
  t.is(wrong.message, "The crc32c you specified did not match the calculated checksum.");
  const whole = await s3.send(new PutObjectCommand({ Bucket, Key: "whole", Body: WHOLE, ChecksumAlgorithm: "CRC32C" }));
  const done = await complete(name, parts, { ChecksumCRC32C: whole.ChecksumCRC32C });
  t.is(done.ChecksumCRC32C, whole.ChecksumCRC32C);
  t.is(done.ChecksumType, "FULL_OBJECT");
});

test("fact 38: parts are made of an object's bytes", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "fact38-source", Body: "0123456789" }));
  const CopySource = `${Bucket}/fact38-source`;
  const name = await begin("fact38");
  const copy = (CopySourceRange?: string) =>
    s3.send(new UploadPartCopyCommand({ ...name, PartNumber: 1, CopySource, CopySourceRange }));
  const { CopyPartResult } = await copy("bytes=2-5");
  t.is(CopyPartResult?.ETag, `"${md5(Buffer.from("2345")).digest("hex")}"`);
  for (const range of ["0-3", "bytes=0-", "bytes=-2", "bytes=3-1"]) {
    const error = await failure(copy(range));
    t.is(error.name, "InvalidArgument");
    t.is(error["ArgumentName"], "x-amz-copy-source-range");
    t.is(error["ArgumentValue"], range);
  }
  t.is((await failure(copy("bytes=2-10"))).message, "Range specified is not valid for source object of size: 10");
  t.is((await failure(copy("bytes=10-11"))).message, "The specified copy range is invalid for the source object size");
  await complete(name, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "fact38" }));
  t.is(await got.Body?.transformToString(), "2345");
});

test("copied bytes outlive their source", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "mortal", Body: FIRST }));
  const name = await begin("heir");
  const { CopyPartResult } = await s3.send(
    new UploadPartCopyCommand({ ...name, PartNumber: 1, CopySource: `${Bucket}/mortal` }),
  );
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "mortal" }));
  await complete(name, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "heir" }));
  t.true(FIRST.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
});

test("fact 42: ListParts pages by part number and says 0 where there is none", async (t) => {
  const name = await begin("fact42");
  const empty = await s3.send(new ListPartsCommand(name));
  t.is(String(empty.PartNumberMarker), "0");
  t.is(String(empty.NextPartNumberMarker), "0");
  t.is(empty.Owner?.DisplayName, undefined);
  t.truthy(empty.Initiator?.DisplayName);
  for (const PartNumber of [1, 2, 5]) await put(name, { PartNumber, Body: LAST });
  const first = await s3.send(new ListPartsCommand({ ...name, MaxParts: 2 }));
  t.true(first.IsTruncated);
  t.is(String(first.NextPartNumberMarker), "2");
  const second = await s3.send(new ListPartsCommand({ ...name, PartNumberMarker: first.NextPartNumberMarker }));
  t.false(second.IsTruncated);
  t.deepEqual(
    second.Parts?.map(({ PartNumber }) => PartNumber),
    [5],
  );
});

test("an aborted upload leaves no object", async (t) => {
  const name = await begin("aborted");
  await put(name, { PartNumber: 1, Body: LAST });
  await s3.send(new AbortMultipartUploadCommand(name));
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "aborted" }))), ["NotFound", 404]);
});
