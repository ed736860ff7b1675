import type { IamHandler } from "../context.ts";
import { changeVersions } from "../managed-policies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html */
export const setDefaultPolicyVersion: IamHandler<"SetDefaultPolicyVersion"> = async (
  context,
  { PolicyArn, VersionId },
) => {
  await changeVersions(context, { arn: PolicyArn, versionId: VersionId }, (policy) => ({
    ...policy,
    defaultVersionId: VersionId,
    updatedAtMs: context.nowMs,
  }));
  return {};
};
