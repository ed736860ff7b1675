import { hash } from "node:crypto";
import { parseRoleArn, parseSamlProviderArn } from "../arn.ts";
import type { SamlProviderArn } from "../arn.ts";
import { ROLE_DURATION_DEFAULT_SECONDS, startRoleSession } from "../assumed-role.ts";
import type { StsContext, StsHandler } from "../context.ts";
import { StsError } from "../errors.ts";
import { readSamlAssertion } from "../saml-assertion.ts";
import type { SamlAssertion } from "../saml-assertion.ts";
import { sessionTags } from "../session-tags.ts";

/**
 * Assumes a role on the word of a SAML response, whose signature is not verified. The request needs no signature.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
 */
export const assumeRoleWithSaml: StsHandler<"AssumeRoleWithSAML"> = async (context, input) => {
  const role = parseRoleArn(input.RoleArn);
  const provider = parseSamlProviderArn(input.PrincipalArn);
  const assertion = readSamlAssertion(input.SAMLAssertion);
  if (context.world.settings.authMode === "strict") checkAssertion(context, assertion, input);
  const asked = input.DurationSeconds ?? assertion.durationSeconds ?? ROLE_DURATION_DEFAULT_SECONDS;
  const { subject, subjectType, issuer, audience } = assertion;
  return {
    ...startRoleSession(context, input, {
      role,
      sessionName: assertion.sessionName,
      durationSeconds: sessionSeconds(context, { asked, endsAtMs: assertion.sessionEndsAtMs }),
      tags: sessionTags(assertion, undefined),
      sourceIdentity: assertion.sourceIdentity,
    }),
    Subject: subject,
    ...(subjectType !== undefined && { SubjectType: subjectType }),
    Issuer: issuer,
    ...(audience !== undefined && { Audience: audience }),
    NameQualifier: nameQualifier(issuer, provider),
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
