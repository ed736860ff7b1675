import { deleteIdentity } from "../../../state/identities/store.ts";
import { requireKey } from "../access-keys.ts";
import { requireKeyOwner } from "../callers.ts";
import type { IamHandler } from "../context.ts";

/** Deletes a key. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html */
export const deleteAccessKey: IamHandler<"DeleteAccessKey"> = async (context, { AccessKeyId, UserName }) => {
  const { world, caller } = context;
  const { accountId } = caller;
  await world.transact(async (tx) => {
    const owner = await requireKeyOwner(tx, context, UserName);
    await requireKey(tx, { ...owner, accessKeyId: AccessKeyId });
    await deleteIdentity(tx, { accountId, kind: "accessKey", name: AccessKeyId }, "account");
  });
  return {};
};
