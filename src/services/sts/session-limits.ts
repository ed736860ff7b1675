/** What temporary credentials cannot call, whatever policies say. */
import type { SessionKind } from "../../protocol/caller.ts";
import type { StsContext, StsOperationName } from "./context.ts";
import { StsError } from "./errors.ts";

/**
 * The operations of STS that sessions may call at all. GetScopedCredentials takes any session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
const MAY_CALL: Partial<Record<SessionKind, ReadonlySet<StsOperationName>>> = {
  GetSessionToken: new Set(["AssumeRole", "GetCallerIdentity", "GetScopedCredentials"]),
  GetFederationToken: new Set(["GetCallerIdentity", "GetScopedCredentials"]),
};

/** In `strict`. Throws `AccessDenied`. What needs no signature does not ask who signed. */
export const refuseBySession = (operation: StsOperationName, { world, caller }: StsContext): void => {
  const kind = caller.session?.kind;
  if (world.settings.authMode !== "strict" || kind === undefined) return;
  if (operation === "AssumeRoleWithSAML" || operation === "AssumeRoleWithWebIdentity") return;
  if (MAY_CALL[kind]?.has(operation) === false) {
    throw new StsError("AccessDenied", { message: `Cannot call ${operation} with session credentials` });
  }
};
