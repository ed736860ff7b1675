import { hash } from "node:crypto";
import { findRole } from "../../../state/identities/find.ts";
import { parseRoleArn, parseSamlProviderArn } from "../arn.ts";
import type { SamlProviderArn } from "../arn.ts";
import { requireTrust, ROLE_DURATION_DEFAULT_SECONDS, startRoleSession } from "../assumed-role.ts";
import type { StsContext, StsHandler } from "../context.ts";
import { StsError } from "../errors.ts";
import { conditionKeys } from "../identity-keys.ts";
import { requireFitting } from "../provided-session.ts";
import type { SamlAssertion } from "../saml-assertion.ts";
import { believeSamlResponse } from "../saml-provider.ts";
import { ownTags, sessionTags } from "../session-tags.ts";

/**
 * Assumes a role on the word of a SAML response. The request needs no signature.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
 */
export const assumeRoleWithSaml: StsHandler<"AssumeRoleWithSAML"> = async (context, input) => {
  const role = parseRoleArn(input.RoleArn);
  const provider = parseSamlProviderArn(input.PrincipalArn);
  const known = await findRole(context.world, { accountId: role.accountId, name: role.roleName });
  const assertion = await believeSamlResponse(context, input.SAMLAssertion, {
    provider,
    registeredRole: known !== undefined,
  });
  if (context.world.settings.authMode === "strict") checkAssertion(context, assertion, input);
  const { subject, subjectType, issuer, audience, sessionName, sourceIdentity } = assertion;
  const qualifier = nameQualifier(issuer, provider);
  requireFitting(assertion);
  const tags = sessionTags(assertion, undefined);
  const lasting = conditionKeys({ "saml:namequalifier": qualifier, "saml:sub": subject, "saml:sub_type": subjectType });
  const federatedProvider = input.PrincipalArn;
  const registered = await requireTrust(context, {
    action: "sts:AssumeRoleWithSAML",
    role,
    roleArn: input.RoleArn,
    sessionName,
    tags: ownTags(assertion),
    transitiveTagKeys: tags.transitiveTagKeys,
    sourceIdentity,
    federatedProvider,
    values: {
      ...lasting,
      ...conditionKeys({
        "saml:aud": audience,
        "saml:iss": issuer,
        "saml:doc": `${provider.accountId}/${provider.providerName}`,
      }),
    },
  });
  const asked = input.DurationSeconds ?? assertion.durationSeconds ?? ROLE_DURATION_DEFAULT_SECONDS;
  return {
    ...startRoleSession(context, input, {
      kind: "AssumeRoleWithSAML",
      role,
      registered,
      sessionName,
      durationSeconds: sessionSeconds(context, { asked, endsAtMs: assertion.sessionEndsAtMs }),
      tags,
      sourceIdentity,
      federatedProvider,
      conditionKeys: lasting,
    }),
    Subject: subject,
    ...(subjectType !== undefined && { SubjectType: subjectType }),
    Issuer: issuer,
    ...(audience !== undefined && { Audience: audience }),
    NameQualifier: qualifier,
  };
};

/** What needs no key to verify: that the response has not expired, and offers this role through this provider. */
const checkAssertion = (
  { nowMs, endInWorld }: StsContext,
  { expiresAtMs, roles }: SamlAssertion,
  input: { readonly RoleArn: string; readonly PrincipalArn: string },
): void => {
  if (expiresAtMs !== undefined && nowMs >= endInWorld({ endsAtMs: expiresAtMs })) {
    throw new StsError("ExpiredTokenException", { message: "Token must be redeemed within 5 minutes of issuance" });
  }
  const offered = roles.map((pair) => pair.split(",").map((arn) => arn.trim()));
  if (offered.some((pair) => pair.includes(input.RoleArn) && pair.includes(input.PrincipalArn))) return;
  throw new StsError("InvalidIdentityToken", {
    message: "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
  });
};

/** A session ends where its SAML session does, when that comes first. A SAML session that is over already says nothing. */
const sessionSeconds = (
  { nowMs, endInWorld }: StsContext,
  { asked, endsAtMs }: { readonly asked: number; readonly endsAtMs: number | undefined },
): number => {
  if (endsAtMs === undefined) return asked;
  const leftSeconds = Math.floor((endInWorld({ endsAtMs }) - nowMs) / 1000);
  return leftSeconds > 0 ? Math.min(asked, leftSeconds) : asked;
};

/** Tells users of one name apart by issuer and provider, in the way that AWS documents. */
const nameQualifier = (issuer: string, { accountId, providerName }: SamlProviderArn): string =>
  hash("sha1", `${issuer}${accountId}/${providerName}`, "base64");
