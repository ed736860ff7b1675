import type { IamHandler } from "../context.ts";
import { changeHolder } from "../entities.ts";
import { checkTrustPolicy } from "../trust.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html */
export const updateAssumeRolePolicy: IamHandler<"UpdateAssumeRolePolicy"> = async (
  context,
  { RoleName, PolicyDocument },
) => {
  checkTrustPolicy(context, PolicyDocument);
  await changeHolder(context, { kind: "role", name: RoleName }, (role) => ({ ...role, trustPolicy: PolicyDocument }));
  return {};
};
