import { callerArn, callerUserId } from "../../../protocol/caller.ts";
import type { StsHandler } from "../context.ts";
import { issueCredentials } from "../credentials.ts";
import { StsError } from "../errors.ts";
import { sessionSecondsLeft } from "../session-seconds.ts";

/** Policies that a session may be scoped down by, one on top of the other. */
const SCOPE_DOWN_POLICIES_MAX = 3;

/**
 * Credentials of the same session with fewer permissions, a shorter life, or both.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetScopedCredentials.html
 */
export const getScopedCredentials: StsHandler<"GetScopedCredentials"> = async (context, input) => {
  const { caller } = context;
  const { session, principal, partition, accountId } = caller;
  const { Policy: policy, DurationSeconds: asked } = input;
  if (session === undefined || principal.kind === "Anonymous") throw new StsError("InvalidSubjectCredentials");
  if (policy === undefined && asked === undefined) {
    throw new StsError("ValidationError", { message: "At least one of Policy or DurationSeconds must be provided." });
  }
  await context.authorize({ action: "sts:GetScopedCredentials", resource: "*" });
  const left = sessionSecondsLeft(session, context);
  if (asked !== undefined && asked > left) throw new StsError("InsufficientSessionLifetime");
  const { issuedAtMs: _issued, expiresAtMs: _expires, scopeDownPolicies: before = [], ...kept } = session;
  const scopeDownPolicies = policy === undefined ? before : [...before, policy];
  if (policy !== undefined) context.requireSessionPolicy(policy);
  if (scopeDownPolicies.length > SCOPE_DOWN_POLICIES_MAX) {
    throw new StsError("AccessDenied", {
      message: `A session can have at most ${SCOPE_DOWN_POLICIES_MAX} scope down policies.`,
    });
  }
  const output = issueCredentials(context, input, {
    ...kept,
    partition,
    accountId,
    principal,
    durationSeconds: asked ?? left,
    ...(scopeDownPolicies.length > 0 && { scopeDownPolicies }),
  });
  return {
    ...output,
    SessionInfo: { ScopedSessionId: callerUserId(caller), Arn: callerArn(caller) },
    ScopedPoliciesCount: scopeDownPolicies.length,
    ...(session.sourceIdentity !== undefined && { SourceIdentity: session.sourceIdentity }),
  };
};
