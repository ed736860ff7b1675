import { findRole } from "../../../state/identities/find.ts";
import { parseRoleArn } from "../arn.ts";
import { requireTrust, ROLE_DURATION_DEFAULT_SECONDS, startRoleSession } from "../assumed-role.ts";
import type { StsHandler } from "../context.ts";
import { requireFitting } from "../provided-session.ts";
import { ownTags, sessionTags } from "../session-tags.ts";
import { believeWebIdentity } from "../web-identity-provider.ts";

/**
 * Assumes a role on the word of an OIDC provider. The request needs no signature.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export const assumeRoleWithWebIdentity: StsHandler<"AssumeRoleWithWebIdentity"> = async (context, input) => {
  const role = parseRoleArn(input.RoleArn);
  const { accountId, partition, roleName } = role;
  const known = await findRole(context.world, { accountId, name: roleName });
  const identity = await believeWebIdentity(context, input.WebIdentityToken, {
    accountId,
    partition,
    providerId: input.ProviderId,
    registeredRole: known !== undefined,
  });
  const { subject, audience, provider, sourceIdentity, federatedProvider, conditionKeys } = identity;
  requireFitting(identity);
  const tags = sessionTags(identity, undefined);
  const registered = await requireTrust(context, {
    action: "sts:AssumeRoleWithWebIdentity",
    role,
    roleArn: input.RoleArn,
    sessionName: input.RoleSessionName,
    tags: ownTags(identity),
    transitiveTagKeys: tags.transitiveTagKeys,
    sourceIdentity,
    federatedProvider: federatedProvider ?? "",
    values: conditionKeys,
  });
  return {
    ...startRoleSession(context, input, {
      kind: "AssumeRoleWithWebIdentity",
      role,
      registered,
      sessionName: input.RoleSessionName,
      durationSeconds: input.DurationSeconds ?? ROLE_DURATION_DEFAULT_SECONDS,
      tags,
      sourceIdentity,
      ...(federatedProvider !== undefined && { federatedProvider }),
      ...(Object.keys(conditionKeys).length > 0 && { conditionKeys }),
    }),
    ...(subject !== undefined && { SubjectFromWebIdentityToken: subject }),
    ...(audience !== undefined && { Audience: audience }),
    ...(provider !== undefined && { Provider: provider }),
  };
};
