import { readAllIdentities } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { pageOf } from "../paging.ts";
import { showListedUser } from "../shown.ts";

/** Users by name, those of the control plane among them. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html */
export const listUsers: IamHandler<"ListUsers"> = async (
  { world, caller: { accountId, partition } },
  { PathPrefix = "/", ...options },
) => {
  const held = await world.read((view) => readAllIdentities(view, { accountId, kind: "user" }));
  const users = held.map(({ identity }) => identity).filter(({ path }) => path.startsWith(PathPrefix));
  const { items, ...page } = pageOf(users, options, ({ name }) => name);
  return { Users: items.map((user) => showListedUser(user, partition)), ...page };
};
