import { identityArn, type ManagedPolicy } from "../../../state/identities/model.ts";
import { putIdentity, readIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { readTags, requireRoom, showTags } from "../entities.ts";
import { IamError } from "../errors.ts";
import { POLICIES_MAX } from "../limits.ts";
import { checkManagedDocument } from "../managed-policies.ts";
import { showListedPolicy } from "../shown.ts";

/** Makes a managed policy with its first version. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
export const createPolicy: IamHandler<"CreatePolicy"> = async (
  context,
  { PolicyName, PolicyDocument, Path = "/", Description, Tags },
) => {
  const { world, caller, newId, nowMs } = context;
  const { accountId, partition } = caller;
  checkManagedDocument(context, PolicyDocument);
  const policy: ManagedPolicy = {
    kind: "policy",
    accountId,
    name: PolicyName,
    path: Path,
    id: newId("ANPA"),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    tags: readTags(Tags, { cases: "differ" }),
    ...(Description === undefined ? {} : { description: Description }),
    defaultVersionId: "v1",
    lastVersion: 1,
    versions: [{ versionId: "v1", document: PolicyDocument, createdAtMs: nowMs }],
  };
  await world.transact(async (tx) => {
    if ((await readIdentity(tx, { accountId, kind: "policy", name: PolicyName })) !== undefined) {
      throw new IamError(
        "EntityAlreadyExists",
        `A policy called ${PolicyName} already exists. Duplicate names are not allowed.`,
      );
    }
    await requireRoom(tx, { accountId, kind: "policy", quota: "PoliciesPerAccount", countMax: POLICIES_MAX });
    await putIdentity(tx, policy, "account");
  });
  const shown = showListedPolicy(policy, { arn: identityArn(policy, partition), users: { users: [], roles: [] } });
  return { Policy: policy.tags.length === 0 ? shown : { ...shown, Tags: showTags(policy.tags) } };
};
