import { AWS_MANAGED_POLICIES } from "../../../state/identities/aws-managed.ts";
import { identityArn } from "../../../state/identities/model.ts";
import { readAllIdentities } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { isBoundedBy, readPolicyUsers, usesPolicy } from "../managed-policies.ts";
import { pageOf } from "../paging.ts";
import { showListedPolicy } from "../shown.ts";

/** The account's policies, AWS's, or both. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html */
export const listPolicies: IamHandler<"ListPolicies"> = async (
  { world, caller: { accountId, partition } },
  { Scope = "All", OnlyAttached = false, PolicyUsageFilter, PathPrefix = "/", ...options },
) => {
  const { own, users } = await world.read(async (view) => ({
    own: await readAllIdentities(view, { accountId, kind: "policy" }),
    users: await readPolicyUsers(view, accountId),
  }));
  const holders = [...users.users, ...users.roles];
  const isUsed = (arn: string): boolean => {
    const attached = PolicyUsageFilter !== "PermissionsBoundary" && holders.some((holder) => usesPolicy(holder, arn));
    const bounding = PolicyUsageFilter !== "PermissionsPolicy" && holders.some((holder) => isBoundedBy(holder, arn));
    return attached || bounding;
  };
  const local = Scope === "AWS" ? [] : own.map(({ identity }) => identity);
  const policies = [...local, ...(Scope === "Local" ? [] : AWS_MANAGED_POLICIES)]
    .map((policy) => ({ policy, arn: identityArn(policy, partition) }))
    .filter(({ policy, arn }) => policy.path.startsWith(PathPrefix) && (!OnlyAttached || isUsed(arn)));
  const { items, ...page } = pageOf(policies, options, ({ arn }) => arn);
  return { Policies: items.map(({ policy, arn }) => showListedPolicy(policy, { arn, users })), ...page };
};
