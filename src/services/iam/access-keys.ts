/** The access keys of a user, or of the account's root: those made through IAM, and those of the control plane. */
import { listAccessKeysIn, readAccessKeyIn } from "../../state/access-keys.ts";
import type { IamAccessKey } from "../../state/identities/model.ts";
import { readAllIdentities, readIdentity } from "../../state/identities/store.ts";
import type { View } from "../../state/view.ts";
import { IamError } from "./errors.ts";

/** A key as lists show it. */
export type ShownKey = Pick<IamAccessKey, "accessKeyId" | "userName" | "status" | "createdAtMs">;

type Owner = {
  readonly accountId: string;
  /** Undefined: the account's root. */
  readonly userName: string | undefined;
};

/** The keys that clients made. */
export const keysOfUser = async (view: View, { accountId, userName }: Owner): Promise<IamAccessKey[]> => {
  const held = await readAllIdentities(view, { accountId, kind: "accessKey" });
  return held.map(({ identity }) => identity).filter((key) => key.userName === userName);
};

/** All keys, by their ids. */
export const allKeysOfUser = async (view: View, owner: Owner): Promise<readonly ShownKey[]> => {
  const registered = (await listAccessKeysIn(view, owner.accountId))
    .filter((key) => key.userName === owner.userName)
    .map((key): ShownKey => ({ ...key, status: "Active" }));
  return [...registered, ...(await keysOfUser(view, owner))].toSorted((one, other) =>
    one.accessKeyId < other.accessKeyId ? -1 : 1,
  );
};

/** The key of that id that clients made, if it is the owner's. Throws NoSuchEntity; UnmodifiableEntity for one of the control plane's. */
export const requireKey = async (
  view: View,
  { accessKeyId, ...owner }: Owner & { readonly accessKeyId: string },
): Promise<IamAccessKey> => {
  const held = await readIdentity(view, { accountId: owner.accountId, kind: "accessKey", name: accessKeyId });
  if (held !== undefined && held.identity.userName === owner.userName) return held.identity;
  const registered = await readAccessKeyIn(view, accessKeyId);
  if (registered?.accountId === owner.accountId && registered.userName === owner.userName) {
    throw new IamError(
      "UnmodifiableEntity",
      `Cannot perform the operation on the Access Key ${accessKeyId}: it was registered on the control plane.`,
    );
  }
  throw new IamError("NoSuchEntity", `The Access Key with id ${accessKeyId} cannot be found.`);
};
