/** Reads the fields of requests: each function answers a good value or throws INVALID_ARGUMENT that names the field. */
import { isAccountId } from "../protocol/caller.ts";
import { PARTITIONS, type Partition } from "../state/model.ts";
import { DEFAULT_WORLD, type State } from "../state/state.ts";
import type { World } from "../state/world.ts";
import { invalidField, notFound } from "./errors.ts";
import { ACCOUNT_IDS_MAX } from "./limits.ts";

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const NAME_RULE = "must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end";

/** The world that a request names; empty means `default`. NOT_FOUND if there is none. */
export const readWorld = (state: State, name: string): World => {
  return readWorldNamed(state, { name, field: "world" });
};

/** The world that a field names; empty means `default`. NOT_FOUND if there is none. */
export const readWorldNamed = (state: State, { name, field }: { name: string; field: string }): World => {
  if (name !== "" && !NAME.test(name)) throw invalidField(field, NAME_RULE);
  const known = name === "" ? DEFAULT_WORLD : name;
  const world = state.world(known);
  if (world === undefined) throw notFound({ type: "world", name: known });
  return world;
};

/** The name of a snapshot or of a new world. */
const readName = (name: string, field = "name"): string => {
  if (!NAME.test(name)) throw invalidField(field, NAME_RULE);
  return name;
};

export const readSnapshotName = readName;

/** Undefined where one is to be made up. */
export const readNewWorldName = (name: string): string | undefined => (name === "" ? undefined : readName(name));

export const readAccountId = (accountId: string, field = "accountId"): string => {
  if (!isAccountId(accountId)) throw invalidField(field, "must be twelve digits");
  return accountId;
};

export const readOptionalAccountId = (accountId: string): string | undefined =>
  accountId === "" ? undefined : readAccountId(accountId);

/** Accounts without repetition; undefined when none is named. */
export const readAccountIds = (accountIds: readonly string[]): string[] | undefined => {
  if (accountIds.length > ACCOUNT_IDS_MAX) throw invalidField("accountIds", `must be at most ${ACCOUNT_IDS_MAX}`);
  const read = accountIds.map((accountId, index) => readAccountId(accountId, `accountIds[${index}]`));
  return read.length === 0 ? undefined : [...new Set(read)];
};

/** Undefined when none is named. */
export const readPartition = (text: string): Partition | undefined => {
  if (text === "") return undefined;
  const partition = PARTITIONS.find((known) => known === text);
  if (partition === undefined) throw invalidField("partition", `must be one of ${PARTITIONS.join(", ")}`);
  return partition;
};

// Wider than what CreateBucket takes today: S3 has older buckets with such names.
const BUCKET = /^[A-Za-z0-9._-]{1,255}$/;

export const readBucketName = (name: string, field = "bucket"): string => {
  if (!BUCKET.test(name)) throw invalidField(field, "must be 1 to 255 letters, digits, dots, hyphens and underscores");
  return name;
};

/** An object key or the beginning of one; it may be empty. */
export const readKeyText = (text: string, field: "key" | "prefix"): string => {
  if (!text.isWellFormed()) throw invalidField(field, "must be well-formed Unicode");
  return text;
};

const USER_NAME = /^[\w+=,.@-]{1,64}$/;
const ACCESS_KEY_ID = /^\w{16,128}$/;
const SECRET = /^[\x21-\x7e]{1,128}$/;

/** Undefined when none is named: the key of the account's root. */
export const readUserName = (name: string): string | undefined => {
  if (name === "") return undefined;
  if (!USER_NAME.test(name)) throw invalidField("userName", "must be 1 to 64 letters, digits and +=,.@_-");
  return name;
};

export const readAccessKeyId = (id: string): string => {
  if (!ACCESS_KEY_ID.test(id)) throw invalidField("accessKeyId", "must be 16 to 128 letters, digits and underscores");
  return id;
};

export const readSecretAccessKey = (secret: string): string => {
  if (!SECRET.test(secret)) throw invalidField("secretAccessKey", "must be 1 to 128 visible ASCII characters");
  return secret;
};
