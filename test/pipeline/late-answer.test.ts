/** Copies and completions that take long: the answer begins before they are done. */
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startDataListener } from "../../src/http/data-listener.ts";
import { answerInTime } from "../../src/pipeline/late-answer.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { WireResponse } from "../../src/protocol/wire.ts";
import { failure, makeBucket } from "../services/s3/client.ts";
import { startTestServer } from "../support/server.ts";

const MIB = 1024 ** 2;
const BODY = Buffer.alloc(48 * MIB, "some bytes that take a while to be hashed");
const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A server that waits for nothing: what is not done within a turn or two of the event loop is answered late. */
const server = await startTestServer({}, { lateAnswer: { afterMs: 1, everyMs: 1 } });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "late");
await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: BODY }));

test.after.always(() => server.close());

const document = (root: string): WireResponse => ({
  status: 200,
  headers: { "x-own": "1" },
  body: `${XML_HEAD}${root}`,
});
const after = (delayMs: number, answer: WireResponse): Promise<WireResponse> =>
  new Promise((resolve) => setTimeout(() => resolve(answer), delayMs));

test("what is done in time is answered as it is", async (t) => {
  const answer = document("<Result/>");
  const times = { afterMs: 10_000, everyMs: 1 };
  t.is(await answerInTime(after(1, answer), { headers: {}, times }), answer);
});

test("what is not begins with a success and white space behind an XML declaration, and ends with the document", async (t) => {
  const { promise: work, resolve: finish } = Promise.withResolvers<WireResponse>();
  const times = { afterMs: 1, everyMs: 5 };
  const answer = await answerInTime(work, { headers: { "x-common": "1" }, times });
  t.is(answer.status, 200);
  t.deepEqual(answer.headers, { "x-common": "1", "Content-Type": "application/xml" });
  let text = "";
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    text += String(chunk);
    if (text.endsWith("  ")) finish(document("<Result/>"));
  }
  t.regex(text, /^<\?xml version="1.0" encoding="UTF-8"\?>\n {2,}<Result\/>$/);
});

test("a client that reads slowly gets all of a late answer, and nothing behind its end", async (t) => {
  const times = { afterMs: 1, everyMs: 1 };
  const answer = await answerInTime(after(20, document("<Result/>")), { headers: {}, times });
  await after(100, answer);
  let text = "";
  for await (const chunk of answer.body as AsyncIterable<Buffer>) text += String(chunk);
  t.regex(text, /^<\?xml [^>]*\?>\n *<Result\/>$/);
});

test("what is no document cuts a late answer", async (t) => {
  const times = { afterMs: 1, everyMs: 1 };
  const answer = await answerInTime(after(20, { status: 200, headers: {} }), { headers: {}, times });
  const read = async () => {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) t.truthy(chunk);
  };
  await t.throwsAsync(read(), { message: "only documents are answered late" });
});

test("a client that leaves a late answer stops its white space", async (t) => {
  const times = { afterMs: 1, everyMs: 1 };
  const answer = await answerInTime(after(50, document("<Result/>")), { headers: {}, times });
  const body = answer.body as AsyncIterable<Buffer> & { destroyed: boolean };
  for await (const chunk of body) {
    t.is(String(chunk), XML_HEAD);
    break;
  }
  t.true(body.destroyed);
  await after(100, answer);
});

/** The bytes of an answer, and whether it was late. */
const copyRaw = async (key: string, headers: Record<string, string>) => {
  const answer = await server.request("PUT", `/${Bucket}/${key}`, { headers });
  return { late: answer.headers["transfer-encoding"] === "chunked", status: answer.status, text: String(answer.body) };
};

test("a copy that must read its source is answered late, and the SDK reads the result", async (t) => {
  const headers = { "x-amz-copy-source": `/${Bucket}/source`, "x-amz-checksum-algorithm": "SHA512" };
  const raw = await copyRaw("raw", headers);
  t.true(raw.late);
  t.is(raw.status, 200);
  t.regex(raw.text, /^<\?xml [^>]*\?>\n +<CopyObjectResult .*<\/CopyObjectResult>$/);
  const { CopyObjectResult } = await s3.send(
    new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/source`, ChecksumAlgorithm: "SHA512" }),
  );
  t.is(CopyObjectResult?.ChecksumSHA512, createHash("sha512").update(BODY).digest("base64"));
});

test("a part that is copied late is read by the SDK", async (t) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  const part = { Bucket, Key: "parts", UploadId, PartNumber: 1, CopySource: `${Bucket}/source` };
  const CopySourceRange = `bytes=1-${BODY.length - 1}`;
  const { CopyPartResult } = await s3.send(new UploadPartCopyCommand({ ...part, CopySourceRange }));
  t.is(CopyPartResult?.ETag, `"${createHash("md5").update(BODY.subarray(1)).digest("hex")}"`);
});

/** Copies onto a key that must be free, and puts something there once the answer has begun. */
const copyTooLate = (key: string): Promise<{ status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.endpoint);
    const headers = {
      "x-amz-copy-source": `/${Bucket}/source`,
      "x-amz-checksum-algorithm": "SHA512",
      "if-none-match": "*",
    };
    const options = { method: "PUT", hostname, port, path: `/${Bucket}/${key}`, headers, agent: false };
    const outgoing = httpRequest(options, (incoming) => {
      s3.send(new PutObjectCommand({ Bucket, Key: key, Body: "v" })).catch(reject);
      let text = "";
      incoming.on("data", (chunk: Buffer) => (text += String(chunk)));
      incoming.on("end", () => resolve({ status: incoming.statusCode, text }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });

test("a copy that fails once its answer has begun says so in the answer", async (t) => {
  const { status, text } = await copyTooLate("occupied");
  t.is(status, 200);
  t.regex(text, /^<\?xml [^>]*\?>\n +<Error><Code>PreconditionFailed<\/Code>.*<Condition>If-None-Match<\/Condition>/);
  const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: "occupied" }));
  t.is(ContentLength, 1);
});

test("what can be refused at once is", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "taken", Body: "v" }));
  const copy = { Bucket, Key: "taken", CopySource: `${Bucket}/source`, ChecksumAlgorithm: "SHA512" } as const;
  const error = await failure(s3.send(new CopyObjectCommand({ ...copy, IfNoneMatch: "*" })));
  t.is(error.name, "PreconditionFailed");
  t.is(error.$metadata.httpStatusCode, 412);
});

test("the SDK throws an error that comes in the place of a result", async (t) => {
  const listener = await startDataListener({
    host: "127.0.0.1",
    port: 0,
    logger: createLogger({ level: "warn" }),
    handle: () =>
      answerInTime(after(50, document("<Error><Code>NoSuchKey</Code><Message>Gone.</Message></Error>")), {
        headers: {},
        times: { afterMs: 1, everyMs: 5 },
      }),
  });
  t.teardown(() => listener.close({ graceMs: 0 }));
  const slow = server.s3({ endpoint: `http://127.0.0.1:${listener.port}` });
  const part = { Bucket, Key: "k", UploadId: "u", PartNumber: 1, CopySource: "b/k" };
  for (const call of [slow.send(new CopyObjectCommand(part)), slow.send(new UploadPartCopyCommand(part))]) {
    const error = await failure(call);
    t.is(error.name, "NoSuchKey");
    t.is(error.message, "Gone.");
  }
});

test("an upload is completed through a late answer, or refused in one", async (t) => {
  const answers: Record<string, WireResponse> = {
    done: document('<CompleteMultipartUploadResult><ETag>"a-1"</ETag></CompleteMultipartUploadResult>'),
    failed: document("<Error><Code>InternalError</Code><Message>Again.</Message></Error>"),
  };
  const listener = await startDataListener({
    host: "127.0.0.1",
    port: 0,
    logger: createLogger({ level: "warn" }),
    handle: ({ rawPath }) =>
      answerInTime(after(50, answers[rawPath.slice(3)] ?? document("")), {
        headers: {},
        times: { afterMs: 1, everyMs: 5 },
      }),
  });
  t.teardown(() => listener.close({ graceMs: 0 }));
  const slow = server.s3({ endpoint: `http://127.0.0.1:${listener.port}` });
  const complete = (Key: string) => slow.send(new CompleteMultipartUploadCommand({ Bucket: "b", Key, UploadId: "u" }));
  t.is((await complete("done")).ETag, '"a-1"');
  t.is((await failure(complete("failed"))).name, "InternalError");
});

test("other operations wait for their result", async (t) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "waits" }));
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "waits", UploadId, PartNumber: 1, Body: BODY }));
  t.is(ETag, `"${createHash("md5").update(BODY).digest("hex")}"`);
  await t.notThrowsAsync(s3.send(new DeleteObjectCommand({ Bucket, Key: "waits" })));
});
