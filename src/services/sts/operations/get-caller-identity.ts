import { callerArn, callerUserId } from "../../../protocol/caller.ts";
import type { StsHandler } from "../context.ts";

/** Says who the caller is, whatever policies deny. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const getCallerIdentity: StsHandler<"GetCallerIdentity"> = async ({ caller }) => ({
  UserId: callerUserId(caller),
  Account: caller.accountId,
  Arn: callerArn(caller),
});
