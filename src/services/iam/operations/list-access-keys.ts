import { allKeysOfUser } from "../access-keys.ts";
import { requireKeyOwner } from "../callers.ts";
import type { IamHandler } from "../context.ts";
import { pageOf } from "../paging.ts";

/** Keys without their secrets. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html */
export const listAccessKeys: IamHandler<"ListAccessKeys"> = async (context, { UserName, ...options }) => {
  const keys = await context.world.read(async (view) => {
    const owner = await requireKeyOwner(view, context, UserName);
    return allKeysOfUser(view, owner);
  });
  const { items, ...page } = pageOf(keys, options, ({ accessKeyId }) => accessKeyId);
  const shown = items.map(({ userName, accessKeyId, status, createdAtMs }) => ({
    ...(userName === undefined ? {} : { UserName: userName }),
    AccessKeyId: accessKeyId,
    Status: status,
    CreateDate: new Date(createdAtMs),
  }));
  return { AccessKeyMetadata: shown, ...page };
};
