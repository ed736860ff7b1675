/** Temporary credentials that an operation gives out, and what is remembered of them. */
import type { IssuedSession } from "../harness/issued-sessions.ts";
import { FREE_BITS_END } from "../identity/access-key-id.ts";
import { issueCredentials } from "../identity/issue.ts";
import { callerArn } from "../protocol/caller.ts";
import type { RequestScope } from "./scope.ts";

const FREE_BITS_BYTES = 5;

type SessionOptions = Omit<Parameters<typeof issueCredentials>[0], "serverKey" | "nowMs" | "freeBits">;

/** Errors: PackedPolicyTooLarge. */
export const issueSession = (
  { draw, deps: { serverKey }, nowMs }: RequestScope,
  { operation, ...options }: SessionOptions & { readonly operation: string },
) => {
  const freeBits = draw.bytes("credentials", FREE_BITS_BYTES).readUIntBE(0, FREE_BITS_BYTES) % FREE_BITS_END;
  const issued = issueCredentials({ ...options, serverKey, nowMs, freeBits });
  const session: IssuedSession = {
    accessKeyId: issued.accessKeyId,
    accountId: options.accountId,
    principalArn: callerArn(options),
    operation,
    issuedAtMs: nowMs,
    expiresAtMs: issued.expiration.getTime(),
  };
  return { issued, session };
};
