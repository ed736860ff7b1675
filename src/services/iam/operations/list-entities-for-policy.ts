import type { RoleIdentity, UserIdentity } from "../../../state/identities/model.ts";
import type { IamHandler } from "../context.ts";
import { isBoundedBy, readPolicyUsers, requirePolicy, usesPolicy } from "../managed-policies.ts";
import { pageOf } from "../paging.ts";

/** Who a policy is attached to, or bounds. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html */
export const listEntitiesForPolicy: IamHandler<"ListEntitiesForPolicy"> = async (
  { world, caller: { accountId } },
  { PolicyArn, EntityFilter, PolicyUsageFilter, PathPrefix = "/", ...options },
) => {
  const { users, roles } = await world.read(async (view) => {
    await requirePolicy(view, { accountId, arn: PolicyArn });
    return readPolicyUsers(view, accountId);
  });
  const isMeant = (holder: UserIdentity | RoleIdentity): boolean => {
    if (!holder.path.startsWith(PathPrefix)) return false;
    if (EntityFilter !== undefined && EntityFilter.toLowerCase() !== holder.kind) return false;
    const bounded = isBoundedBy(holder, PolicyArn) && PolicyUsageFilter !== "PermissionsPolicy";
    return bounded || (usesPolicy(holder, PolicyArn) && PolicyUsageFilter !== "PermissionsBoundary");
  };
  const holders = [...users, ...roles].filter(isMeant);
  const { items, ...page } = pageOf(holders, options, ({ kind, name }) => `${kind}/${name}`);
  return {
    PolicyGroups: [],
    PolicyUsers: items.filter(({ kind }) => kind === "user").map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyRoles: items.filter(({ kind }) => kind === "role").map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    ...page,
  };
};
