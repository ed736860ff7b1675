import type { IamHandler } from "../context.ts";
import { IamError } from "../errors.ts";
import { changeVersions } from "../managed-policies.ts";

/** Deletes a version, not the default one. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html */
export const deletePolicyVersion: IamHandler<"DeletePolicyVersion"> = async (context, { PolicyArn, VersionId }) => {
  await changeVersions(context, { arn: PolicyArn, versionId: VersionId }, (policy) => {
    if (policy.defaultVersionId === VersionId) {
      throw new IamError("DeleteConflict", "Cannot delete the default version of a policy.");
    }
    return {
      ...policy,
      versions: policy.versions.filter(({ versionId }) => versionId !== VersionId),
      updatedAtMs: context.nowMs,
    };
  });
  return {};
};
