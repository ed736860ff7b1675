/** The unique ids of roles and users, which policies and `AssumedRoleId` show. */
import { hash } from "node:crypto";

import { FREE_BITS_END, encodeAccessKeyId } from "./access-key-id.ts";

/** AWS's unique ids have one character more than its access key ids. */
const LAST_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * The unique id of a role (`AROA`) or user (`AIDA`): 21 characters, the same each time for the same account and name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export const uniqueId = (options: {
  readonly prefix: "AROA" | "AIDA";
  readonly accountId: string;
  readonly name: string;
}): string => {
  const digest = hash("sha256", `standin/unique-id/${options.prefix}/${options.accountId}/${options.name}`, "buffer");
  const freeBits = digest.readUIntBE(0, 6) % FREE_BITS_END;
  const last = LAST_CHARACTERS.charAt(digest.readUInt8(6) % 32);
  return `${encodeAccessKeyId({ prefix: options.prefix, accountId: options.accountId, freeBits })}${last}`;
};
