import type { Operations } from "../../../protocol/generated/sts.ts";
import type { SessionTag } from "../../../protocol/caller.ts";
import type { StsContext, StsHandler } from "../context.ts";
import { StsError } from "../errors.ts";
import { roleOrCallerArn } from "../role-arn.ts";
import { sessionSecondsLeft } from "../session-seconds.ts";
import { sessionTags } from "../session-tags.ts";

const DURATION_DEFAULT_SECONDS = 300;
/** Of AWS's own claims: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html */
const NAMESPACE = "https://sts.amazonaws.com/";
const TOKEN_ID_BYTES = 16;

type Input = Operations["GetWebIdentityToken"]["input"];

/**
 * A token that tells others who is calling, signed by the world's key, which `/.well-known/jwks.json` publishes.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export const getWebIdentityToken: StsHandler<"GetWebIdentityToken"> = async (context, input) => {
  requireSubject(input);
  const { tags } = sessionTags({ tags: input.Tags }, undefined);
  const algorithm = input.SigningAlgorithm === "RS256" ? "RS256" : "ES384";
  const seconds = durationOf(context, input);
  await authorize(context, input, tags);
  const issuedAt = Math.floor(context.nowMs / 1000);
  const expiresAt = issuedAt + seconds;
  const { keyId, privateKey } = await context.tokenKey(algorithm);
  const { SignJWT } = await import("jose");
  const token = await new SignJWT({
    ...claimsOf(context, tags),
    iss: context.issuer,
    aud: input.Audience.length === 1 ? input.Audience.join("") : [...input.Audience],
    iat: issuedAt,
    exp: expiresAt,
    jti: context.draw.bytes("webIdentityToken", TOKEN_ID_BYTES).toString("hex"),
  })
    .setProtectedHeader({ alg: algorithm, kid: keyId, typ: "JWT" })
    .sign(privateKey);
  return { WebIdentityToken: token, Expiration: new Date(expiresAt * 1000) };
};

/** No session here carries the context of another identity's, which `OriginIdentity` and a scope are about. */
const requireSubject = ({ SubjectMode, Scope }: Input): void => {
  if (SubjectMode === "OriginIdentity") {
    throw new StsError("ValidationError", {
      message: "SubjectMode OriginIdentity needs a session with a trusted identity propagation context.",
    });
  }
  if (Scope !== undefined) {
    throw new StsError("ValidationError", {
      message: "Scope can be specified only when SubjectMode is OriginIdentity.",
    });
  }
};

const durationOf = ({ caller: { session }, nowMs }: StsContext, { DurationSeconds: asked }: Input): number => {
  const left = session === undefined ? Number.POSITIVE_INFINITY : sessionSecondsLeft(session, { nowMs });
  if (asked !== undefined && asked > left) throw new StsError("SessionDurationEscalationException");
  return asked ?? Math.min(DURATION_DEFAULT_SECONDS, left);
};

const authorize = async (context: StsContext, input: Input, tags: readonly SessionTag[]): Promise<void> => {
  const values = {
    "sts:identitytokenaudience": input.Audience,
    "sts:durationseconds": input.DurationSeconds === undefined ? undefined : [String(input.DurationSeconds)],
    "sts:signingalgorithm": [input.SigningAlgorithm],
    "sts:subjectmode": [input.SubjectMode ?? "AWSIdentity"],
  };
  await context.authorize({ action: "sts:GetWebIdentityToken", resource: "*", tags, values });
  if (tags.length > 0) {
    await context.authorize({ action: "sts:TagGetWebIdentityToken", resource: "*", tags, values });
  }
};

const asRecord = (tags: readonly SessionTag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

const claimsOf = ({ caller, region }: StsContext, requestTags: readonly SessionTag[]) => {
  const subject = roleOrCallerArn(caller);
  const { session } = caller;
  return {
    sub: subject,
    [NAMESPACE]: {
      aws_account: caller.accountId,
      source_region: region,
      principal_id: subject,
      ...(session?.tags !== undefined && { principal_tags: asRecord(session.tags) }),
      ...(session !== undefined && { original_session_exp: new Date(session.expiresAtMs).toISOString() }),
      ...(session?.federatedProvider !== undefined && { federated_provider: session.federatedProvider }),
      ...(requestTags.length > 0 && { request_tags: asRecord(requestTags) }),
    },
  };
};
