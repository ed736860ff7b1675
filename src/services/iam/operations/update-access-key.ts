import { putIdentity } from "../../../state/identities/store.ts";
import { requireKey } from "../access-keys.ts";
import { requireKeyOwner } from "../callers.ts";
import type { IamHandler } from "../context.ts";
import { IamError } from "../errors.ts";

/** Turns a key on or off. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html */
export const updateAccessKey: IamHandler<"UpdateAccessKey"> = async (context, { AccessKeyId, Status, UserName }) => {
  if (Status !== "Active" && Status !== "Inactive") {
    throw new IamError("ValidationError", "The status of an access key can be set to Active or Inactive.");
  }
  await context.world.transact(async (tx) => {
    const owner = await requireKeyOwner(tx, context, UserName);
    const key = await requireKey(tx, { ...owner, accessKeyId: AccessKeyId });
    await putIdentity(tx, { ...key, status: Status }, "account");
  });
  return {};
};
