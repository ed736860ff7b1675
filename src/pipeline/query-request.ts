/** A request of the query protocol (STS) through the steps of the pipeline. */
import { hash } from "node:crypto";
import { rememberSession, type IssuedSession } from "../harness/issued-sessions.ts";
import { endInWorld } from "../harness/signing-time.ts";
import { decodeAccessKeyId, FREE_BITS_END } from "../identity/access-key-id.ts";
import { identify } from "../identity/identify.ts";
import { issueCredentials } from "../identity/issue.ts";
import { uniqueId } from "../identity/unique-id.ts";
import { verify } from "../identity/verify.ts";
import { AwsError } from "../protocol/aws-error.ts";
import { callerArn } from "../protocol/caller.ts";
import { createQueryCodec } from "../protocol/codec/query-codec.ts";
import { queryErrorDocument } from "../protocol/codec/errors.ts";
import { description } from "../protocol/generated/sts.ts";
import { QUERY_SERVICES, type QueryService } from "../protocol/model/overlay.ts";
import type { Parameters } from "../protocol/query-string.ts";
import type { WireResponse } from "../protocol/wire.ts";
import type { StsContext, StsHandler, StsOperationName } from "../services/sts/context.ts";
import { STS_ERRORS, type StsErrorCode } from "../services/sts/errors.ts";
import { STS_HANDLERS } from "../services/sts/handlers.ts";
import { findAccessKey } from "../state/access-keys.ts";
import { signingTimes, type RequestScope } from "./scope.ts";

export type QueryRequest = {
  readonly service: QueryService;
  readonly parameters: Parameters;
  readonly body: Uint8Array;
};

const sts = createQueryCodec("sts", description);
const FREE_BITS_BYTES = 5;

const answer = (scope: RequestScope, { status, body }: { status: number; body: string }): WireResponse => ({
  status,
  headers: { "x-amzn-RequestId": scope.draw.requestId, "Content-Type": "text/xml" },
  body,
});

const operationOf = ({ service, parameters }: QueryRequest): StsOperationName => {
  const action = parameters.get("Action");
  if (service !== "sts") {
    throw new AwsError("NotImplemented", {}, { status: 501, message: `The service ${service} is not implemented.` });
  }
  if (action === undefined) throw new AwsError("MissingAction", {}, { status: 400 });
  const version = parameters.get("Version") ?? QUERY_SERVICES.sts.version;
  const known = version === QUERY_SERVICES.sts.version && Object.hasOwn(description.operations, action);
  if (known) return action as StsOperationName;
  throw new AwsError(
    "InvalidAction",
    {},
    { status: 400, message: `Could not find operation ${action} for version ${version}` },
  );
};

/** Runs an STS request. Errors: those of its steps. */
export const runQueryRequest = async (scope: RequestScope, query: QueryRequest): Promise<WireResponse> => {
  const operation = operationOf(query);
  const { world, request, deps, draw, nowMs } = scope;
  const base = {
    request,
    family: "query",
    settings: world.settings,
    bodySha256: hash("sha256", query.body, "hex"),
  } as const;
  const identified = await identify({
    ...base,
    serverKey: deps.serverKey,
    findAccessKey: (accessKeyId) => findAccessKey(world, accessKeyId),
    region: scope.address.region,
  });
  const times = signingTimes(scope);
  verify({ ...base, identified, ...times });
  const sessions: IssuedSession[] = [];
  const context: StsContext = {
    world,
    caller: identified.caller,
    nowMs,
    endInWorld: (end) => endInWorld(end, times.clocks),
    draw,
    issue: (options) => {
      const freeBits = draw.bytes("credentials", FREE_BITS_BYTES).readUIntBE(0, FREE_BITS_BYTES) % FREE_BITS_END;
      const issued = issueCredentials({ ...options, serverKey: deps.serverKey, nowMs, freeBits });
      sessions.push({
        accessKeyId: issued.accessKeyId,
        accountId: options.accountId,
        principalArn: callerArn(options),
        operation,
        issuedAtMs: nowMs,
        expiresAtMs: issued.expiration.getTime(),
      });
      return issued;
    },
    decodeAccessKeyId,
    roleId: (accountId, name) => uniqueId({ prefix: "AROA", accountId, name }),
  };
  const handler = STS_HANDLERS[operation] as unknown as StsHandler<"GetCallerIdentity">;
  const output = await handler(context, sts.decodeInput(operation, query.parameters) as Record<string, never>);
  for (const session of sessions) rememberSession(world, session);
  return answer(scope, { status: 200, body: sts.encodeOutput(operation, output, { requestId: draw.requestId }) });
};

/** An error of a query service on the wire. */
export const answerQueryError = (scope: RequestScope, service: QueryService, error: AwsError): WireResponse => {
  const row = Object.hasOwn(STS_ERRORS, error.code) ? STS_ERRORS[error.code as StsErrorCode] : undefined;
  const status = error.status ?? row?.status ?? 400;
  const body = queryErrorDocument(service, {
    code: error.code,
    message: error.message === "" ? (row?.message ?? "") : error.message,
    type: row?.type ?? (status < 500 ? "Sender" : "Receiver"),
    requestId: scope.draw.requestId,
  });
  return answer(scope, { status, body });
};
