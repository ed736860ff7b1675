/** Whose user a request means that names none. */
import type { View } from "../../state/view.ts";
import type { IamContext } from "./context.ts";
import { requireHolder } from "./entities.ts";
import { IamError } from "./errors.ts";

/**
 * The user that a request names, or else the one whose key signed it; undefined for the account's root. Throws ValidationError
 * for a session that names none.
 */
export const namedOrOwnUser = (
  { caller: { principal } }: IamContext,
  userName: string | undefined,
): string | undefined => {
  if (userName !== undefined) return userName;
  if (principal.kind === "User") return principal.userName;
  if (principal.kind === "Root") return undefined;
  throw new IamError("ValidationError", "Must specify userName when calling with non-User credentials");
};

/**
 * The same, in the words of the user's own name; one that is named must be there, the caller is there whether registered or not.
 * Throws NoSuchEntity beside.
 */
export const requireKeyOwner = async (
  view: View,
  context: IamContext,
  userName: string | undefined,
): Promise<{ readonly accountId: string; readonly userName: string | undefined }> => {
  const { accountId } = context.caller;
  if (userName === undefined) return { accountId, userName: namedOrOwnUser(context, userName) };
  const { identity } = await requireHolder(view, { accountId, kind: "user", name: userName });
  return { accountId, userName: identity.name };
};
