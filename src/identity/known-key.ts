/** What this server knows of the key that a request names. */
import { isAccountId } from "../protocol/caller.ts";
import type { Principal } from "../protocol/caller.ts";
import { hasOwnLayout, decodeAccessKeyId } from "./access-key-id.ts";
import { deriveSecretAccessKey } from "./issue.ts";
import type { ServerKey } from "./server-key.ts";
import { openSessionToken } from "./session-token.ts";
import type { SessionGrant } from "./session-token.ts";
import { uniqueId } from "./unique-id.ts";

/** An access key of the control plane's, or one that was made through IAM. */
export type RegisteredKey = {
  readonly secretAccessKey: string;
  readonly accountId: string;
  /** Absent for a key of the account's root. */
  readonly userName?: string;
  /** The user's unique id and path, where the user is registered. */
  readonly userId?: string;
  readonly userPath?: string;
  /** Whether IAM's UpdateAccessKey turned it off. */
  readonly isInactive?: boolean;
};

/** Looks a registered key up; at once where the answer is in memory. */
export type FindAccessKey = (accessKeyId: string) => RegisteredKey | undefined | Promise<RegisteredKey | undefined>;

export type KnownKey =
  | { readonly kind: "unsigned" }
  | {
      readonly kind: "registered";
      readonly secretAccessKey: string;
      readonly accountId: string;
      readonly principal: Principal;
      /** It is known, and refused. */
      readonly isInactive: boolean;
    }
  /** Made by STS here: the token opens and names this key. */
  | { readonly kind: "issued"; readonly secretAccessKey: string; readonly grant: SessionGrant }
  /** Made here, its token left out; the signature proves that the sender has the secret. */
  | { readonly kind: "tokenless"; readonly secretAccessKey: string; readonly accountId: string }
  /** Twelve digits: the account itself, as LocalStack has it. */
  | { readonly kind: "account"; readonly accountId: string }
  | { readonly kind: "unknown" };

const UNKNOWN: KnownKey = { kind: "unknown" };

const principalOf = ({ accountId, userName, userId, userPath = "/" }: RegisteredKey): Principal => {
  if (userName === undefined) return { kind: "Root" };
  return {
    kind: "User",
    userName,
    userId: userId ?? uniqueId({ prefix: "AIDA", accountId, name: userName }),
    ...(userPath === "/" ? {} : { path: userPath }),
  };
};

const registered = (accessKey: RegisteredKey): KnownKey => {
  const { secretAccessKey, accountId, isInactive = false } = accessKey;
  return { kind: "registered", secretAccessKey, accountId, principal: principalOf(accessKey), isInactive };
};

type KeyQuestion = {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly serverKey: ServerKey;
  readonly findAccessKey: FindAccessKey;
  /** Whether the request's signature was made with this secret. */
  readonly fitsSecret: (secretAccessKey: string) => boolean;
};

/**
 * Finds out what a key is. An id counts as this server's only if its token opens and names it, or it is registered, or,
 * with no token, the signature fits its secret (`fitsSecret`): its letters alone prove nothing.
 */
export const recogniseKey = (options: KeyQuestion): KnownKey | Promise<KnownKey> => {
  const { accessKeyId, sessionToken, serverKey } = options;
  if (sessionToken !== undefined) {
    const grant = openSessionToken(serverKey, sessionToken);
    if (grant !== undefined && grant.accessKeyId === accessKeyId) {
      return { kind: "issued", secretAccessKey: deriveSecretAccessKey(serverKey, accessKeyId), grant };
    }
  }
  const found = options.findAccessKey(accessKeyId);
  return found instanceof Promise
    ? found.then((accessKey) => recogniseUnsealed(options, accessKey))
    : recogniseUnsealed(options, found);
};

/** What a key is that no session token of ours names. */
const recogniseUnsealed = (
  { accessKeyId, sessionToken, serverKey, fitsSecret }: KeyQuestion,
  accessKey: RegisteredKey | undefined,
): KnownKey => {
  if (accessKey !== undefined) return registered(accessKey);
  if (isAccountId(accessKeyId)) return { kind: "account", accountId: accessKeyId };
  if (sessionToken === undefined && hasOwnLayout(accessKeyId)) {
    const secretAccessKey = deriveSecretAccessKey(serverKey, accessKeyId);
    const accountId = decodeAccessKeyId(accessKeyId);
    if (accountId !== undefined && fitsSecret(secretAccessKey)) {
      return { kind: "tokenless", secretAccessKey, accountId };
    }
  }
  return UNKNOWN;
};
