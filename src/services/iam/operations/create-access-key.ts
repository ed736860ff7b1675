import type { IamAccessKey } from "../../../state/identities/model.ts";
import { putIdentity } from "../../../state/identities/store.ts";
import { keysOfUser } from "../access-keys.ts";
import { requireKeyOwner } from "../callers.ts";
import type { IamHandler } from "../context.ts";
import { quotaExceeded } from "../errors.ts";
import { ACCESS_KEYS_PER_USER_MAX } from "../limits.ts";

/** Makes a key of a user, or of root. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html */
export const createAccessKey: IamHandler<"CreateAccessKey"> = async (context, { UserName }) => {
  const { world, caller, nowMs, newAccessKey } = context;
  const { accountId } = caller;
  const made = newAccessKey();
  const key = await world.transact(async (tx) => {
    const { userName } = await requireKeyOwner(tx, context, UserName);
    if ((await keysOfUser(tx, { accountId, userName })).length >= ACCESS_KEYS_PER_USER_MAX) {
      throw quotaExceeded("AccessKeysPerUser", ACCESS_KEYS_PER_USER_MAX);
    }
    const key: IamAccessKey = {
      kind: "accessKey",
      accountId,
      ...made,
      ...(userName === undefined ? {} : { userName }),
      status: "Active",
      createdAtMs: nowMs,
    };
    await putIdentity(tx, key, "account");
    return key;
  });
  return {
    AccessKey: {
      UserName: key.userName ?? "",
      AccessKeyId: key.accessKeyId,
      Status: key.status,
      SecretAccessKey: key.secretAccessKey,
      CreateDate: new Date(nowMs),
    },
  };
};
