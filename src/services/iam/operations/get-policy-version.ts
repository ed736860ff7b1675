import type { IamHandler } from "../context.ts";
import { findPolicy, noSuchVersion, requirePolicyArn } from "../managed-policies.ts";
import { encodeDocument, showVersion } from "../shown.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html */
export const getPolicyVersion: IamHandler<"GetPolicyVersion"> = async (
  { world, caller: { accountId } },
  { PolicyArn, VersionId },
) => {
  requirePolicyArn(PolicyArn, "InvalidInput");
  const policy = (await world.read((view) => findPolicy(view, { accountId, arn: PolicyArn })))?.identity;
  const version = policy?.versions.find(({ versionId }) => versionId === VersionId);
  if (policy === undefined || version === undefined) throw noSuchVersion(PolicyArn, VersionId);
  return { PolicyVersion: { Document: encodeDocument(version.document), ...showVersion(version, policy) } };
};
