/**
 * Policies that belong to one user or role: the same four operations for both.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
 */
import type { IamContext, IamHandler } from "../context.ts";
import { changeHolder, countedChars, requireHolder, type HolderName } from "../entities.ts";
import { IamError } from "../errors.ts";
import { INLINE_CHARS_MAX } from "../limits.ts";
import { pageOf, type Page, type PageOptions } from "../paging.ts";
import { encodeDocument } from "../shown.ts";

type Named = HolderName & { readonly policyName: string };

const missing = ({ kind, policyName }: Named): IamError =>
  new IamError("NoSuchEntity", `The ${kind} policy with name ${policyName} cannot be found.`);

const put = async (context: IamContext, { policyName, ...holder }: Named, document: string): Promise<void> => {
  context.checkDocument(document, "identity");
  await changeHolder(context, holder, (held) => {
    const others = held.inlinePolicies.filter((policy) => policy.name !== policyName);
    const inlinePolicies = [...others, { name: policyName, document }].toSorted((one, other) =>
      one.name < other.name ? -1 : 1,
    );
    const charsMax = INLINE_CHARS_MAX[holder.kind];
    if (inlinePolicies.reduce((sum, policy) => sum + countedChars(policy.document), 0) > charsMax) {
      throw new IamError(
        "LimitExceeded",
        `Maximum policy size of ${charsMax} bytes exceeded for ${holder.kind} ${holder.name}`,
      );
    }
    return { ...held, inlinePolicies };
  });
};

const get = async ({ world, caller: { accountId } }: IamContext, wanted: Named): Promise<string> => {
  const { identity } = await world.read((view) => requireHolder(view, { ...wanted, accountId }));
  const policy = identity.inlinePolicies.find(({ name }) => name === wanted.policyName);
  if (policy === undefined) throw missing(wanted);
  return encodeDocument(policy.document);
};

const remove = (context: IamContext, wanted: Named): Promise<void> =>
  changeHolder(context, wanted, (held) => {
    const inlinePolicies = held.inlinePolicies.filter(({ name }) => name !== wanted.policyName);
    if (inlinePolicies.length === held.inlinePolicies.length) throw missing(wanted);
    return { ...held, inlinePolicies };
  });

const list = async (
  { world, caller: { accountId } }: IamContext,
  holder: HolderName,
  options: PageOptions,
): Promise<Omit<Page<string>, "items"> & { readonly PolicyNames: readonly string[] }> => {
  const { identity } = await world.read((view) => requireHolder(view, { ...holder, accountId }));
  const names = identity.inlinePolicies.map(({ name }) => name);
  const { items, ...page } = pageOf(names, options, (name) => name);
  return { PolicyNames: items, ...page };
};

export const putUserPolicy: IamHandler<"PutUserPolicy"> = async (context, { UserName, PolicyName, PolicyDocument }) => {
  await put(context, { kind: "user", name: UserName, policyName: PolicyName }, PolicyDocument);
  return {};
};

export const putRolePolicy: IamHandler<"PutRolePolicy"> = async (context, { RoleName, PolicyName, PolicyDocument }) => {
  await put(context, { kind: "role", name: RoleName, policyName: PolicyName }, PolicyDocument);
  return {};
};

export const getUserPolicy: IamHandler<"GetUserPolicy"> = async (context, { UserName, PolicyName }) => ({
  UserName,
  PolicyName,
  PolicyDocument: await get(context, { kind: "user", name: UserName, policyName: PolicyName }),
});

export const getRolePolicy: IamHandler<"GetRolePolicy"> = async (context, { RoleName, PolicyName }) => ({
  RoleName,
  PolicyName,
  PolicyDocument: await get(context, { kind: "role", name: RoleName, policyName: PolicyName }),
});

export const deleteUserPolicy: IamHandler<"DeleteUserPolicy"> = async (context, { UserName, PolicyName }) => {
  await remove(context, { kind: "user", name: UserName, policyName: PolicyName });
  return {};
};

export const deleteRolePolicy: IamHandler<"DeleteRolePolicy"> = async (context, { RoleName, PolicyName }) => {
  await remove(context, { kind: "role", name: RoleName, policyName: PolicyName });
  return {};
};

export const listUserPolicies: IamHandler<"ListUserPolicies"> = (context, { UserName, ...options }) =>
  list(context, { kind: "user", name: UserName }, options);

export const listRolePolicies: IamHandler<"ListRolePolicies"> = (context, { RoleName, ...options }) =>
  list(context, { kind: "role", name: RoleName }, options);
