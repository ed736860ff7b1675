import type { IamHandler } from "../context.ts";
import { changeHolder } from "../entities.ts";

/** What is left out stays. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html */
export const updateRole: IamHandler<"UpdateRole"> = async (context, { RoleName, Description, MaxSessionDuration }) => {
  await changeHolder(context, { kind: "role", name: RoleName }, (role) => ({
    ...role,
    ...(Description === undefined ? {} : { description: Description }),
    maxSessionDurationSeconds: MaxSessionDuration ?? role.maxSessionDurationSeconds,
  }));
  return {};
};
