import { callerArn, callerUserId } from "../../../protocol/caller.ts";
import type { StsHandler } from "../context.ts";
import { issueCredentials, packedPolicySize, sessionPolicies } from "../credentials.ts";
import { ownerSessionSeconds, longTermPrincipal } from "../owner-session.ts";
import { sessionTags } from "../session-tags.ts";

/**
 * Credentials of a named federated user. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
 * What they may do: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
 */
export const getFederationToken: StsHandler<"GetFederationToken"> = async (context, input) => {
  const { caller } = context;
  const madeBy = longTermPrincipal(caller, "GetFederationToken");
  const { partition, accountId } = caller;
  const principal = { kind: "FederatedUser", name: input.Name } as const;
  const { tags } = sessionTags({ tags: input.Tags }, undefined);
  const resource = callerArn({ partition, accountId, principal });
  await context.authorize({ action: "sts:GetFederationToken", resource, tags });
  if (tags.length > 0) await context.authorize({ action: "sts:TagSession", resource, tags });
  const options = {
    kind: "GetFederationToken",
    madeBy,
    partition,
    accountId,
    principal,
    durationSeconds: ownerSessionSeconds(caller, input.DurationSeconds),
    ...sessionPolicies(context, input),
    ...(tags.length > 0 && { tags }),
  } as const;
  const output = issueCredentials(context, input, options);
  const federated = { partition, accountId, principal };
  return {
    ...output,
    FederatedUser: { FederatedUserId: callerUserId(federated), Arn: callerArn(federated) },
    ...packedPolicySize(output, options),
  };
};
