/** Every STS operation by its name. */
import { CONSTRAINTS, STS_NOT_BUILT } from "./constraints.ts";
import type { BuiltOperationName } from "./constraints.ts";
import type { StsHandler, StsOperationName } from "./context.ts";
import { StsError } from "./errors.ts";
import { assumeRole } from "./operations/assume-role.ts";
import { assumeRoleWithSaml } from "./operations/assume-role-with-saml.ts";
import { assumeRoleWithWebIdentity } from "./operations/assume-role-with-web-identity.ts";
import { assumeRoot } from "./operations/assume-root.ts";
import { decodeAuthorizationMessage } from "./operations/decode-authorization-message.ts";
import { getAccessKeyInfo } from "./operations/get-access-key-info.ts";
import { getCallerIdentity } from "./operations/get-caller-identity.ts";
import { getFederationToken } from "./operations/get-federation-token.ts";
import { getSessionToken } from "./operations/get-session-token.ts";
import { validateInput } from "./validate.ts";

/** Operations whose caller need not have credentials. */
const UNSIGNED: ReadonlySet<StsOperationName> = new Set(["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]);

/** A handler that gets only callers who signed, where it needs one, and inputs which meet its operation's constraints. */
const built =
  <N extends BuiltOperationName>(operation: N, handler: StsHandler<N>): StsHandler<N> =>
  async (context, input) => {
    const { principal } = context.caller;
    if (principal.kind === "Anonymous" && !UNSIGNED.has(operation)) throw new StsError("MissingAuthenticationToken");
    validateInput(operation, input);
    return handler(context, input);
  };

const notBuilt = (operation: (typeof STS_NOT_BUILT)[number]) => async (): Promise<never> => {
  throw new StsError("NotImplemented", { message: `The action ${operation} is not implemented.` });
};

/** Total: an operation of the model without a row here does not compile. */
export const STS_HANDLERS: { readonly [N in StsOperationName]: StsHandler<N> } = {
  AssumeRole: built("AssumeRole", assumeRole),
  AssumeRoleWithSAML: built("AssumeRoleWithSAML", assumeRoleWithSaml),
  AssumeRoleWithWebIdentity: built("AssumeRoleWithWebIdentity", assumeRoleWithWebIdentity),
  AssumeRoot: built("AssumeRoot", assumeRoot),
  DecodeAuthorizationMessage: built("DecodeAuthorizationMessage", decodeAuthorizationMessage),
  GetAccessKeyInfo: built("GetAccessKeyInfo", getAccessKeyInfo),
  GetCallerIdentity: built("GetCallerIdentity", getCallerIdentity),
  GetDelegatedAccessToken: notBuilt("GetDelegatedAccessToken"),
  GetFederationToken: built("GetFederationToken", getFederationToken),
  GetScopedCredentials: notBuilt("GetScopedCredentials"),
  GetSessionToken: built("GetSessionToken", getSessionToken),
  GetWebIdentityToken: notBuilt("GetWebIdentityToken"),
};

/** True for an operation that does what AWS's does; false for one that answers 501 `NotImplemented`. */
export const isStsOperationBuilt = (operation: StsOperationName): boolean => operation in CONSTRAINTS;
