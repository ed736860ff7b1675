/** Uploads in parts, where parts are borrowed, replaced, listed wrongly, or very many. */
import { createHash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "edges");

const MIB = 1024 ** 2;
/** Bytes of which no two runs are equal. */
const BYTES = Buffer.alloc(11 * MIB);
for (let at = 0; at < BYTES.length; at += 4) BYTES.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
const CUTS = [0, 5 * MIB, 10 * MIB + 3, 10 * MIB + 1_000] as const;
const SIZE = CUTS[3];
const WHOLE = BYTES.subarray(0, SIZE);

const md5 = (bytes: Uint8Array): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

const begin = async (Key: string) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  return { Bucket, Key, UploadId };
};

type Upload = Awaited<ReturnType<typeof begin>>;

const complete = (upload: Upload, Parts: CompletedPart[]) =>
  s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));

const bytesOf = async (Key: string, Range?: string): Promise<Buffer> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

const SOURCE = "of-three-parts";
const source = await begin(SOURCE);
const sourceParts: CompletedPart[] = [];
for (const PartNumber of [1, 2, 3] as const) {
  const Body = BYTES.subarray(CUTS[PartNumber - 1], CUTS[PartNumber]);
  const { ETag } = await s3.send(new UploadPartCommand({ ...source, PartNumber, Body }));
  sourceParts.push({ PartNumber, ETag });
}
await complete(source, sourceParts);

test.after.always(() => server.close());

for (const [first, last] of [
  [0, 0],
  [CUTS[1] - 1, CUTS[1]],
  [CUTS[1], CUTS[1]],
  [CUTS[1] - 2, CUTS[2] + 10],
  [CUTS[2] - 1, CUTS[2]],
  [SIZE - 1, SIZE - 1],
  [1, SIZE - 2],
] as const) {
  test(`bytes ${first} to ${last} of an object made of parts are read across their borders`, async (t) => {
    const read = await bytesOf(SOURCE, `bytes=${first}-${last}`);
    t.true(read.equals(WHOLE.subarray(first, last + 1)));
  });
}

test("a copy of an object made of parts is whole: it has the MD5 of its bytes as ETag, and one part", async (t) => {
  const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/${SOURCE}` };
  const { CopyObjectResult } = await s3.send(new CopyObjectCommand(copy));
  t.is(CopyObjectResult?.ETag, md5(WHOLE));
  t.is(CopyObjectResult?.ChecksumType, "FULL_OBJECT");
  t.deepEqual(await outcome(s3.send(new GetObjectCommand({ Bucket, Key: "copy", PartNumber: 2 }))), [
    "InvalidPartNumber",
    416,
  ]);
  t.true((await bytesOf("copy")).equals(WHOLE));
});

test("parts may be copied from a range across the borders of another object's parts", async (t) => {
  const upload = await begin("borrowed");
  const from = { ...upload, CopySource: `${Bucket}/${SOURCE}` };
  const CopySourceRange = `bytes=3-${CUTS[2] + 5}`;
  const ranged = await s3.send(new UploadPartCopyCommand({ ...from, PartNumber: 1, CopySourceRange }));
  t.is(ranged.CopyPartResult?.ETag, md5(WHOLE.subarray(3, CUTS[2] + 6)));
  const whole = await s3.send(new UploadPartCopyCommand({ ...from, PartNumber: 2 }));
  t.is(whole.CopyPartResult?.ETag, md5(WHOLE));
  await complete(upload, [
    { PartNumber: 1, ETag: ranged.CopyPartResult?.ETag },
    { PartNumber: 2, ETag: whole.CopyPartResult?.ETag },
  ]);
  t.true((await bytesOf("borrowed")).equals(Buffer.concat([WHOLE.subarray(3, CUTS[2] + 6), WHOLE])));
});

test("an empty object makes an empty part", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "empty", Body: "" }));
  const upload = await begin("of-nothing");
  const copied = await s3.send(new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: `${Bucket}/empty` }));
  t.is(copied.CopyPartResult?.ETag, md5(Buffer.alloc(0)));
  const { ETag } = await complete(upload, [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }]);
  t.true(ETag?.endsWith('-1"'));
  t.is((await bytesOf("of-nothing")).length, 0);
});

test("a part that is sent again replaces the one before, whose ETag then fits no more", async (t) => {
  const upload = await begin("replaced");
  const send = (Body: string) => s3.send(new UploadPartCommand({ ...upload, PartNumber: 7, Body }));
  const before = await send("before");
  const after = await send("after");
  const { Parts } = await s3.send(new ListPartsCommand(upload));
  t.deepEqual(
    Parts?.map(({ PartNumber, ETag, Size }) => ({ PartNumber, ETag, Size })),
    [{ PartNumber: 7, ETag: after.ETag, Size: 5 }],
  );
  t.deepEqual(await outcome(complete(upload, [{ PartNumber: 7, ETag: before.ETag }])), ["InvalidPart", 400]);
  await complete(upload, [{ PartNumber: 7, ETag: after.ETag }]);
  t.is(String(await bytesOf("replaced")), "after");
});

test("fact 32: the order of the parts is looked at before the parts, and a number must not come twice", async (t) => {
  const upload = await begin("unordered");
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "body" }));
  const missing = { PartNumber: 9, ETag: '"missing"' };
  for (const parts of [
    [missing, { PartNumber: 1, ETag }],
    [
      { PartNumber: 1, ETag },
      { PartNumber: 1, ETag },
    ],
  ]) {
    const error = await failure(complete(upload, parts));
    t.is(error.name, "InvalidPartOrder");
    t.is(error["UploadId"], upload.UploadId);
  }
});

test("the checksum of an object under a key of KMS is kept, but not answered when its upload is completed", async (t) => {
  const Key = "kms";
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ServerSideEncryption: "aws:kms" }),
  );
  const upload = { Bucket, Key, UploadId };
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "body" }));
  const completed = await complete(upload, [{ PartNumber: 1, ETag }]);
  t.is(completed.ServerSideEncryption, "aws:kms");
  t.is(completed.ChecksumCRC64NVME, undefined);
  t.is(completed.ChecksumType, undefined);
  const read = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  t.truthy(read.ChecksumCRC64NVME);
});

test("a part without an ETag, or without a number, does not fit the schema", async (t) => {
  const upload = await begin("incomplete");
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "body" }));
  t.deepEqual(await outcome(complete(upload, [{ PartNumber: 1 }])), ["MalformedXML", 400]);
  t.deepEqual(await outcome(complete(upload, [{ ETag }])), ["MalformedXML", 400]);
});

test("fact 26: UploadPart gives a wrong Content-MD5 back as it was sent", async (t) => {
  const upload = await begin("md5");
  const ContentMD5 = "1B2M2Y8AsgTpgAmY7PhCfg==";
  const error = await failure(s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "body", ContentMD5 })));
  t.is(error.name, "BadDigest");
  t.is(error["ExpectedDigest"], ContentMD5);
  t.is(error["CalculatedDigest"], createHash("md5").update("body").digest("base64"));
});
