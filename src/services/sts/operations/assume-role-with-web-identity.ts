import { parseRoleArn } from "../arn.ts";
import { ROLE_DURATION_DEFAULT_SECONDS, startRoleSession } from "../assumed-role.ts";
import type { StsHandler } from "../context.ts";
import { sessionTags } from "../session-tags.ts";
import { readWebIdentityToken } from "../web-identity-token.ts";

/**
 * Assumes a role on the word of an OIDC token, whose signature is not verified. The request needs no signature.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export const assumeRoleWithWebIdentity: StsHandler<"AssumeRoleWithWebIdentity"> = async (context, input) => {
  const role = parseRoleArn(input.RoleArn);
  const { authMode } = context.world.settings;
  const identity = readWebIdentityToken(input.WebIdentityToken, {
    authMode,
    nowMs: context.nowMs,
    endInWorld: context.endInWorld,
    providerId: input.ProviderId,
  });
  const { subject, audience, provider } = identity;
  return {
    ...startRoleSession(context, input, {
      role,
      sessionName: input.RoleSessionName,
      durationSeconds: input.DurationSeconds ?? ROLE_DURATION_DEFAULT_SECONDS,
      tags: sessionTags(identity, undefined),
      sourceIdentity: identity.sourceIdentity,
    }),
    ...(subject !== undefined && { SubjectFromWebIdentityToken: subject }),
    ...(audience !== undefined && { Audience: audience }),
    ...(provider !== undefined && { Provider: provider }),
  };
};
