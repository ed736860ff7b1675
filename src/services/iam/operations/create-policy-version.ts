import type { IamHandler } from "../context.ts";
import { IamError } from "../errors.ts";
import { POLICY_VERSIONS_MAX } from "../limits.ts";
import { changePolicy, checkManagedDocument } from "../managed-policies.ts";
import { showVersion } from "../shown.ts";

/** Adds a version to a policy. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html */
export const createPolicyVersion: IamHandler<"CreatePolicyVersion"> = async (
  context,
  { PolicyArn, PolicyDocument, SetAsDefault = false },
) => {
  const { nowMs } = context;
  checkManagedDocument(context, PolicyDocument);
  const shown = await changePolicy(context, PolicyArn, (before) => {
    if (before.versions.length >= POLICY_VERSIONS_MAX) {
      throw new IamError(
        "LimitExceeded",
        `A managed policy can have up to ${POLICY_VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    const lastVersion = before.lastVersion + 1;
    const version = { versionId: `v${lastVersion}`, document: PolicyDocument, createdAtMs: nowMs };
    const policy = {
      ...before,
      lastVersion,
      versions: [...before.versions, version],
      updatedAtMs: nowMs,
      defaultVersionId: SetAsDefault ? version.versionId : before.defaultVersionId,
    };
    return { policy, answer: showVersion(version, policy) };
  });
  return { PolicyVersion: shown };
};
