/** A request of the query protocol (STS, IAM) through the steps of the pipeline. What a service does is its backend's. */
import { hash } from "node:crypto";
import { identify, type Identified } from "../identity/identify.ts";
import { findRegisteredKey } from "../identity/registered-key.ts";
import { verify } from "../identity/verify.ts";
import { AwsError } from "../protocol/aws-error.ts";
import { queryErrorDocument } from "../protocol/codec/errors.ts";
import { QUERY_SERVICES, type QueryService } from "../protocol/model/overlay.ts";
import type { Parameters } from "../protocol/query-string.ts";
import type { WireResponse } from "../protocol/wire.ts";
import { noteUse } from "./key-use.ts";
import { noteError } from "./note-error.ts";
import { signingTimes, type RequestScope } from "./scope.ts";

export type QueryRequest = {
  readonly service: QueryService;
  readonly parameters: Parameters;
  readonly body: Uint8Array;
};

/** One call of an operation, once its caller is known and believed. */
export type QueryCall = {
  /** One that the backend has. */
  readonly operation: string;
  readonly parameters: Parameters;
  readonly identified: Identified;
};

/** What an error of a service looks like where whoever throws it says no more than its code. */
export type QueryErrorRow = {
  readonly status: number;
  readonly type: "Sender" | "Receiver";
  readonly message: string;
};

/** A service of the query protocol behind the steps that all of them take. */
export type QueryBackend = {
  /** Whether its model has an operation of this name. */
  readonly hasOperation: (name: string) => boolean;
  /** Runs an operation and answers its document. Errors: the service's. */
  readonly run: (scope: RequestScope, call: QueryCall) => Promise<string>;
  readonly errorRow: (code: string) => QueryErrorRow | undefined;
};

/** Loaded with the first request to each: most worlds see S3's alone. */
const BACKENDS: { readonly [S in QueryService]: () => Promise<QueryBackend> } = {
  sts: async () => (await import("./sts-request.ts")).stsBackend,
  iam: async () => (await import("./iam-request.ts")).iamBackend,
};

const operationOf = ({ service, parameters }: QueryRequest, backend: QueryBackend): string => {
  const action = parameters.get("Action");
  if (action === undefined) throw new AwsError("MissingAction", {}, { status: 400 });
  const { version: own } = QUERY_SERVICES[service];
  const version = parameters.get("Version") ?? own;
  if (version === own && backend.hasOperation(action)) return action;
  throw new AwsError(
    "InvalidAction",
    {},
    { status: 400, message: `Could not find operation ${action} for version ${version}` },
  );
};

type Answer = { readonly status: number; readonly body: string; readonly headers?: WireResponse["headers"] };

const answer = (scope: RequestScope, { status, body, headers }: Answer): WireResponse => ({
  status,
  headers: { "x-amzn-RequestId": scope.draw.requestId, "Content-Type": "text/xml", ...headers },
  body,
});

/** Runs a request of a query service. Errors: those of its steps. */
export const runQueryRequest = async (scope: RequestScope, query: QueryRequest): Promise<WireResponse> => {
  const backend = await BACKENDS[query.service]();
  const operation = operationOf(query, backend);
  const { world, request, deps } = scope;
  scope.trail.note({ service: query.service, operation });
  const base = {
    request,
    family: "query",
    settings: world.settings,
    bodySha256: hash("sha256", query.body, "hex"),
  } as const;
  const identified = await identify({
    ...base,
    serverKey: deps.serverKey,
    findAccessKey: (accessKeyId) => findRegisteredKey(world, accessKeyId),
    region: scope.address.region,
  });
  scope.trail.note({ identified });
  const { signedHost } = verify({ ...base, identified, ...signingTimes(scope) });
  noteUse(scope, identified, query.service);
  if (signedHost !== undefined) scope.trail.note({ signedHost });
  const body = await backend.run(scope, { operation, parameters: query.parameters, identified });
  return answer(scope, { status: 200, body });
};

/** An error of a query service on the wire. */
export const answerQueryError = async (
  scope: RequestScope,
  service: QueryService,
  error: AwsError,
): Promise<WireResponse> => {
  const backend = await BACKENDS[service]();
  const row = backend.errorRow(error.code);
  const status = error.status ?? row?.status ?? 400;
  const message = error.message === "" ? (row?.message ?? "") : error.message;
  noteError(scope, { status, code: error.code, message });
  const body = queryErrorDocument(service, {
    code: error.code,
    message,
    type: row?.type ?? (status < 500 ? "Sender" : "Receiver"),
    requestId: scope.draw.requestId,
  });
  return answer(scope, { status, body, headers: error.headers });
};
