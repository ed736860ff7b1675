import { deleteIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { requireHolder, requireModifiable } from "../entities.ts";
import { requireBare } from "../holders.ts";

/** Deletes a role that has no policies. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export const deleteRole: IamHandler<"DeleteRole"> = async ({ world, caller: { accountId } }, { RoleName }) => {
  await world.transact(async (tx) => {
    const held = await requireHolder(tx, { accountId, kind: "role", name: RoleName });
    requireModifiable(held, `the role ${RoleName}`);
    requireBare(held.identity);
    await deleteIdentity(tx, held.identity, "account");
  });
  return {};
};
