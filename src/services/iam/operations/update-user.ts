import type { IamAccessKey } from "../../../state/identities/model.ts";
import { deleteIdentity, putIdentity, readAllIdentities, readIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { requireHolder, requireModifiable } from "../entities.ts";
import { IamError } from "../errors.ts";

/** Renames a user or moves it; its id and its keys stay its own. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html */
export const updateUser: IamHandler<"UpdateUser"> = async (
  { world, caller: { accountId } },
  { UserName, NewUserName, NewPath },
) => {
  await world.transact(async (tx) => {
    const held = await requireHolder(tx, { accountId, kind: "user", name: UserName });
    requireModifiable(held, `the user ${UserName}`);
    const user = held.identity;
    const renamed = { ...user, name: NewUserName ?? user.name, path: NewPath ?? user.path };
    // Another case of the same letters is the same name.
    if (renamed.name.toLowerCase() !== user.name.toLowerCase()) {
      if ((await readIdentity(tx, { accountId, kind: "user", name: renamed.name })) !== undefined) {
        throw new IamError("EntityAlreadyExists", `User with name ${renamed.name} already exists.`);
      }
      await deleteIdentity(tx, user, "account");
    }
    await putIdentity(tx, renamed, "account");
    if (renamed.name === user.name) return;
    for (const { home, identity: key } of await readAllIdentities(tx, { accountId, kind: "accessKey" })) {
      if (home !== "account" || key.userName !== user.name) continue;
      const moved: IamAccessKey = { ...key, userName: renamed.name };
      await putIdentity(tx, moved, "account");
    }
  });
  return {};
};
