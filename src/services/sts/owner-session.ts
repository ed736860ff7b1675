/** The rules of GetSessionToken and GetFederationToken, which only a long-term key may call. */
import type { Caller } from "../../protocol/caller.ts";
import { StsError } from "./errors.ts";

/** Seconds that such a session lasts when the request does not say. */
const DURATION_DEFAULT_SECONDS = 43_200;
/** AWS shortens the sessions of an account's root to an hour rather than refuse them. */
const ROOT_DURATION_SECONDS_MAX = 3600;

type LongTermPrincipal = Extract<Caller["principal"], { readonly kind: "Root" | "User" }>;

/**
 * The principal of a long-term key. Throws `AccessDenied` when the caller's own credentials are temporary,
 * `MissingAuthenticationToken` when it has none.
 */
export const longTermPrincipal = (
  { principal, session }: Caller,
  operation: "GetSessionToken" | "GetFederationToken",
): LongTermPrincipal => {
  if (session !== undefined || principal.kind === "AssumedRole" || principal.kind === "FederatedUser") {
    throw new StsError("AccessDenied", { message: `Cannot call ${operation} with session credentials` });
  }
  if (principal.kind === "Anonymous") throw new StsError("MissingAuthenticationToken");
  return principal;
};

/** How long the session lasts, in seconds. */
export const ownerSessionSeconds = (caller: Caller, asked: number | undefined): number => {
  const seconds = asked ?? DURATION_DEFAULT_SECONDS;
  return caller.principal.kind === "Root" ? Math.min(seconds, ROOT_DURATION_SECONDS_MAX) : seconds;
};
