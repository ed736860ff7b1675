import type { IamHandler } from "../context.ts";
import { requireHolder } from "../entities.ts";

/** None: there are no instances. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html */
export const listInstanceProfilesForRole: IamHandler<"ListInstanceProfilesForRole"> = async (
  { world, caller: { accountId } },
  { RoleName },
) => {
  await world.read((view) => requireHolder(view, { accountId, kind: "role", name: RoleName }));
  return { InstanceProfiles: [], IsTruncated: false };
};
