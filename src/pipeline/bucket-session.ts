/** Credentials of a session with a directory bucket. */
import { rememberSession } from "../harness/issued-sessions.ts";
import type { Caller } from "../protocol/caller.ts";
import type { BucketSessionOptions } from "../services/s3/context.ts";
import { S3Error } from "../services/s3/errors.ts";
import { issueSession } from "./issue-session.ts";
import type { RequestScope } from "./scope.ts";

/** The caller's own session, if it has one, goes on in the new one. Errors: AccessDenied for an anonymous caller. */
export const issueBucketSession = (
  scope: RequestScope,
  { caller, ...options }: BucketSessionOptions & { readonly caller: Caller },
) => {
  const { partition, accountId, principal, session: own } = caller;
  if (principal.kind === "Anonymous") throw new S3Error("AccessDenied");
  const whose = { partition, accountId, principal };
  const { issued, session } = issueSession(scope, { ...own, ...options, ...whose, operation: "CreateSession" });
  rememberSession(scope.world, session);
  return issued;
};
