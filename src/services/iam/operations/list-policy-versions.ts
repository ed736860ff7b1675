import type { IamHandler } from "../context.ts";
import { requirePolicy } from "../managed-policies.ts";
import { pageOf } from "../paging.ts";
import { showVersion } from "../shown.ts";

/** Newest first. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html */
export const listPolicyVersions: IamHandler<"ListPolicyVersions"> = async (
  { world, caller: { accountId } },
  { PolicyArn, ...options },
) => {
  const { identity } = await world.read((view) => requirePolicy(view, { accountId, arn: PolicyArn }));
  const { items, ...page } = pageOf(identity.versions.toReversed(), options, ({ versionId }) => versionId);
  return { Versions: items.map((version) => showVersion(version, identity)), ...page };
};
