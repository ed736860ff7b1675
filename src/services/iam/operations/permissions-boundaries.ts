/**
 * The boundary of a user's or role's permissions: the same two operations for both.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
import { requireBoundary } from "../boundaries.ts";
import type { IamContext, IamHandler } from "../context.ts";
import { changeHolder, type HolderName } from "../entities.ts";

const put = (context: IamContext, holder: HolderName, arn: string): Promise<void> =>
  changeHolder(context, holder, async (held, tx) => {
    await requireBoundary(tx, { accountId: context.caller.accountId, arn });
    return { ...held, permissionsBoundary: arn };
  });

const remove = (context: IamContext, holder: HolderName): Promise<void> =>
  changeHolder(context, holder, ({ permissionsBoundary: _boundary, ...held }) => held);

export const putUserPermissionsBoundary: IamHandler<"PutUserPermissionsBoundary"> = async (
  context,
  { UserName, PermissionsBoundary },
) => {
  await put(context, { kind: "user", name: UserName }, PermissionsBoundary);
  return {};
};

export const putRolePermissionsBoundary: IamHandler<"PutRolePermissionsBoundary"> = async (
  context,
  { RoleName, PermissionsBoundary },
) => {
  await put(context, { kind: "role", name: RoleName }, PermissionsBoundary);
  return {};
};

export const deleteUserPermissionsBoundary: IamHandler<"DeleteUserPermissionsBoundary"> = async (
  context,
  { UserName },
) => {
  await remove(context, { kind: "user", name: UserName });
  return {};
};

export const deleteRolePermissionsBoundary: IamHandler<"DeleteRolePermissionsBoundary"> = async (
  context,
  { RoleName },
) => {
  await remove(context, { kind: "role", name: RoleName });
  return {};
};
