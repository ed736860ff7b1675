import type { IamHandler } from "../context.ts";
import { changeHolder, requireHolder } from "../entities.ts";
import { showDescribedRole } from "../shown.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html */
export const updateRoleDescription: IamHandler<"UpdateRoleDescription"> = async (
  context,
  { RoleName, Description },
) => {
  const { world, caller } = context;
  const { accountId, partition } = caller;
  await changeHolder(context, { kind: "role", name: RoleName }, (role) => ({ ...role, description: Description }));
  const { identity } = await world.read((view) => requireHolder(view, { accountId, kind: "role", name: RoleName }));
  return { Role: showDescribedRole(identity, partition) };
};
