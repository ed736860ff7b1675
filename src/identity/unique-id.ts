/** The unique ids of roles, users and managed policies, which policies and `AssumedRoleId` show. */
import { hash } from "node:crypto";

import { FREE_BITS_END, encodeAccessKeyId } from "./access-key-id.ts";

/**
 * AWS's unique ids have one character more than its access key ids. Ours tells by it whether somebody made what has the id: see
 * `wasMade`.
 */
const LAST_CHARACTERS = { named: "ABCDEFGHIJKLMNOP", made: "QRSTUVWXYZ234567" } as const;

const LAST_BYTE = 6;

type IdPrefix = "AROA" | "AIDA" | "ANPA";

/**
 * The unique id of a role (`AROA`) or user (`AIDA`) that nobody made: 21 characters, the same each time for the same account and
 * name. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export const uniqueId = (options: {
  readonly prefix: IdPrefix;
  readonly accountId: string;
  readonly name: string;
}): string => {
  const { prefix, accountId, name } = options;
  const digest = hash("sha256", `standin/unique-id/${prefix}/${accountId}/${name}`, "buffer");
  return write({
    prefix,
    accountId,
    freeBits: digest.readUIntBE(0, 6),
    last: digest.readUInt8(LAST_BYTE),
    by: "named",
  });
};

/** The unique id of one that is made now. `bytes`: six of chance. One that is made anew under the same name has another. */
export const drawnUniqueId = (options: {
  readonly prefix: IdPrefix;
  readonly accountId: string;
  readonly bytes: Buffer;
}): string => {
  const { prefix, accountId, bytes } = options;
  return write({ prefix, accountId, freeBits: bytes.readUIntBE(0, 5), last: bytes.readUInt8(5), by: "made" });
};

const write = (options: {
  prefix: IdPrefix;
  accountId: string;
  freeBits: number;
  last: number;
  by: keyof typeof LAST_CHARACTERS;
}): string => {
  const { prefix, accountId, freeBits, last, by } = options;
  const id = encodeAccessKeyId({ prefix, accountId, freeBits: freeBits % FREE_BITS_END });
  const characters = LAST_CHARACTERS[by];
  return `${id}${characters.charAt(last % characters.length)}`;
};
