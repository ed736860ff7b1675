/**
 * State as an archive over plain HTTP, for tools that stream no messages: `GET /state/archive` and `PUT /state/archive`, with the
 * fields of ExportState and of ImportState's target in the query.
 */
import { pipeline } from "node:stream/promises";
import { Code } from "@connectrpc/connect";
import { toJsonString, create } from "@bufbuild/protobuf";
import type { Platform } from "../platform/platform.ts";
import type { State } from "../state/state.ts";
import { answerFor, invalidField } from "./errors.ts";
import { answerError, answerText, type ControlRequest, type ControlResponse } from "./exchange.ts";
import { ExportStateRequest_Compression, ImportStateResponseSchema } from "./generated/standin/v1/state_pb.ts";
import { runImport, startExport } from "./services/archive-rpcs.ts";

type Options = {
  readonly state: State;
  readonly platform: Platform;
  readonly shutdownSignal?: AbortSignal | undefined;
};

const PATH = "/state/archive";

/** Answers a request for the archive's path; false for any other. */
export const createArchiveHandler =
  (options: Options) =>
  (request: ControlRequest, response: ControlResponse): boolean => {
    const [path, query = ""] = (request.url ?? "").split("?", 2);
    if (path !== PATH) return false;
    const answer = answerMethod(options, { request, response, query: new URLSearchParams(query) });
    answer.catch((error: unknown) => refuse(options, { response, error }));
    return true;
  };

type Exchange = {
  readonly request: ControlRequest;
  readonly response: ControlResponse;
  readonly query: URLSearchParams;
};

const answerMethod = async (options: Options, exchange: Exchange): Promise<void> => {
  const { request, response } = exchange;
  if (request.method === "GET") return answerExport(options, exchange);
  if (request.method === "PUT") return answerImport(options, exchange);
  return answerError(response, { status: 405, code: "unknown", message: `${PATH} is read by GET and written by PUT` });
};

const COMPRESSIONS: Readonly<Record<string, ExportStateRequest_Compression>> = {
  "": ExportStateRequest_Compression.UNSPECIFIED,
  zstd: ExportStateRequest_Compression.ZSTD,
  gzip: ExportStateRequest_Compression.GZIP,
};

const answerExport = async ({ state, shutdownSignal }: Options, { response, query }: Exchange): Promise<void> => {
  const { text, list } = readQuery(query, ["world", "snapshot", "accountIds", "compression"]);
  const named = text("compression").toLowerCase();
  const compression = COMPRESSIONS[named];
  if (compression === undefined) throw invalidField("compression", "must be zstd or gzip");
  const chunks = startExport(state, {
    world: text("world"),
    snapshot: text("snapshot"),
    accountIds: list("accountIds"),
    compression,
  });
  // With the first chunk it is clear that there is a snapshot of that name.
  const first = await chunks.next();
  response.setHeader("content-type", named === "gzip" ? "application/gzip" : "application/zstd");
  await pipeline(after(first, chunks), response, shutdownSignal === undefined ? {} : { signal: shutdownSignal });
};

async function* after<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncGenerator<T> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

const answerImport = async (options: Options, { request, response, query }: Exchange): Promise<void> => {
  const { text, list } = readQuery(query, ["world", "snapshot", "replace", "accountIds"]);
  const replace = text("replace");
  if (!["", "true", "false"].includes(replace)) throw invalidField("replace", "must be true or false");
  // What takes long begins when the last byte is here; nothing is heard of the client then.
  request.socket.setTimeout(0);
  const target = {
    world: text("world"),
    snapshot: text("snapshot"),
    replace: replace === "true",
    accountIds: list("accountIds"),
  };
  const imported = create(ImportStateResponseSchema, await runImport(options, { target, source: request }));
  const json = toJsonString(ImportStateResponseSchema, imported, { alwaysEmitImplicit: true });
  answerText(response, { status: 200, contentType: "application/json", text: json });
};

const readQuery = (query: URLSearchParams, known: readonly string[]) => {
  for (const name of query.keys()) if (!known.includes(name)) throw invalidField(name, "is no parameter of this path");
  return {
    text: (name: string): string => query.get(name) ?? "",
    list: (name: string): string[] =>
      query
        .getAll(name)
        .filter((value) => value !== "")
        .flatMap((value) => value.split(",")),
  };
};

const STATUS: Partial<Record<Code, number>> = {
  [Code.InvalidArgument]: 400,
  [Code.FailedPrecondition]: 400,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.Aborted]: 409,
  [Code.ResourceExhausted]: 429,
};

const refuse = (
  { platform, shutdownSignal }: Options,
  { response, error }: { response: ControlResponse; error: unknown },
): void => {
  if (response.headersSent || response.destroyed) {
    if (shutdownSignal?.aborted !== true) platform.logger.debug("an export broke off", { error });
    response.destroy();
    return;
  }
  const { code, rawMessage } = answerFor(platform.logger, error, { rpc: PATH, world: "" });
  answerError(response, { status: STATUS[code] ?? 500, code: codeName(code), message: rawMessage });
};

/** As Connect writes it. */
const codeName = (code: Code): string =>
  (Code[code] ?? "unknown").replaceAll(/[a-z][A-Z]/g, ([a, b]) => `${a}_${b}`).toLowerCase();
