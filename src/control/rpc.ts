/** Serves the RPCs by Connect, gRPC and gRPC-Web, over either version of HTTP. */
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createConnectRouter, type ConnectRouter, type Interceptor } from "@connectrpc/connect";
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { Logger } from "../platform/logger.ts";
import { translateErrors } from "./errors.ts";
import { answerError, type ControlRequest, type ControlResponse } from "./exchange.ts";
import { COMPRESSED_BYTES_MIN, REQUEST_BYTES_MAX } from "./limits.ts";
import { nameValues } from "./named-values.ts";

/** Answers a request whose path names an RPC; false for any other. */
export type RpcHandler = (request: ControlRequest, response: ControlResponse) => boolean;

/** `routes` registers the services. When `shutdownSignal` fires, calls that still stream are ended. */
export const createRpcHandler = (options: {
  readonly routes: (router: ConnectRouter) => void;
  /** Those that are registered, for what errors say. */
  readonly services: readonly DescService[];
  readonly logger: Logger;
  /** Around every call, within the translation of errors; the first is outermost. */
  readonly interceptors: readonly Interceptor[];
  readonly shutdownSignal: AbortSignal | undefined;
}): RpcHandler => {
  const { services, logger, interceptors, shutdownSignal } = options;
  const router = createConnectRouter({
    // Not Brotli: the library runs it at its highest and slowest level.
    acceptCompression: [compressionGzip],
    compressMinBytes: COMPRESSED_BYTES_MIN,
    readMaxBytes: REQUEST_BYTES_MAX,
    // A misspelt field is an error; zeros and empty lists are written, so that scripts find them.
    jsonOptions: { ignoreUnknownFields: false, alwaysEmitImplicit: true },
    interceptors: [translateErrors(logger), ...interceptors],
    ...(shutdownSignal === undefined ? {} : { shutdownSignal }),
  });
  options.routes(router);
  const withNames = nameValues(services);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return (request, response) => {
    const handler = handlers.get((request.url ?? "").split("?", 1)[0] ?? "");
    if (handler === undefined) return false;
    const answer = async (): Promise<void> => {
      const call = universalRequestFromNodeRequest(request, response, undefined, undefined);
      const result = await withNames(await handler(call));
      const refusal = refusalOf(result, handler.method);
      if (refusal === undefined) await universalResponseToNodeResponse(result, response);
      else answerError(response, refusal);
    };
    answer().catch((error: unknown) => {
      // The client went away.
      if (ConnectError.from(error).code === Code.Aborted || response.destroyed) return;
      logger.error("a call of the control plane broke off", { rpc: handler.requestPath, error });
      response.destroy();
    });
    return true;
  };
};

/** Refusals that the library leaves without a word. */
const refusalOf = ({ status, body }: UniversalServerResponse, { methodKind }: DescMethod) => {
  if (body !== undefined) return undefined;
  const code = "unknown";
  if (status === 415) {
    const message =
      methodKind === "unary"
        ? "send Content-Type: application/json, or that of a binary Connect, gRPC or gRPC-Web call"
        : "this call streams: send Content-Type: application/connect+json, or that of a binary Connect, gRPC or gRPC-Web call";
    return { status, code, message };
  }
  if (status === 405) return { status, code, message: "RPCs are called by POST" };
  return undefined;
};

/** The names of services for people: `GET /` answers them. */
export const describeServices = (services: readonly DescService[]): string =>
  [
    "Standin's control plane. It speaks Connect (JSON and binary), gRPC and gRPC-Web.",
    "",
    ...services.flatMap(({ typeName, methods }) => [
      typeName,
      ...methods.map(({ name }) => `  POST /${typeName}/${name}`),
    ]),
    "",
  ].join("\n");
