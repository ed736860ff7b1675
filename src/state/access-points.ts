/**
 * Access points: further names of buckets, each of an account and a region, with a policy and a public access block of its own.
 * Records in the account's stack; policies and tags, which may be long, stand in keys of their own.
 */
import { hash } from "node:crypto";
import { layered } from "./keys.ts";
import type { Bucket, Partition } from "./model.ts";
import { RECORD_FORMAT } from "./records.ts";
import { deleteLayered, getLayered, putLayered, scanLayered, type LayeredEntry } from "./stack.ts";
import type { Tx, View } from "./view.ts";

/** What an access point is found by. */
export type AccessPointId = {
  readonly accountId: string;
  /** Lower-case letters, digits and hyphens. */
  readonly region: string;
  readonly name: string;
};

export type AccessPoint = AccessPointId & {
  readonly partition: Partition;
  readonly bucketName: string;
  /** Whose the bucket was when the access point was made. */
  readonly bucketAccountId: string;
  /** Absent: reached from the internet. */
  readonly vpcId?: string;
  /** The four settings, by AWS's names. */
  readonly publicAccessBlock: {
    readonly BlockPublicAcls: boolean;
    readonly IgnorePublicAcls: boolean;
    readonly BlockPublicPolicy: boolean;
    readonly RestrictPublicBuckets: boolean;
  };
  readonly createdAtMs: number;
};

export const ACCESS_POINT_DOCUMENTS = ["policy", "tags"] as const;
export type AccessPointDocument = (typeof ACCESS_POINT_DOCUMENTS)[number];

const BASE_32 = "abcdefghijklmnopqrstuvwxyz234567";
const BITS = 5n;
const MASK = 31n;
/** An account's number has less than 40 bits. */
const ACCOUNT_CHARS = 8;
const HASH_CHARS = 26;
/** Of a long name, the characters that its alias begins with: with the rest it is a label of a host name. */
const NAME_CHARS = 20;
const ALIAS = /^[a-z0-9-]+-([a-z2-7]{8})[a-z2-7]{26}-s3alias$/;
const ACCOUNTS_END = 10n ** 12n;
const ACCOUNT_DIGITS = 12;

const base32 = (number: bigint, chars: number): string => {
  let text = "";
  for (let at = chars - 1; at >= 0; at -= 1) text += BASE_32[Number((number >> (BigInt(at) * BITS)) & MASK)];
  return text;
};

/**
 * The bucket-style name of an access point: it names the account, so that no index over all accounts is needed, and follows from
 * what the access point is found by. 46 to 63 characters.
 */
export const accessPointAlias = ({ accountId, region, name }: AccessPointId): string => {
  const digest = BigInt(`0x${hash("sha256", `access-point/${accountId}/${region}/${name}`, "hex")}`);
  const metadata = base32(BigInt(accountId), ACCOUNT_CHARS) + base32(digest, HASH_CHARS);
  return `${name.slice(0, NAME_CHARS)}-${metadata}-s3alias`;
};

/** The account in an alias; undefined for a text that is none. */
const accountOfAlias = (alias: string): string | undefined => {
  const chars = ALIAS.exec(alias)?.[1];
  if (chars === undefined) return undefined;
  let number = 0n;
  for (const char of chars) number = (number << BITS) | BigInt(BASE_32.indexOf(char));
  return number < ACCOUNTS_END ? String(number).padStart(ACCOUNT_DIGITS, "0") : undefined;
};

/** True for a text that can be an alias. */
export const isAccessPointAlias = (text: string): boolean => accountOfAlias(text) !== undefined;

type Stored = Omit<AccessPoint, keyof AccessPointId>;

const encode = ({ accountId: _accountId, region: _region, name: _name, ...stored }: AccessPoint): string =>
  JSON.stringify([RECORD_FORMAT, stored]);

/** Reads the record that stands under `subkey`. Throws where it cannot be read. */
export const decodeAccessPoint = (subkey: string, { text, accountId }: { text: string; accountId: string }) => {
  const [format, stored] = JSON.parse(text) as readonly [format: number, stored: Stored];
  if (format !== RECORD_FORMAT) throw new Error(`record of unknown format ${String(format)}`);
  const { region, name } = layered.accessPointPlace(subkey);
  return { accountId, region, name, ...stored } satisfies AccessPoint as AccessPoint;
};

/** The records of an access point but for its documents: itself, and where its alias leads. */
export const accessPointRecords = (point: AccessPoint): LayeredEntry[] => {
  const at = layered.accessPoint(point.region, point.name);
  return [
    [at, encode(point)],
    [layered.accessPointAlias(accessPointAlias(point)), at],
  ];
};

export const readAccessPoint = async (view: View, id: AccessPointId): Promise<AccessPoint | undefined> => {
  const at = layered.accessPoint(id.region, id.name);
  const text = await getLayered(view.reader, await view.stack(id.accountId), at);
  return text === undefined ? undefined : decodeAccessPoint(at, { text, accountId: id.accountId });
};

/** The access point of an alias, whichever account's and region's it is. */
export const readAccessPointOfAlias = async (view: View, alias: string): Promise<AccessPoint | undefined> => {
  const accountId = accountOfAlias(alias);
  if (accountId === undefined) return undefined;
  const at = await getLayered(view.reader, await view.stack(accountId), layered.accessPointAlias(alias));
  return at === undefined ? undefined : readAccessPoint(view, { accountId, ...layered.accessPointPlace(at) });
};

/** Writes an access point, over what is there of its name. */
export const putAccessPoint = async (tx: Tx, point: AccessPoint): Promise<void> => {
  const stack = await tx.writableStack(point.accountId);
  for (const record of accessPointRecords(point)) putLayered(tx.tx, stack, record);
};

/** Deletes an access point and its documents. It need not be there. */
export const deleteAccessPoint = async (tx: Tx, id: AccessPointId): Promise<void> => {
  const stack = await tx.writableStack(id.accountId);
  deleteLayered(tx.tx, stack, layered.accessPoint(id.region, id.name));
  deleteLayered(tx.tx, stack, layered.accessPointAlias(accessPointAlias(id)));
  for (const kind of ACCESS_POINT_DOCUMENTS)
    deleteLayered(tx.tx, stack, layered.accessPointDocument(id.region, id.name, kind));
};

/** At most `limit` access points of an account in a region by name, after the one named `after`. */
export const listAccessPoints = async (
  view: View,
  options: {
    readonly accountId: string;
    readonly region: string;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<AccessPoint[]> => {
  const { accountId, region, after, limit } = options;
  const whole = layered.accessPoints(region);
  const range = after === undefined ? whole : { ...whole, start: `${layered.accessPoint(region, after)}\0` };
  const found = await scanLayered(view.reader, await view.stack(accountId), { range, limit });
  return found.map(([subkey, text]) => decodeAccessPoint(subkey, { text, accountId }));
};

/** Access points that one scan reads. */
const PAGE_ENTRIES = 1_000;

/** All access points of an account, by region and name. */
export async function* allAccessPoints(view: View, accountId: string): AsyncGenerator<AccessPoint> {
  const stack = await view.stack(accountId);
  let { start } = layered.allAccessPoints;
  for (;;) {
    const range = { ...layered.allAccessPoints, start };
    const page = await scanLayered(view.reader, stack, { range, limit: PAGE_ENTRIES });
    for (const [subkey, text] of page) yield decodeAccessPoint(subkey, { text, accountId });
    if (page.length < PAGE_ENTRIES) return;
    start = `${page.at(-1)?.[0]}\0`;
  }
}

/** Whether the bucket's own account has an access point for it. */
export const hasAccessPoints = async (view: View, { accountId, partition, name }: Bucket): Promise<boolean> => {
  for await (const point of allAccessPoints(view, accountId))
    if (point.bucketName === name && point.partition === partition && point.bucketAccountId === accountId) return true;
  return false;
};

/** The text of a document of an access point; undefined where it has none. */
export const readAccessPointDocument = async (
  view: View,
  id: AccessPointId,
  kind: AccessPointDocument,
): Promise<string | undefined> =>
  getLayered(view.reader, await view.stack(id.accountId), layered.accessPointDocument(id.region, id.name, kind));

/** Keeps a document of an access point that is there, or (undefined) that it has none. */
export const putAccessPointDocument = async (
  tx: Tx,
  id: AccessPointId,
  { kind, document }: { readonly kind: AccessPointDocument; readonly document: string | undefined },
): Promise<void> => {
  const stack = await tx.writableStack(id.accountId);
  const at = layered.accessPointDocument(id.region, id.name, kind);
  if (document === undefined) deleteLayered(tx.tx, stack, at);
  else putLayered(tx.tx, stack, [at, document]);
};

/** Whether an account has anything that S3 Control keeps. */
export const holdsControlRecords = async (view: View, accountId: string): Promise<boolean> =>
  (await scanLayered(view.reader, await view.stack(accountId), { range: layered.control, limit: 1 })).length > 0;
