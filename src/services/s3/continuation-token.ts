/**
 * Continuation tokens: where a list goes on, in a form that clients do not read and that only fits the list that gave it.
 * They need no memory, so they outlive a restart.
 */
import { hash } from "node:crypto";

/** Enough to tell a token of ours from anything else; nothing secret hangs on it. */
const CHECK_BYTES = 6;

const checkOf = (scope: string, position: string): Buffer =>
  hash("sha256", `continuation-token/${scope}/${position}`, "buffer").subarray(0, CHECK_BYTES);

/** A token for `position` (a key, a name) in the list that `scope` names. */
export const writeContinuationToken = (position: string, { scope }: { readonly scope: string }): string =>
  Buffer.concat([checkOf(scope, position), Buffer.from(position)]).toString("base64");

/** The position; undefined for a text that is no token of this list. */
export const readContinuationToken = (token: string, { scope }: { readonly scope: string }): string | undefined => {
  const bytes = Buffer.from(token, "base64");
  if (bytes.length < CHECK_BYTES || bytes.toString("base64") !== token) return undefined;
  const position = bytes.toString("utf8", CHECK_BYTES);
  return checkOf(scope, position).equals(bytes.subarray(0, CHECK_BYTES)) ? position : undefined;
};
