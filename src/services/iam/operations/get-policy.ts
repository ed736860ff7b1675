import type { IamHandler } from "../context.ts";
import { readPolicyUsers, requirePolicy } from "../managed-policies.ts";
import { showPolicy } from "../shown.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html */
export const getPolicy: IamHandler<"GetPolicy"> = async ({ world, caller: { accountId } }, { PolicyArn }) =>
  world.read(async (view) => {
    const { identity } = await requirePolicy(view, { accountId, arn: PolicyArn });
    return { Policy: showPolicy(identity, { arn: PolicyArn, users: await readPolicyUsers(view, accountId) }) };
  });
