import type { RoleIdentity } from "../../../state/identities/model.ts";
import { putIdentity, readIdentity } from "../../../state/identities/store.ts";
import { requireBoundary } from "../boundaries.ts";
import type { IamHandler } from "../context.ts";
import { readTags, requireRoom } from "../entities.ts";
import { IamError } from "../errors.ts";
import { MAX_SESSION_DURATION_SECONDS, ROLES_MAX } from "../limits.ts";
import { showNewRole } from "../shown.ts";
import { checkTrustPolicy } from "../trust.ts";

/** Makes a role. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const createRole: IamHandler<"CreateRole"> = async (context, input) => {
  const { world, caller, newId, nowMs } = context;
  const { accountId, partition } = caller;
  const {
    RoleName,
    Path = "/",
    AssumeRolePolicyDocument,
    Description,
    MaxSessionDuration,
    PermissionsBoundary,
  } = input;
  checkTrustPolicy(context, AssumeRolePolicyDocument);
  const role: RoleIdentity = {
    kind: "role",
    accountId,
    name: RoleName,
    path: Path,
    id: newId("AROA"),
    createdAtMs: nowMs,
    tags: readTags(input.Tags),
    inlinePolicies: [],
    attachedPolicyArns: [],
    trustPolicy: AssumeRolePolicyDocument,
    maxSessionDurationSeconds: MaxSessionDuration ?? MAX_SESSION_DURATION_SECONDS,
    ...(Description === undefined ? {} : { description: Description }),
    ...(PermissionsBoundary === undefined ? {} : { permissionsBoundary: PermissionsBoundary }),
  };
  await world.transact(async (tx) => {
    if ((await readIdentity(tx, { accountId, kind: "role", name: RoleName })) !== undefined) {
      throw new IamError("EntityAlreadyExists", `Role with name ${RoleName} already exists.`);
    }
    if (PermissionsBoundary !== undefined) await requireBoundary(tx, { accountId, arn: PermissionsBoundary });
    await requireRoom(tx, { accountId, kind: "role", quota: "RolesPerAccount", countMax: ROLES_MAX });
    await putIdentity(tx, role, "account");
  });
  return { Role: showNewRole(role, partition) };
};
