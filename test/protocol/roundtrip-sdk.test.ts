/** Every operation of the model through AWS's own SDK: what it sends is decoded to its input, what we encode it reads. */
import { Readable } from "node:stream";
import * as s3 from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import { buildQueryString, HttpResponse } from "@smithy/core/protocols";
import test, { type ExecutionContext } from "ava";
import { createAddressing } from "../../src/protocol/addressing.ts";
import { queryErrorDocument, s3ErrorDocument } from "../../src/protocol/codec/errors.ts";
import { decodeS3Input, readsDocument } from "../../src/protocol/codec/s3-decoder.ts";
import { encodeS3Output } from "../../src/protocol/codec/s3-encoder.ts";
import { createQueryCodec } from "../../src/protocol/codec/query-codec.ts";
import { description as stsDescription } from "../../src/protocol/generated/sts.ts";
import { parseParameters } from "../../src/protocol/query-string.ts";
import { routeS3, type S3OperationName } from "../../src/protocol/router.ts";
import { fixedS3Value } from "./support/fixed.ts";
import { fillStructure, operationsOf, type SdkOperation } from "./support/fill.ts";

const S3_OPERATIONS = 112;
const STS_OPERATIONS = 12;
const BODY = "a body & more";

type Sent = {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly hostname: string;
};
type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body?: unknown };
type Serve = (sent: Sent) => Answer;

type Client = { send(command: unknown): Promise<Record<string, unknown>> };
type ClientClass = new (config: Record<string, unknown>) => Client;
type Sdk = Readonly<Record<string, unknown>>;

const bodyOf = (body: unknown): Readable => {
  if (body instanceof Readable) return body;
  return Readable.from(body === undefined ? [] : [Buffer.from(body as string)]);
};

/** A client whose requests `serve` answers, without a socket. */
const clientOf = (clientClass: ClientClass, { serve, ...config }: { serve: Serve } & Record<string, unknown>): Client =>
  new clientClass({
    region: "us-east-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "test" },
    maxAttempts: 1,
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      handle: (request: Sent) => {
        const { status, headers, body } = serve(request);
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
        return Promise.resolve({
          response: new HttpResponse({ statusCode: status, headers: lower, body: bodyOf(body) }),
        });
      },
    },
    ...config,
  });

const commandOf = (sdk: Sdk, { name }: SdkOperation, input: unknown): unknown => {
  const command = sdk[`${name}Command`] as new (input: unknown) => unknown;
  return new command(input);
};

const bytesOf = (body: unknown): Uint8Array | undefined => {
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? body : undefined;
};

/** What the SDK's own middleware adds to an input, and our own overlay. */
const ADDED = /^(?:Checksum.*|(?:Response)?ExpiresText|ContentMD5|ContentLength|ContentType|.*SSECustomerKey.*)$/;

const withoutAdded = (decoded: Readonly<Record<string, unknown>>, sent: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(decoded).filter(([name]) => name in sent || !ADDED.test(name)));

const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
};

const isStream = (value: unknown): value is { transformToByteArray(): Promise<Uint8Array> } =>
  typeof value === "object" && value !== null && "transformToByteArray" in value;

/** What the SDK makes up, and events, which are not encoded yet. */
const LEFT_OUT: ReadonlySet<string> = new Set(["$metadata", "ExpiresString", "Payload"]);

const readOutput = async (output: Record<string, unknown>): Promise<Record<string, unknown>> => {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(output)) {
    if (LEFT_OUT.has(name) || value === undefined) continue;
    read[name] = isStream(value) ? await value.transformToByteArray() : value;
  }
  return read;
};

/** Members that `encoding-type=url` encodes; the SDK hands them on as they come. */
const URL_ENCODED: ReadonlySet<string> = new Set([
  "Delimiter",
  "Key",
  "KeyMarker",
  "Marker",
  "NextKeyMarker",
  "NextMarker",
  "Prefix",
  "StartAfter",
]);

const formEncoded = (text: string): string =>
  new URLSearchParams({ "": text }).toString().slice(1).replaceAll("%2F", "/");

const urlEncoded = (value: unknown): unknown => {
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(urlEncoded);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [
      name,
      URL_ENCODED.has(name) && typeof member === "string" ? formEncoded(member) : urlEncoded(member),
    ]),
  );
};

type Style = "path" | "virtual";
const addressing = createAddressing({ baseHosts: [] });

const roundTripS3 = async (t: ExecutionContext, operation: SdkOperation, style: Style): Promise<void> => {
  const name = operation.name as S3OperationName;
  const common = { protocol: "rest-xml", fixed: fixedS3Value, streamText: BODY } as const;
  const input = fillStructure(operation.input, common);
  const output = operation.output.isStructSchema() ? fillStructure(operation.output, common) : {};
  let decoded: Record<string, unknown> | undefined;
  const serve: Serve = (sent) => {
    const host = addressing(sent.hostname);
    const request = {
      method: sent.method,
      rawPath: sent.path,
      rawQuery: buildQueryString(sent.query),
      headers: Object.fromEntries(Object.entries(sent.headers).map(([key, value]) => [key.toLowerCase(), value])),
    };
    const express = name === "ListDirectoryBuckets";
    const route = routeS3(request, { virtualBucket: host.bucket, express });
    t.is(route.operation, name);
    const document = bytesOf(sent.body);
    const takesDocument = readsDocument(name) && document !== undefined;
    decoded = decodeS3Input(name, {
      ...route,
      headers: request.headers,
      ...(takesDocument ? { document } : {}),
    }) as unknown as Record<string, unknown>;
    return encodeS3Output(name, output as never, {});
  };
  const client = clientOf(s3.S3Client, {
    serve,
    endpoint: "http://s3.localhost:5000",
    forcePathStyle: style === "path",
  });
  const answered = await client.send(commandOf(s3, operation, input));
  const { Body: _body, AnnotationPayload: _payload, ...rest } = input;
  t.deepEqual(plain(withoutAdded(decoded ?? {}, rest)), plain(rest), `input of ${name}, ${style} style`);
  const expected = "EncodingType" in output ? urlEncoded(output) : output;
  t.deepEqual(plain(await readOutput(answered)), plain(expected), `output of ${name}, ${style} style`);
};

const operations = operationsOf(s3);

test("the S3 model has the operations that we count on", (t) => {
  t.is(operations.length, S3_OPERATIONS);
});

for (const operation of operations) {
  test(`${operation.name} goes through the SDK and back`, async (t) => {
    await roundTripS3(t, operation, "path");
    await roundTripS3(t, operation, "virtual");
  });
}

test("the SDK reads an error of S3 with its code, message, fields and request id", async (t) => {
  const error = { code: "NoSuchKey", message: "no <key>", fields: { Key: "a&b" }, requestId: "R", hostId: "H" };
  const serve: Serve = () => ({ status: 404, headers: { "x-amz-request-id": "R" }, body: s3ErrorDocument(error) });
  const client = clientOf(s3.S3Client, { serve, endpoint: "http://localhost:5000" });
  const thrown = await t.throwsAsync(client.send(new s3.GetObjectCommand({ Bucket: "b", Key: "k" })));
  t.like(thrown, {
    name: "NoSuchKey",
    message: "no <key>",
    Key: "a&b",
    $metadata: { httpStatusCode: 404, requestId: "R" },
  });
});

test("the SDK reads an error of STS with its code and message", async (t) => {
  const error = { code: "ExpiredTokenException", message: "old & gone", type: "Sender", requestId: "R" } as const;
  const serve: Serve = () => ({ status: 400, headers: {}, body: queryErrorDocument("sts", error) });
  const client = clientOf(sts.STSClient, { serve, endpoint: "http://localhost:5000" });
  const thrown = await t.throwsAsync(client.send(new sts.GetCallerIdentityCommand({})));
  t.like(thrown, { name: "ExpiredTokenException", message: "old & gone", $metadata: { httpStatusCode: 400 } });
});

const codec = createQueryCodec("sts", stsDescription);
const stsOperations = operationsOf(sts);

test("the STS model has the operations that we count on", (t) => {
  t.is(stsOperations.length, STS_OPERATIONS);
});

for (const operation of stsOperations) {
  test(`sts ${operation.name} goes through the SDK and back`, async (t) => {
    const common = { protocol: "query", fixed: () => undefined, streamText: BODY } as const;
    const input = fillStructure(operation.input, common);
    const output = fillStructure(operation.output, common);
    let decoded: unknown;
    const serve: Serve = ({ body }) => {
      const parameters = parseParameters(String(body));
      t.is(parameters.get("Action"), operation.name);
      decoded = codec.decodeInput(operation.name, parameters);
      return { status: 200, headers: {}, body: codec.encodeOutput(operation.name, output, { requestId: "id" }) };
    };
    const client = clientOf(sts.STSClient, { serve, endpoint: "http://localhost:5000" });
    const answered = await client.send(commandOf(sts, operation, input));
    t.deepEqual(plain(decoded), plain(input));
    t.deepEqual(plain(await readOutput(answered)), plain(output));
  });
}
