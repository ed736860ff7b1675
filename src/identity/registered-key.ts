/** Looking registered access keys up: those of the control plane, then those that clients made through IAM. */
import { findAccessKey } from "../state/access-keys.ts";
import { findHeld, findUser, whenFound, type MaybeSoon } from "../state/identities/find.ts";
import type { World } from "../state/world.ts";
import { decodeAccessKeyId, hasOwnLayout } from "./access-key-id.ts";
import type { RegisteredKey } from "./known-key.ts";

type FoundKey = {
  readonly secretAccessKey: string;
  readonly accountId: string;
  readonly userName?: string;
  readonly status?: "Active" | "Inactive";
};

/** Adds what the register knows of the key's user. */
const withUser = (world: World, key: FoundKey): MaybeSoon<RegisteredKey> => {
  const { secretAccessKey, accountId, userName, status } = key;
  const isInactive = status === "Inactive";
  if (userName === undefined) return { secretAccessKey, accountId, isInactive };
  return whenFound(findUser(world, { accountId, name: userName }), (user) => ({
    secretAccessKey,
    accountId,
    isInactive,
    userName,
    ...(user === undefined ? {} : { userId: user.id, userPath: user.path }),
  }));
};

/** An id that IAM made holds its account: the key stands there. */
const findIamKey = (world: World, accessKeyId: string): MaybeSoon<FoundKey | undefined> => {
  const accountId = hasOwnLayout(accessKeyId) ? decodeAccessKeyId(accessKeyId) : undefined;
  if (accountId === undefined) return undefined;
  return whenFound(findHeld(world, { accountId, kind: "accessKey", name: accessKeyId }), (held) => held?.identity);
};

/** A registered key of either kind, with its user as the register has it; at once where the answer is in memory. */
export const findRegisteredKey = (world: World, accessKeyId: string): MaybeSoon<RegisteredKey | undefined> =>
  whenFound(findAccessKey(world, accessKeyId), (registered) =>
    whenFound<FoundKey | undefined, RegisteredKey | undefined>(registered ?? findIamKey(world, accessKeyId), (key) =>
      key === undefined ? undefined : withUser(world, key),
    ),
  );
