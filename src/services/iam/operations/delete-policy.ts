import { deleteIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { IamError } from "../errors.ts";
import { isBoundedBy, readPolicyUsers, requireOwnPolicy, requirePolicy, usesPolicy } from "../managed-policies.ts";

/** Deletes a policy with its last version. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html */
export const deletePolicy: IamHandler<"DeletePolicy"> = async ({ world, caller: { accountId } }, { PolicyArn }) => {
  await world.transact(async (tx) => {
    const held = await requirePolicy(tx, { accountId, arn: PolicyArn });
    requireOwnPolicy(held, PolicyArn);
    const { users, roles } = await readPolicyUsers(tx, accountId);
    if ([...users, ...roles].some((holder) => usesPolicy(holder, PolicyArn) || isBoundedBy(holder, PolicyArn))) {
      throw new IamError("DeleteConflict", "Cannot delete a policy attached to entities.");
    }
    if (held.identity.versions.length > 1) {
      throw new IamError(
        "DeleteConflict",
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    await deleteIdentity(tx, held.identity, "account");
  });
  return {};
};
