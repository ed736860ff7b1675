import { callerArn } from "../../protocol/caller.ts";
import type { Caller } from "../../protocol/caller.ts";

/** The ARN of the role behind a role's session, of anyone else the caller's own. */
export const roleOrCallerArn = (caller: Caller): string => {
  const { partition, accountId, principal } = caller;
  if (principal.kind !== "AssumedRole") return callerArn(caller);
  return `arn:${partition}:iam::${accountId}:role${principal.rolePath ?? "/"}${principal.roleName}`;
};
