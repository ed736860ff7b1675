/** STS behind the query protocol: from parameters to the operation's handler, and back. */
import { parsePolicy } from "../access/policy/parse-policy.ts";
import { PolicySyntaxError } from "../access/policy/syntax-error.ts";
import { rememberSession, type IssuedSession } from "../harness/issued-sessions.ts";
import { endInWorld } from "../harness/signing-time.ts";
import { decodeAccessKeyId } from "../identity/access-key-id.ts";
import { openMessage } from "../identity/authorization-message.ts";
import { openSessionToken } from "../identity/session-token.ts";
import { uniqueId } from "../identity/unique-id.ts";
import { webIdentityKey } from "../identity/web-identity-keys.ts";
import { createQueryCodec } from "../protocol/codec/query-codec.ts";
import { description } from "../protocol/generated/sts.ts";
import type { StsContext, StsHandler, StsOperationName } from "../services/sts/context.ts";
import { STS_ERRORS, StsError, type StsErrorCode } from "../services/sts/errors.ts";
import { STS_HANDLERS } from "../services/sts/handlers.ts";
import { issueSession } from "./issue-session.ts";
import { issuerOf } from "./openid.ts";
import { authorizeQuery } from "./query-access.ts";
import type { QueryBackend, QueryCall } from "./query-request.ts";
import { requestRegion } from "./region.ts";
import { signingTimes, type RequestScope } from "./scope.ts";

const codec = createQueryCodec("sts", description);

export const stsBackend: QueryBackend = {
  hasOperation: (name) => Object.hasOwn(description.operations, name),
  errorRow: (code) => (Object.hasOwn(STS_ERRORS, code) ? STS_ERRORS[code as StsErrorCode] : undefined),
  run: async (scope, call) => {
    const { operation } = call;
    const sessions: IssuedSession[] = [];
    const handler = STS_HANDLERS[operation as StsOperationName] as unknown as StsHandler<"GetCallerIdentity">;
    const input = codec.decodeInput(operation, call.parameters) as Record<string, never>;
    const output = await handler(contextOf(scope, call, sessions), input);
    for (const session of sessions) rememberSession(scope.world, session);
    return codec.encodeOutput(operation, output, { requestId: scope.draw.requestId });
  },
};

/** `sessions` grows by what the operation issues. */
const contextOf = (scope: RequestScope, call: QueryCall, sessions: IssuedSession[]): StsContext => {
  const { world, draw, nowMs, request, deps } = scope;
  const { serverKey } = deps;
  const { identified, operation } = call;
  return {
    world,
    caller: identified.caller,
    nowMs,
    region: requestRegion(scope, identified),
    issuer: issuerOf(request),
    endInWorld: (end) => endInWorld(end, signingTimes(scope).clocks),
    draw,
    authorize: (question) => authorizeQuery(scope, identified, question),
    requireSessionPolicy,
    issue: (options) => {
      const { issued, session } = issueSession(scope, { ...options, operation });
      sessions.push(session);
      return issued;
    },
    openToken: (token) => openSessionToken(serverKey, token),
    tokenKey: (algorithm) => webIdentityKey({ serverKey, worldName: world.name }, algorithm),
    openMessage: (message) => openMessage(serverKey, message),
    decodeAccessKeyId,
    roleId: (accountId, name) => uniqueId({ prefix: "AROA", accountId, name }),
  };
};

const requireSessionPolicy = (text: string): void => {
  try {
    parsePolicy(text, { kind: "session" });
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw new StsError("MalformedPolicyDocument", { message: error.message });
    throw error;
  }
};
