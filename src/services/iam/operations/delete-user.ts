import { deleteIdentity } from "../../../state/identities/store.ts";
import { keysOfUser } from "../access-keys.ts";
import type { IamHandler } from "../context.ts";
import { requireHolder, requireModifiable } from "../entities.ts";
import { IamError } from "../errors.ts";
import { requireBare } from "../holders.ts";

/** Deletes a user that has neither keys nor policies. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
export const deleteUser: IamHandler<"DeleteUser"> = async ({ world, caller: { accountId } }, { UserName }) => {
  await world.transact(async (tx) => {
    const held = await requireHolder(tx, { accountId, kind: "user", name: UserName });
    requireModifiable(held, `the user ${UserName}`);
    requireBare(held.identity);
    if ((await keysOfUser(tx, { accountId, userName: held.identity.name })).length > 0) {
      throw new IamError("DeleteConflict", "Cannot delete entity, must delete access keys first.");
    }
    await deleteIdentity(tx, held.identity, "account");
  });
  return {};
};
