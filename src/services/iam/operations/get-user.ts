import type { Caller } from "../../../protocol/caller.ts";
import { callerArn, callerUserId } from "../../../protocol/caller.ts";
import type { User } from "../../../protocol/generated/iam.ts";
import { readIdentity } from "../../../state/identities/store.ts";
import { namedOrOwnUser } from "../callers.ts";
import type { IamHandler } from "../context.ts";
import { requireHolder } from "../entities.ts";
import { showUser } from "../shown.ts";

/** Nobody made the account's root, nor a user that only a key of the control plane names: they are as old as IAM. */
const ALWAYS_THERE = new Date(Date.UTC(2010, 4, 8));

/** The caller, where no user stands for it. */
const showCaller = (caller: Caller): User => ({
  Path: "/",
  UserName: caller.principal.kind === "User" ? caller.principal.userName : "",
  UserId: callerUserId(caller),
  Arn: callerArn(caller),
  CreateDate: ALWAYS_THERE,
});

/** Without a name the user whose key signed the request. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html */
export const getUser: IamHandler<"GetUser"> = async (context, { UserName }) => {
  const { world, caller } = context;
  const { accountId, partition } = caller;
  const name = namedOrOwnUser(context, UserName);
  if (name === undefined) {
    // Root has no name and no path.
    const { UserId, Arn, CreateDate } = showCaller(caller);
    return { User: { UserId, Arn, CreateDate } as User };
  }
  return world.read(async (view) => {
    if (UserName === undefined && (await readIdentity(view, { accountId, kind: "user", name })) === undefined) {
      return { User: showCaller(caller) };
    }
    const { identity } = await requireHolder(view, { accountId, kind: "user", name });
    return { User: showUser(identity, partition) };
  });
};
