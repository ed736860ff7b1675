/**
 * Every operation through AWS's own JavaScript SDK, in several shapes: full, with each branch of its unions, with only what is
 * required, with empty texts and lists.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as s3 from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { createQueryCodec } from "../../src/protocol/codec/query-codec.ts";
import { decodeS3Input, readsDocument } from "../../src/protocol/codec/s3-decoder.ts";
import { encodeS3Output } from "../../src/protocol/codec/s3-encoder.ts";
import { description as stsDescription } from "../../src/protocol/generated/sts.ts";
import { parseParameters } from "../../src/protocol/query-string.ts";
import { routeS3, type S3OperationName } from "../../src/protocol/router.ts";
import { Exchange, operationsOf, type CaughtRequest, type SdkOperation } from "./sdk/exchange.ts";
import { fillInput, fillOutput, type Filling, type Values } from "./sdk/filler.ts";

const S3_OPERATIONS = 112;
const STS_OPERATIONS = 12;

const REQUIRED: Filling = { style: "required", branch: 0 };
const FILLINGS: readonly Filling[] = [
  ...[0, 1, 2, 3].map((branch) => ({ style: "rich", branch }) as const),
  REQUIRED,
  { style: "empty", branch: 0 },
];

/** Outputs that are streams of events: not encoded yet. */
const EVENT_STREAMS = new Set(["SelectObjectContent"]);

const silent = (): void => undefined;
const settings = {
  region: "us-east-1",
  endpoint: "http://127.0.0.1:1",
  credentials: { accessKeyId: "123456789012", secretAccessKey: "test" },
  maxAttempts: 1,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
};

type Sender = { send(command: never): Promise<unknown> };

const s3Client = (requestHandler: Exchange): Sender =>
  new s3.S3Client({ ...settings, forcePathStyle: true, responseChecksumValidation: "WHEN_REQUIRED", requestHandler });

/** Members that the SDK adds when a caller left them out, and one of our own overlay. */
const ADDED = new Set([
  ...["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"].map((name) => `Checksum${name}`),
  "ChecksumAlgorithm",
  "ContentMD5",
  "ContentType",
  "ExpiresText",
  "ResponseExpiresText",
  "ClientToken",
]);

const withoutAdded = (values: Values, wanted: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name in wanted || !ADDED.has(name)));

/** Members whose content is a stream, which a handler gets by another way. */
const STREAMS = new Set(["Body", "AnnotationPayload"]);

const withoutStream = (operation: S3OperationName, values: Values): Values =>
  readsDocument(operation) ? values : Object.fromEntries(Object.entries(values).filter(([name]) => !STREAMS.has(name)));

const md5 = (key: unknown): string =>
  createHash("md5")
    .update(Buffer.from(String(key), "base64"))
    .digest("base64");

/** The input as the SDK sends it: the MD5 of customers' keys is its own. */
const asSent = (input: Values): Values => {
  const sent = { ...input };
  for (const name of ["SSECustomerKey", "CopySourceSSECustomerKey"]) {
    if (name in input) sent[`${name}MD5`] = md5(input[name]);
  }
  return sent;
};

const decodeCaught = (caught: CaughtRequest, options: { express: boolean }): { operation: string; input: Values } => {
  const { operation, ...route } = routeS3(caught, options);
  if (operation === "PostObject" || operation === "Preflight") return { operation, input: {} };
  const document = readsDocument(operation) ? { document: caught.body } : {};
  const input = decodeS3Input(operation, { ...route, headers: caught.headers, ...document });
  return { operation, input: { ...input } };
};

const named = ({ name }: SdkOperation, { style, branch }: Filling): string => `${name}, ${style} ${branch}`;

const assertS3Input = async (t: ExecutionContext, operation: SdkOperation, filling: Filling): Promise<void> => {
  const exchange = new Exchange();
  const input = fillInput(operation.input, filling);
  // The empty answer is none that every operation accepts; the request is all that counts here.
  await s3Client(exchange)
    .send(new operation.command(input) as never)
    .catch(() => undefined);
  const { caught } = exchange;
  if (caught === undefined) return void t.fail(`${named(operation, filling)}: nothing was sent`);
  const decoded = decodeCaught(caught, { express: operation.name === "ListDirectoryBuckets" });
  t.is(decoded.operation, operation.name);
  const wanted = withoutStream(operation.name as S3OperationName, asSent(input));
  t.deepEqual(withoutAdded(decoded.input, wanted), wanted, named(operation, filling));
};

type Streamed = { transformToByteArray(): Promise<Uint8Array> };
const isStreamed = (value: unknown): value is Streamed =>
  typeof value === "object" && value !== null && "transformToByteArray" in value;

/** Content of streams read; what the SDK itself adds left out. */
const readOutput = async (output: Values): Promise<Values> => {
  const read: Values = {};
  for (const [name, value] of Object.entries(output)) {
    if (name === "$metadata" || name === "ExpiresString" || value === undefined) continue;
    if (name === "Metadata" && isDeepStrictEqual(value, {})) continue;
    read[name] = isStreamed(value) ? new Uint8Array(await value.transformToByteArray()) : value;
  }
  return read;
};

const assertS3Output = async (t: ExecutionContext, operation: SdkOperation, filling: Filling): Promise<void> => {
  const exchange = new Exchange();
  const output = fillOutput(operation.output, filling);
  exchange.answer = encodeS3Output(operation.name as S3OperationName, output as never, {});
  const command = new operation.command(fillInput(operation.input, REQUIRED));
  const answered = (await s3Client(exchange).send(command as never)) as Values;
  t.deepEqual(await readOutput(answered), output, named(operation, filling));
};

const s3Operations = operationsOf(s3);
const stsOperations = operationsOf(sts);

for (const operation of s3Operations) {
  test(`what the SDK sends for ${operation.name} is decoded as it was given`, async (t) => {
    for (const filling of FILLINGS) await assertS3Input(t, operation, filling);
  });
  if (EVENT_STREAMS.has(operation.name)) continue;
  test(`the SDK reads an answer of ${operation.name} as it was given`, async (t) => {
    for (const filling of FILLINGS) await assertS3Output(t, operation, filling);
  });
}

/** A structure without members leaves no trace in flat parameters. */
const withoutEmpty = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => !isDeepStrictEqual(value, {})));

const stsCodec = createQueryCodec("sts", stsDescription);

const assertSts = async (t: ExecutionContext, operation: SdkOperation, filling: Filling): Promise<void> => {
  const exchange = new Exchange();
  const client: Sender = new sts.STSClient({ ...settings, requestHandler: exchange });
  const input = fillInput(operation.input, filling);
  const output = fillOutput(operation.output, filling);
  const body = stsCodec.encodeOutput(operation.name, output, { requestId: "id" });
  exchange.answer = { status: 200, headers: { "Content-Type": "text/xml" }, body };
  const answered = (await client.send(new operation.command(input) as never)) as Values;
  const parameters = parseParameters(Buffer.from(exchange.caught?.body ?? []).toString());
  t.is(parameters.get("Action"), operation.name);
  t.deepEqual(stsCodec.decodeInput(operation.name, parameters), withoutEmpty(input), named(operation, filling));
  t.deepEqual(await readOutput(answered), output, named(operation, filling));
};

for (const operation of stsOperations) {
  test(`STS: ${operation.name} goes there and back through the SDK`, async (t) => {
    for (const filling of FILLINGS) await assertSts(t, operation, filling);
  });
}

test("every operation of both services is there", (t) => {
  t.is(s3Operations.length, S3_OPERATIONS);
  t.is(stsOperations.length, STS_OPERATIONS);
});
