/** Every STS operation by its name. */
import type { StsHandler, StsOperationName } from "./context.ts";
import { StsError } from "./errors.ts";
import { assumeRole } from "./operations/assume-role.ts";
import { assumeRoleWithSaml } from "./operations/assume-role-with-saml.ts";
import { assumeRoleWithWebIdentity } from "./operations/assume-role-with-web-identity.ts";
import { assumeRoot } from "./operations/assume-root.ts";
import { decodeAuthorizationMessage } from "./operations/decode-authorization-message.ts";
import { getAccessKeyInfo } from "./operations/get-access-key-info.ts";
import { getCallerIdentity } from "./operations/get-caller-identity.ts";
import { getDelegatedAccessToken } from "./operations/get-delegated-access-token.ts";
import { getFederationToken } from "./operations/get-federation-token.ts";
import { getScopedCredentials } from "./operations/get-scoped-credentials.ts";
import { getSessionToken } from "./operations/get-session-token.ts";
import { getWebIdentityToken } from "./operations/get-web-identity-token.ts";
import { refuseBySession } from "./session-limits.ts";
import { validateInput } from "./validate.ts";

/** Operations whose caller need not have credentials. */
const UNSIGNED: ReadonlySet<StsOperationName> = new Set(["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]);

/** A handler that gets only callers who signed, where it needs one, and inputs which meet its operation's constraints. */
const checked =
  <N extends StsOperationName>(operation: N, handler: StsHandler<N>): StsHandler<N> =>
  async (context, input) => {
    const { principal } = context.caller;
    if (principal.kind === "Anonymous" && !UNSIGNED.has(operation)) throw new StsError("MissingAuthenticationToken");
    validateInput(operation, input);
    refuseBySession(operation, context);
    return handler(context, input);
  };

/** Total: an operation of the model without a row here does not compile. */
export const STS_HANDLERS: { readonly [N in StsOperationName]: StsHandler<N> } = {
  AssumeRole: checked("AssumeRole", assumeRole),
  AssumeRoleWithSAML: checked("AssumeRoleWithSAML", assumeRoleWithSaml),
  AssumeRoleWithWebIdentity: checked("AssumeRoleWithWebIdentity", assumeRoleWithWebIdentity),
  AssumeRoot: checked("AssumeRoot", assumeRoot),
  DecodeAuthorizationMessage: checked("DecodeAuthorizationMessage", decodeAuthorizationMessage),
  GetAccessKeyInfo: checked("GetAccessKeyInfo", getAccessKeyInfo),
  GetCallerIdentity: checked("GetCallerIdentity", getCallerIdentity),
  GetDelegatedAccessToken: checked("GetDelegatedAccessToken", getDelegatedAccessToken),
  GetFederationToken: checked("GetFederationToken", getFederationToken),
  GetScopedCredentials: checked("GetScopedCredentials", getScopedCredentials),
  GetSessionToken: checked("GetSessionToken", getSessionToken),
  GetWebIdentityToken: checked("GetWebIdentityToken", getWebIdentityToken),
};
