/**
 * Every operation that boto3 knows, over HTTP: what it sends is decoded, what is encoded it reads. boto3's model is another
 * version of AWS's than ours; what both know is compared.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import * as s3 from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import test from "ava";
import { createQueryCodec } from "../../src/protocol/codec/query-codec.ts";
import { decodeS3Input, readsDocument } from "../../src/protocol/codec/s3-decoder.ts";
import { encodeS3Output } from "../../src/protocol/codec/s3-encoder.ts";
import { description as s3Description } from "../../src/protocol/generated/s3.ts";
import { description as stsDescription } from "../../src/protocol/generated/sts.ts";
import { parseParameters } from "../../src/protocol/query-string.ts";
import { routeS3, type S3OperationName } from "../../src/protocol/router.ts";
import type { WireResponse } from "../../src/protocol/wire.ts";
import { operationsOf } from "../protocol/sdk/exchange.ts";
import { fillOutput, type Filling, type Values } from "../protocol/sdk/filler.ts";

/** What boto3 1.43 has of our model; a newer one has no less. */
const S3_OPERATIONS_MIN = 100;
const STS_OPERATIONS_MIN = 8;
const MINUTES_MAX = 2;

/** Outputs that are streams of events: not encoded yet. */
const EVENT_STREAMS = new Set<S3OperationName>(["SelectObjectContent"]);
/** boto3 asks these for encoded keys by itself, and then decodes them. */
const ENCODING_ASKED = new Set(["ListObjects", "ListObjectsV2", "ListObjectVersions"]);
/** Texts of our model that are numbers to boto3's. */
const NUMBERS_OF_BOTO3 = /PartNumberMarker$/;

const run = promisify(execFile);
const PROGRAM = new URL("boto3_roundtrip.py", import.meta.url).pathname;

const outputs = new Map([...operationsOf(s3), ...operationsOf(sts)].map(({ name, output }) => [name, output] as const));
const stsCodec = createQueryCodec("sts", stsDescription);

/** JSON that says which texts are bytes. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    member instanceof Uint8Array ? { $bytes: Buffer.from(member).toString("base64") } : member,
  );

/** The same output, with numbers where boto3 wants some. */
const withNumbers = (value: unknown): unknown => {
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  return Object.fromEntries(
    Object.entries(value as Values).map(([name, member]) => [
      name,
      NUMBERS_OF_BOTO3.test(name) ? "7" : withNumbers(member),
    ]),
  );
};

/** An output that HTTP can carry: as long as it says. */
const prepare = (parameters: ReadonlyMap<string, string>): Values => {
  const schema = outputs.get(parameters.get("operation") ?? "");
  if (schema === undefined) return {};
  const filling = { style: parameters.get("style"), branch: Number(parameters.get("branch")) } as Filling;
  const output = fillOutput(schema, filling);
  const body = output["Body"] ?? output["AnnotationPayload"];
  if ("ContentLength" in output && body instanceof Uint8Array) output["ContentLength"] = body.length;
  if (ENCODING_ASKED.has(parameters.get("operation") ?? "") && "EncodingType" in output) output["EncodingType"] = "url";
  return withNumbers(output) as Values;
};

type Decoded = { readonly operation: string; readonly input?: unknown; readonly error?: string };

/** Decodes whatever comes, answers what was prepared last, and tells both. */
const createCodecServer = (): Server => {
  let prepared: Values = {};
  let decoded: Decoded = { operation: "nothing" };

  const answerOwn = (path: string, parameters: ReadonlyMap<string, string>): unknown => {
    if (path === "/_model") return parameters.get("service") === "s3" ? s3Description : stsDescription;
    if (path === "/_prepare") return (prepared = prepare(parameters));
    return decoded;
  };

  const answerSts = (body: Buffer): WireResponse => {
    const parameters = parseParameters(body.toString());
    const operation = parameters.get("Action") ?? "";
    decoded = { operation, input: stsCodec.decodeInput(operation, parameters) };
    const text = stsCodec.encodeOutput(operation, prepared, { requestId: "id" });
    return { status: 200, headers: { "Content-Type": "text/xml" }, body: text };
  };

  const answerS3 = (request: IncomingMessage, body: Buffer): WireResponse => {
    const [rawPath = "/", rawQuery = ""] = (request.url ?? "/").split(/\?(.*)/s);
    const headers = request.headers as Readonly<Record<string, string>>;
    const express = headers["authorization"]?.includes("/s3express/") === true;
    const { operation, ...route } = routeS3({ method: request.method ?? "", rawPath, rawQuery, headers }, { express });
    const name = operation as S3OperationName;
    const document = readsDocument(name) ? { document: body } : {};
    decoded = { operation, input: decodeS3Input(name, { ...route, headers, ...document }) };
    if (EVENT_STREAMS.has(name)) return { status: 200, headers: {} };
    return encodeS3Output(name, prepared as never, {});
  };

  const answer = async (request: IncomingMessage): Promise<WireResponse> => {
    const body = await buffer(request);
    const [path = "", query = ""] = (request.url ?? "").split("?");
    if (path.startsWith("/_"))
      return { status: 200, headers: {}, body: toJson(answerOwn(path, parseParameters(query))) };
    try {
      const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
      return isForm && path === "/" ? answerSts(body) : answerS3(request, body);
    } catch (error) {
      decoded = { operation: "nothing", error: String(error) };
      return { status: 400, headers: {}, body: String(error) };
    }
  };

  return createServer((request, response) => {
    void answer(request).then(({ status, headers, body }) => {
      response.writeHead(status, headers);
      return response.end(body);
    });
  });
};

type ServiceReport = {
  readonly compared: readonly string[];
  readonly unknownToServer: readonly string[];
  readonly problems: readonly string[];
};
type Report = { readonly boto3: string; readonly s3: ServiceReport; readonly sts: ServiceReport };

const hasBoto3 = async (): Promise<boolean> =>
  run("python3", ["-c", "import boto3"]).then(
    () => true,
    () => false,
  );

test("what boto3 sends is decoded and what is encoded boto3 reads, for every operation that both know", async (t) => {
  t.timeout(MINUTES_MAX * 60_000);
  if (!(await hasBoto3())) {
    t.log("skipped: there is no python3 with boto3 here");
    return void t.pass("skipped: there is no python3 with boto3 here");
  }
  const server = createCodecServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { stdout } = await run("python3", [PROGRAM, `http://127.0.0.1:${port}`], { maxBuffer: 64 * 1024 * 1024 });
  const report = JSON.parse(stdout) as Report;
  for (const [service, { compared, unknownToServer }] of Object.entries({ s3: report.s3, sts: report.sts })) {
    t.log(
      `boto3 ${report.boto3}, ${service}: ${compared.length} operations compared; not in our model: ${unknownToServer.length}`,
    );
  }
  t.deepEqual([...report.s3.problems, ...report.sts.problems], []);
  t.true(report.s3.compared.length >= S3_OPERATIONS_MIN, `${report.s3.compared.length} operations of S3`);
  t.true(report.sts.compared.length >= STS_OPERATIONS_MIN, `${report.sts.compared.length} operations of STS`);
});
