import { readAllIdentities } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { pageOf } from "../paging.ts";
import { showListedRole } from "../shown.ts";

/** Roles by name, those of the control plane among them. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
export const listRoles: IamHandler<"ListRoles"> = async (
  { world, caller: { accountId, partition } },
  { PathPrefix = "/", ...options },
) => {
  const held = await world.read((view) => readAllIdentities(view, { accountId, kind: "role" }));
  const roles = held.map(({ identity }) => identity).filter(({ path }) => path.startsWith(PathPrefix));
  const { items, ...page } = pageOf(roles, options, ({ name }) => name);
  return { Roles: items.map((role) => showListedRole(role, partition)), ...page };
};
