import type { IamHandler } from "../context.ts";
import { requireHolder } from "../entities.ts";
import { showRole } from "../shown.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
export const getRole: IamHandler<"GetRole"> = async ({ world, caller: { accountId, partition } }, { RoleName }) => {
  const { identity } = await world.read((view) => requireHolder(view, { accountId, kind: "role", name: RoleName }));
  return { Role: showRole(identity, partition) };
};
