/** Every operation through AWS's own JavaScript SDK: what it sends is decoded, what is encoded it reads. */
import { createHash } from "node:crypto";
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
import { createFiller, type Filling, type Values } from "./sdk/filler.ts";

const S3_OPERATIONS = 112;
const STS_OPERATIONS = 12;

const FILLINGS: readonly Filling[] = [
  ...[0, 1, 2, 3].map((branch) => ({ style: "rich", branch }) as const),
  { style: "required", branch: 0 },
  { style: "empty", branch: 0 },
];

/** Outputs that are streams of events: not encoded yet. */
const EVENT_STREAMS = new Set(["SelectObjectContent"]);

const settings = {
  region: "us-east-1",
  endpoint: "http://127.0.0.1:1",
  credentials: { accessKeyId: "123456789012", secretAccessKey: "test" },
  maxAttempts: 1,
};

type Sender = { send(command: never): Promise<unknown> };

const clientOf = (service: "s3" | "sts"): { exchange: Exchange; client: Sender } => {
  const exchange = new Exchange();
  const client =
    service === "s3"
      ? new s3.S3Client({
          ...settings,
          forcePathStyle: true,
          responseChecksumValidation: "WHEN_REQUIRED",
          requestHandler: exchange,
        })
      : new sts.STSClient({ ...settings, requestHandler: exchange });
  return { exchange, client };
};

/** Members that the SDK adds when a caller left them out. */
const ADDED = new Set([
  ...["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"].map((name) => `Checksum${name}`),
  "ChecksumAlgorithm",
  "ContentMD5",
  "SSECustomerKeyMD5",
  "CopySourceSSECustomerKeyMD5",
  "ClientToken",
]);

const md5 = (key: unknown): string =>
  createHash("md5")
    .update(Buffer.from(String(key), "base64"))
    .digest("base64");

/** Members whose body is a stream, which a handler gets by another way. */
const STREAMS = new Set(["Body", "AnnotationPayload"]);

const withoutStream = (operation: S3OperationName, values: Values): Values =>
  readsDocument(operation)
    ? values
    : Object.fromEntries(Object.entries(values).filter(([name]) => !STREAMS.has(name)));

/** The input as the SDK sends it: the MD5 of customers' keys is its own. */
const asSent = (input: Values): Values => ({
  ...input,
  ...("SSECustomerKey" in input ? { SSECustomerKeyMD5: md5(input["SSECustomerKey"]) } : {}),
  ...("CopySourceSSECustomerKey" in input
    ? { CopySourceSSECustomerKeyMD5: md5(input["CopySourceSSECustomerKey"]) }
    : {}),
});

const withoutAdded = (values: Values, wanted: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name in wanted || !ADDED.has(name)));

const decodeCaught = (caught: CaughtRequest, { express }: { express: boolean }): { operation: string; input: Values } => {
  const { operation, ...route } = routeS3(caught, { express });
  if (operation === "PostObject" || operation === "Preflight") return { operation, input: {} };
  const document = readsDocument(operation) ? { document: caught.body } : {};
  const input = decodeS3Input(operation, { ...route, headers: caught.headers, ...document });
  return { operation, input: { ...input } };
};

const named = ({ name }: SdkOperation, { style, branch }: Filling): string => `${name}, ${style} ${branch}`;

const assertS3Input = async (t: ExecutionContext, operation: SdkOperation, filling: Filling): Promise<void> => {
  const { exchange, client } = clientOf("s3");
  const input = createFiller(filling).fill(operation.input);
  await client.send(new operation.command(input) as never).catch(() => undefined);
  const { caught } = exchange;
  if (caught === undefined) return t.fail(`${named(operation, filling)}: nothing was sent`);
  const decoded = decodeCaught(caught, { express: operation.name === "ListDirectoryBuckets" });
  t.is(decoded.operation, operation.name);
  const wanted = withoutStream(operation.name as S3OperationName, asSent(input));
  t.deepEqual(withoutAdded(decoded.input, wanted), wanted, named(operation, filling));
};

/** Bodies of answers, read; what the SDK itself adds, left out. */
const readOutput = async (output: Values): Promise<Values> => {
  const { $metadata, ExpiresString, ...members } = output;
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === "object" && value !== null && "transformToByteArray" in value) {
      members[name] = new Uint8Array(await (value as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray());
    } else if (value === undefined) delete members[name];
  }
  return members;
};

const assertS3Output = async (t: ExecutionContext, operation: SdkOperation, filling: Filling): Promise<void> => {
  const { exchange, client } = clientOf("s3");
  const output = createFiller(filling).fill(operation.output);
  const input = createFiller({ style: "required", branch: 0 }).fill(operation.input);
  exchange.answer = encodeS3Output(operation.name as S3OperationName, output as never, {});
  const answered = (await client.send(new operation.command(input) as never)) as Values;
  t.deepEqual(await readOutput(answered), output, named(operation, filling));
};

const s3Operations = operationsOf(s3);
const stsOperations = operationsOf(sts);
const covered = { s3: new Set<string>(), sts: new Set<string>() };

for (const operation of s3Operations) {
  test(`what the SDK sends for ${operation.name} is decoded as it was given`, async (t) => {
    for (const filling of FILLINGS) await assertS3Input(t, operation, filling);
    covered.s3.add(`${operation.name} input`);
  });
  if (EVENT_STREAMS.has(operation.name)) continue;
  test(`the SDK reads ${operation.name}'s answer as it was given`, async (t) => {
    for (const filling of FILLINGS) await assertS3Output(t, operation, filling);
    covered.s3.add(`${operation.name} output`);
  });
}

const stsCodec = createQueryCodec("sts", stsDescription);

for (const operation of stsOperations) {
  test(`STS: ${operation.name} goes there and back through the SDK`, async (t) => {
    const { exchange, client } = clientOf("sts");
    for (const filling of FILLINGS) {
      const input = createFiller(filling).fill(operation.input);
      const output = createFiller(filling).fill(operation.output);
      const answer = stsCodec.encodeOutput(operation.name, output, { requestId: "id" });
      exchange.answer = { status: 200, headers: { "Content-Type": "text/xml" }, body: answer };
      const answered = (await client.send(new operation.command(input) as never)) as Values;
      const parameters = parseParameters(Buffer.from(exchange.caught?.body ?? []).toString());
      t.is(parameters.get("Action"), operation.name);
      t.deepEqual(stsCodec.decodeInput(operation.name, parameters), input, named(operation, filling));
      t.deepEqual(await readOutput(answered), output, named(operation, filling));
    }
    covered.sts.add(operation.name);
  });
}

test.after("every operation of both services was there", (t) => {
  t.is(s3Operations.length, S3_OPERATIONS);
  t.is(stsOperations.length, STS_OPERATIONS);
  t.is(covered.s3.size, 2 * S3_OPERATIONS - EVENT_STREAMS.size);
  t.is(covered.sts.size, STS_OPERATIONS);
});
