/**
 * Whether a web identity token is believed: by the provider that is registered in the role's account, where there is one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
 */
import type { JSONWebKeySet } from "jose";
import { findOidcProvider } from "../../state/identities/find.ts";
import { identityArn, type OidcProvider } from "../../state/identities/model.ts";
import type { Partition } from "../../protocol/caller.ts";
import type { StsContext } from "./context.ts";
import { StsError } from "./errors.ts";
import { conditionKeys } from "./identity-keys.ts";
import { parseClaims, readIdentity, refuseExpired, requireClaims } from "./web-identity-token.ts";
import type { WebIdentity } from "./web-identity-token.ts";

/** What AWS takes. Nothing symmetric: a published key would make everyone a provider. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

export type VerifiedWebIdentity = WebIdentity & {
  /** The audience that counts: the one that the provider has registered, else the first. */
  readonly audience?: string;
  /** As trust policies name it: the ARN of a registered one, else its domain. */
  readonly federatedProvider?: string;
  readonly conditionKeys: Readonly<Record<string, readonly string[]>>;
};

type Options = {
  readonly accountId: string;
  readonly partition: Partition;
  readonly providerId: string | undefined;
  /** Whether the role is registered: then, in `strict`, a provider has to vouch for the bearer. */
  readonly registeredRole: boolean;
};

/**
 * Reads a token and, where its issuer is registered in the account, verifies it: signature, audience, expiry. In `off` all of it is
 * believed. Where nobody registered the issuer the token is only read: its claims must be there in `strict`, and it must not be
 * expired in `lenient` either; a text that is no JWT is taken for the access token of an OAuth 2.0 provider.
 * Errors: InvalidIdentityToken, ExpiredTokenException.
 */
export const believeWebIdentity = async (
  context: StsContext,
  token: string,
  options: Options,
): Promise<VerifiedWebIdentity> => {
  const { authMode } = context.world.settings;
  const claims = parseClaims(token);
  if (claims === undefined) return believeOpaque(context, options);
  const identity = readIdentity(claims);
  const said = withoutScheme(identity.provider ?? options.providerId ?? "");
  const provider = await findProvider(context, { accountId: options.accountId, said });
  const url = provider?.url ?? withoutSlash(said);
  if (provider !== undefined && authMode !== "off") await verifySignature(token, provider);
  if (authMode === "strict" || (provider !== undefined && authMode !== "off")) requireClaims(claims);
  if (authMode !== "off") refuseExpired(claims, context);
  if (provider === undefined) {
    requireProvider(context, options, identity);
    return withKeys(identity, { url, federatedProvider: url, audience: identity.audiences[0] });
  }
  const audience = authMode === "off" ? identity.audiences[0] : requireAudience(identity, provider);
  return withKeys(identity, { url, federatedProvider: identityArn(provider, options.partition), audience });
};

const believeOpaque = (context: StsContext, { providerId, registeredRole }: Options): VerifiedWebIdentity => {
  const strict = context.world.settings.authMode === "strict";
  if (strict && (providerId === undefined || registeredRole)) throw new StsError("InvalidIdentityToken");
  return {
    tags: undefined,
    audiences: [],
    conditionKeys: {},
    ...(providerId !== undefined && { provider: providerId, federatedProvider: providerId }),
  };
};

/** Providers that AWS knows without anybody registering them. */
const WELL_KNOWN = new Set([
  "accounts.google.com",
  "graph.facebook.com",
  "www.amazon.com",
  "cognito-identity.amazonaws.com",
]);

const requireProvider = ({ world }: StsContext, { registeredRole }: Options, { provider = "" }: WebIdentity): void => {
  if (world.settings.authMode !== "strict" || !registeredRole || WELL_KNOWN.has(withoutSlash(withoutScheme(provider))))
    return;
  throw new StsError("InvalidIdentityToken", {
    message: `No OpenIDConnect provider found in your account for ${provider}`,
  });
};

/** AWS takes `azp` for the audience where it is there. */
const requireAudience = ({ audiences, authorizedParty }: WebIdentity, { clientIds }: OidcProvider): string => {
  const said = authorizedParty === undefined ? audiences : [authorizedParty];
  const audience = said.find((each) => clientIds.includes(each));
  if (audience === undefined) throw new StsError("InvalidIdentityToken", { message: "Incorrect token audience" });
  return audience;
};

const verifySignature = async (token: string, { keySet }: OidcProvider): Promise<void> => {
  if (keySet === undefined) return;
  const { errors } = await import("jose");
  try {
    await verifyByAnyKey(token, JSON.parse(keySet) as JSONWebKeySet);
  } catch (error) {
    const forged = error instanceof errors.JWSSignatureVerificationFailed;
    throw new StsError("InvalidIdentityToken", {
      message: forged
        ? "The signature of the ID Token is not valid."
        : "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    });
  }
};

/** The key that the token names; where it names none, and several would do, any of them. */
const verifyByAnyKey = async (token: string, keySet: JSONWebKeySet): Promise<void> => {
  const { compactVerify, createLocalJWKSet, errors } = await import("jose");
  try {
    await compactVerify(token, createLocalJWKSet(keySet), { algorithms: ALGORITHMS });
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const verified = await compactVerify(token, key, { algorithms: ALGORITHMS }).catch(() => undefined);
      if (verified !== undefined) return;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
};

/** By the issuer's very words, else by those with or without a slash at their end. */
const findProvider = async (
  { world }: StsContext,
  { accountId, said }: { readonly accountId: string; readonly said: string },
): Promise<OidcProvider | undefined> =>
  (await findOidcProvider(world, { accountId, url: said })) ??
  (await findOidcProvider(world, { accountId, url: said.endsWith("/") ? withoutSlash(said) : `${said}/` }));

const withoutScheme = (issuer: string): string => issuer.replace(/^https?:\/\//, "");

const withoutSlash = (url: string): string => url.replace(/\/$/, "");

type Provided = {
  readonly url: string;
  readonly federatedProvider: string;
  readonly audience: string | undefined;
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif */
const withKeys = (identity: WebIdentity, { url, federatedProvider, audience }: Provided): VerifiedWebIdentity => ({
  ...identity,
  ...(audience !== undefined && { audience }),
  ...(federatedProvider !== "" && { federatedProvider }),
  conditionKeys:
    url === ""
      ? {}
      : conditionKeys({
          [`${url}:aud`]: identity.authorizedParty ?? audience,
          [`${url}:oaud`]: identity.authorizedParty === undefined ? undefined : identity.audiences,
          [`${url}:sub`]: identity.subject,
          [`${url}:amr`]: identity.methods,
        }),
});
