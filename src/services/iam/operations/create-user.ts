import type { UserIdentity } from "../../../state/identities/model.ts";
import { putIdentity, readIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { readTags, requireRoom } from "../entities.ts";
import { IamError } from "../errors.ts";
import { USERS_MAX } from "../limits.ts";
import { requireBoundary } from "../boundaries.ts";
import { showUser } from "../shown.ts";

/** Makes a user. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
export const createUser: IamHandler<"CreateUser"> = async (
  { world, caller: { accountId, partition }, newId, nowMs },
  { UserName, Path = "/", PermissionsBoundary, Tags },
) => {
  const user: UserIdentity = {
    kind: "user",
    accountId,
    name: UserName,
    path: Path,
    id: newId("AIDA"),
    createdAtMs: nowMs,
    tags: readTags(Tags),
    inlinePolicies: [],
    attachedPolicyArns: [],
    ...(PermissionsBoundary === undefined ? {} : { permissionsBoundary: PermissionsBoundary }),
  };
  await world.transact(async (tx) => {
    if ((await readIdentity(tx, { accountId, kind: "user", name: UserName })) !== undefined) {
      throw new IamError("EntityAlreadyExists", `User with name ${UserName} already exists.`);
    }
    if (PermissionsBoundary !== undefined) await requireBoundary(tx, { accountId, arn: PermissionsBoundary });
    await requireRoom(tx, { accountId, kind: "user", quota: "UsersPerAccount", countMax: USERS_MAX });
    await putIdentity(tx, user, "account");
  });
  return { User: showUser(user, partition) };
};
