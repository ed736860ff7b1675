import type { IamHandler } from "../context.ts";
import { requireHolder } from "../entities.ts";

/** None: there are no groups. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html */
export const listGroupsForUser: IamHandler<"ListGroupsForUser"> = async (
  { world, caller: { accountId } },
  { UserName },
) => {
  await world.read((view) => requireHolder(view, { accountId, kind: "user", name: UserName }));
  return { Groups: [], IsTruncated: false };
};
