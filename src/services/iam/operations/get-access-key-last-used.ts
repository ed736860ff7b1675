import { callerArn } from "../../../protocol/caller.ts";
import { readAccessKeyIn } from "../../../state/access-keys.ts";
import { readIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { IamError } from "../errors.ts";

/** AWS's word for what is not known. */
const UNKNOWN = "N/A";

/** When a key was last used. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html */
export const getAccessKeyLastUsed: IamHandler<"GetAccessKeyLastUsed"> = async (
  { world, caller, lastUse },
  { AccessKeyId },
) => {
  const { accountId } = caller;
  const key = await world.read(async (view) => {
    const held = await readIdentity(view, { accountId, kind: "accessKey", name: AccessKeyId });
    if (held !== undefined) return held.identity;
    const registered = await readAccessKeyIn(view, AccessKeyId);
    return registered?.accountId === accountId ? registered : undefined;
  });
  if (key === undefined) {
    // AWS tells nobody whether a key of another account is there.
    throw new IamError(
      "AccessDenied",
      `User: ${callerArn(caller)} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
    );
  }
  const use = lastUse(AccessKeyId);
  return {
    ...(key.userName === undefined ? {} : { UserName: key.userName }),
    AccessKeyLastUsed: {
      ...(use === undefined ? {} : { LastUsedDate: new Date(use.atMs) }),
      ServiceName: use?.service ?? UNKNOWN,
      Region: use?.region ?? UNKNOWN,
    },
  };
};
