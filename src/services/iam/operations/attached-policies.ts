/**
 * Managed policies on users and roles: the same three operations for both.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html
 */
import type { AttachedPolicy } from "../../../protocol/generated/iam.ts";
import { parsePolicyArn } from "../../../state/identities/find.ts";
import type { IamContext, IamHandler } from "../context.ts";
import { changeHolder, requireHolder, type HolderName } from "../entities.ts";
import { IamError, quotaExceeded } from "../errors.ts";
import { ATTACHED_POLICIES_MAX } from "../limits.ts";
import { findPolicy, isSamePolicy, requirePolicyArn, usesPolicy } from "../managed-policies.ts";
import { pageOf, type Page, type PageOptions } from "../paging.ts";

const QUOTAS = { user: "PoliciesPerUser", role: "PoliciesPerRole" } as const;

const attach = (context: IamContext, holder: HolderName, arn: string): Promise<void> => {
  requirePolicyArn(arn, "ValidationError");
  return changeHolder(context, holder, async (held, tx) => {
    if ((await findPolicy(tx, { accountId: context.caller.accountId, arn })) === undefined) {
      throw new IamError("NoSuchEntity", `Policy ${arn} does not exist or is not attachable.`);
    }
    // Once is enough.
    if (usesPolicy(held, arn)) return held;
    if (held.attachedPolicyArns.length >= ATTACHED_POLICIES_MAX) {
      throw quotaExceeded(QUOTAS[holder.kind], ATTACHED_POLICIES_MAX);
    }
    return { ...held, attachedPolicyArns: [...held.attachedPolicyArns, arn] };
  });
};

const detach = (context: IamContext, holder: HolderName, arn: string): Promise<void> => {
  requirePolicyArn(arn, "ValidationError");
  return changeHolder(context, holder, (held) => {
    if (!usesPolicy(held, arn)) throw new IamError("NoSuchEntity", `Policy ${arn} was not found.`);
    return { ...held, attachedPolicyArns: held.attachedPolicyArns.filter((other) => !isSamePolicy(other, arn)) };
  });
};

const list = async (
  { world, caller: { accountId } }: IamContext,
  holder: HolderName,
  { PathPrefix = "/", ...options }: PageOptions & { readonly PathPrefix?: string | undefined },
): Promise<Omit<Page<string>, "items"> & { readonly AttachedPolicies: readonly AttachedPolicy[] }> => {
  const { identity } = await world.read((view) => requireHolder(view, { ...holder, accountId }));
  const arns = identity.attachedPolicyArns.filter((arn) => parsePolicyArn(arn)?.path.startsWith(PathPrefix));
  const { items, ...page } = pageOf(arns, options, (arn) => arn);
  const shown = items.map((arn) => ({ PolicyName: parsePolicyArn(arn)?.name ?? "", PolicyArn: arn }));
  return { AttachedPolicies: shown, ...page };
};

export const attachUserPolicy: IamHandler<"AttachUserPolicy"> = async (context, { UserName, PolicyArn }) => {
  await attach(context, { kind: "user", name: UserName }, PolicyArn);
  return {};
};

export const attachRolePolicy: IamHandler<"AttachRolePolicy"> = async (context, { RoleName, PolicyArn }) => {
  await attach(context, { kind: "role", name: RoleName }, PolicyArn);
  return {};
};

export const detachUserPolicy: IamHandler<"DetachUserPolicy"> = async (context, { UserName, PolicyArn }) => {
  await detach(context, { kind: "user", name: UserName }, PolicyArn);
  return {};
};

export const detachRolePolicy: IamHandler<"DetachRolePolicy"> = async (context, { RoleName, PolicyArn }) => {
  await detach(context, { kind: "role", name: RoleName }, PolicyArn);
  return {};
};

export const listAttachedUserPolicies: IamHandler<"ListAttachedUserPolicies"> = (context, { UserName, ...options }) =>
  list(context, { kind: "user", name: UserName }, options);

export const listAttachedRolePolicies: IamHandler<"ListAttachedRolePolicies"> = (context, { RoleName, ...options }) =>
  list(context, { kind: "role", name: RoleName }, options);
