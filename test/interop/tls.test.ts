/** The same over https, where the SDKs send other forms of bodies: unsigned, with their checksums in trailers. */
import { readFile } from "node:fs/promises";
import { Agent } from "node:https";
import { Readable } from "node:stream";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  CreateMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type ChecksumAlgorithm,
} from "@aws-sdk/client-s3";
import test from "ava";
import { assume, whoAmI } from "../support/accounts.ts";
import { runPython } from "./programs.ts";
import { CREDENTIALS, startStrict } from "./strict-server.ts";

const MIB = 1024 * 1024;
/** S3 takes chunks of 8 KiB and more, but for the last one. */
const FIRST_BYTES = 8192;
test("boto3 does over https what it does over http, trusting the server's own authority", async (t) => {
  const { env } = await startStrict(t, { scheme: "https" });
  await runPython(t, "boto3_client.py", { env, args: ["bodies", "checksums", "presigned", "waiters_and_errors"] });
});

test("the JavaScript SDK does over https what it does over http, with bytes and with streams", async (t) => {
  const { server, endpoint, env } = await startStrict(t, { scheme: "https" });
  const httpsAgent = new Agent({ ca: await readFile(env["CA_BUNDLE"] ?? "") });
  t.teardown(() => httpsAgent.destroy());
  const options = { endpoint, credentials: CREDENTIALS, requestHandler: { httpsAgent } };
  const s3 = server.s3(options);
  const Bucket = "secure";
  await s3.send(new CreateBucketCommand({ Bucket }));
  const read = async (Key: string): Promise<Uint8Array | undefined> =>
    (await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }))).Body?.transformToByteArray();

  const algorithms: (ChecksumAlgorithm | undefined)[] = [undefined, "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];
  for (const ChecksumAlgorithm of algorithms) {
    for (const sizeBytes of [0, 1, 70_000]) {
      const bytes = Buffer.alloc(sizeBytes, `${ChecksumAlgorithm} `);
      const checksum = ChecksumAlgorithm === undefined ? {} : { ChecksumAlgorithm };
      const [Key, streamed] = [`bytes-${ChecksumAlgorithm}-${sizeBytes}`, `stream-${ChecksumAlgorithm}-${sizeBytes}`];
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: bytes, ...checksum }));
      const Body = Readable.from([bytes.subarray(0, FIRST_BYTES), bytes.subarray(FIRST_BYTES)], { objectMode: false });
      await s3.send(new PutObjectCommand({ Bucket, Key: streamed, Body, ContentLength: sizeBytes, ...checksum }));
      t.deepEqual(Buffer.from((await read(Key)) ?? []), bytes, Key);
      t.deepEqual(Buffer.from((await read(streamed)) ?? []), bytes, streamed);
    }
  }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  const Parts = [];
  for (const PartNumber of [1, 2]) {
    const Body = Readable.from([Buffer.alloc(5 * MIB, PartNumber)], { objectMode: false });
    const part = { Bucket, Key: "parts", UploadId, PartNumber, Body, ContentLength: 5 * MIB };
    const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand(part));
    Parts.push({ ETag, ChecksumCRC32, PartNumber });
  }
  const complete = { Bucket, Key: "parts", UploadId, MultipartUpload: { Parts } };
  await s3.send(new CompleteMultipartUploadCommand(complete));
  t.is((await read("parts"))?.byteLength, 10 * MIB);
  t.is((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, algorithms.length * 6 + 1);

  const sts = server.sts(options);
  const credentials = await assume(sts, "222222222222");
  t.is(await whoAmI(server.sts({ ...options, credentials })), "arn:aws:sts::222222222222:assumed-role/deploy/ci");
});

test("the port that speaks TLS goes on speaking plain http", async (t) => {
  const { server } = await startStrict(t, { scheme: "https" });
  await server.s3({ credentials: CREDENTIALS }).send(new CreateBucketCommand({ Bucket: "plain" }));
  t.is((await server.request("GET", "/")).status, 403);
});
