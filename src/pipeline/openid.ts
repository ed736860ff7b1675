/**
 * Where whoever gets a web identity token finds the keys that verify it: the two documents of OpenID Connect Discovery. Nobody
 * needs credentials for them, and no bucket can have the name `.well-known`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_getting_started.html
 */
import type { ServerKey } from "../identity/server-key.ts";
import { webIdentityKey, WEB_IDENTITY_ALGORITHMS } from "../identity/web-identity-keys.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import type { World } from "../state/world.ts";

const CONFIGURATION = "/.well-known/openid-configuration";
const KEYS = "/.well-known/jwks.json";

/** What `iss` says in tokens that were asked for under this host, and where their keys are. */
export const issuerOf = ({ secure, host }: Pick<WireRequest, "secure" | "host">): string =>
  `${secure ? "https" : "http"}://${host === "" ? "localhost" : host}`;

/** Whether a request asks for one of the two documents. */
export const isOpenIdPath = ({ method, rawPath }: Pick<WireRequest, "method" | "rawPath">): boolean =>
  rawPath.startsWith("/.well-known/") &&
  (rawPath === CONFIGURATION || rawPath === KEYS) &&
  (method === "GET" || method === "HEAD");

/** The documents of one world. */
export const answerOpenId = async (
  request: WireRequest,
  { world, serverKey }: { readonly world: World; readonly serverKey: ServerKey },
): Promise<WireResponse> => {
  const document =
    request.rawPath === KEYS ? await keySet({ worldName: world.name, serverKey }) : configuration(issuerOf(request));
  return { status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(document) };
};

const keySet = async (source: { readonly worldName: string; readonly serverKey: ServerKey }) => {
  const keys = await Promise.all(WEB_IDENTITY_ALGORITHMS.map((algorithm) => webIdentityKey(source, algorithm)));
  return { keys: keys.map(({ publicJwk }) => publicJwk) };
};

const configuration = (issuer: string) => ({
  issuer,
  jwks_uri: `${issuer}${KEYS}`,
  response_types_supported: ["id_token"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: WEB_IDENTITY_ALGORITHMS,
  claims_supported: ["sub", "aud", "exp", "iat", "iss", "jti"],
});
