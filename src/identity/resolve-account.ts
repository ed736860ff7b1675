/**
 * Whose account a request belongs to, in moto's order: override, header, credentials, default account. Pure: what the key is
 * worth has been found out before.
 */
import { isAccountId } from "../protocol/caller.ts";
import type { Caller, Partition, Principal } from "../protocol/caller.ts";
import { badAccountHeader } from "./identity-errors.ts";
import type { ServiceFamily } from "./identity-errors.ts";
import type { KnownKey } from "./known-key.ts";

type AuthMode = "off" | "lenient" | "strict";

/** Settings of a world that decide who is calling. */
export type IdentitySettings = {
  readonly authMode: AuthMode;
  /** Every request is this account's. */
  readonly accountOverride?: string;
  /** The account of requests that name none. */
  readonly fallbackAccount: string;
  /** Whether the account header is heeded in `strict`. */
  readonly accountHeader: boolean;
  /** Hosts, with their ports, for which a signature counts as well as for the one that the request names. */
  readonly equivalentHosts?: readonly string[];
};

type DecidedBy = "override" | "header" | "credentials" | "default";

export type Resolution = {
  readonly caller: Caller;
  readonly decidedBy: DecidedBy;
};

const ACCOUNT_HEADERS = ["x-moto-account-id", "x-standin-account-id"] as const;
const ROOT: Principal = { kind: "Root" };

/**
 * The account that a header names; undefined when there is none, or the world does not heed it.
 * Errors: InvalidArgument (S3) or ValidationError for anything but twelve digits.
 */
export const readAccountHeader = (
  headers: Readonly<Record<string, string>>,
  options: { readonly settings: IdentitySettings; readonly family: ServiceFamily },
): string | undefined => {
  const { settings, family } = options;
  if (settings.authMode === "strict" && !settings.accountHeader) return undefined;
  for (const name of ACCOUNT_HEADERS) {
    const value = headers[name]?.trim();
    if (value === undefined) continue;
    if (!isAccountId(value)) throw badAccountHeader(family, { name, value });
    return value;
  }
  return undefined;
};

type CredentialCaller = Pick<Caller, "accountId" | "principal" | "session" | "partition">;

/** Who a key says is calling; undefined when it says nothing of an account. */
const callerOfKey = (key: KnownKey, partition: Partition): CredentialCaller | undefined => {
  switch (key.kind) {
    case "issued":
      return key.grant;
    case "registered":
      return { partition, accountId: key.accountId, principal: key.principal };
    case "tokenless":
    case "account":
      return { partition, accountId: key.accountId, principal: ROOT };
    case "unknown":
    case "unsigned":
  }
  key satisfies { readonly kind: "unknown" | "unsigned" };
  return undefined;
};

/** Decides the caller. `partition` counts where the credentials say none. */
export const resolveAccount = (options: {
  readonly settings: IdentitySettings;
  readonly headerAccountId: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly key: KnownKey;
  readonly partition: Partition;
}): Resolution => {
  const { settings, headerAccountId, key, partition } = options;
  const signedAs = options.accessKeyId === undefined ? {} : { accessKeyId: options.accessKeyId };
  const rootOf = (accountId: string): Caller => ({ partition, accountId, principal: ROOT, ...signedAs });
  const byKey = callerOfKey(key, partition);
  const named = settings.accountOverride ?? headerAccountId;
  const decidedBy = settings.accountOverride === undefined ? "header" : "override";

  if (byKey !== undefined && (named === undefined || named === byKey.accountId)) {
    const { accountId, principal, session } = byKey;
    const caller = {
      partition: byKey.partition,
      accountId,
      principal,
      ...signedAs,
      ...(session === undefined ? {} : { session }),
    };
    return { caller, decidedBy: named === undefined ? "credentials" : decidedBy };
  }
  if (named !== undefined) return { caller: rootOf(named), decidedBy };
  const caller = rootOf(settings.fallbackAccount);
  if (key.kind === "unsigned" && settings.authMode === "strict") {
    return { caller: { ...caller, principal: { kind: "Anonymous" } }, decidedBy: "default" };
  }
  return { caller, decidedBy: "default" };
};
