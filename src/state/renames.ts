/** Renaming an object: its references move to another key, no byte is written. */
import { hash } from "node:crypto";
import { layered } from "./keys.ts";
import type { Bucket, ObjectVersion } from "./model.ts";
import { deleteObject, putObject, readManifest } from "./objects.ts";
import { RECORD_FORMAT } from "./records.ts";
import { getLayered, putLayered } from "./stack.ts";
import type { Tx } from "./view.ts";

/**
 * Moves the current object of an unversioned bucket to the key `to`, where it takes the place of whatever is there. `bucket` is as
 * `requireBucket` gave it, `object` was found in this transaction. All that is kept of the object goes with it.
 */
export const renameObject = async (
  tx: Tx,
  bucket: Bucket,
  { object, to }: { readonly object: ObjectVersion; readonly to: string },
): Promise<void> => {
  if (bucket.versioning !== "Unversioned") throw new Error("only an unversioned bucket's objects can be renamed");
  if (object.key === to) return;
  const copied = await readManifest(tx, bucket, object);
  // First the new references, then the old ones go: the bytes must not die in between.
  await putObject(tx, bucket, {
    ...object,
    key: to,
    annotationsOf: { bucket, object },
    content: { copied, multipart: object.partCount > 0 },
  });
  const { key, versionId, lastModifiedMs, ownerAccountId } = object;
  await deleteObject(tx, bucket, { key, marker: { versionId, lastModifiedMs, ownerAccountId } });
};

/** A bucket remembers the tokens of its last renames, in so many records ... */
const TOKEN_RECORDS = 256;
/** ... of so many each. */
const RECORD_TOKENS_MAX = 8;

/** A rename that was done: its client's token, and a digest of what was asked. */
type DoneRename = readonly [token: string, request: string];
type TokenRecord = readonly [format: number, newestFirst: readonly DoneRename[]];

const tokenKey = (bucket: Bucket, token: string): string =>
  layered.renameTokens(bucket.id, Number.parseInt(hash("sha256", token).slice(0, 8), 16) % TOKEN_RECORDS);

const readTokens = async (tx: Tx, bucket: Bucket, subkey: string): Promise<readonly DoneRename[]> => {
  const record = await getLayered(tx.reader, await tx.writableStack(bucket.accountId), subkey);
  return record === undefined ? [] : (JSON.parse(record) as TokenRecord)[1];
};

/** What was asked, as a digest, by the rename that was done under a client's token; undefined where none was, or long ago. */
export const findRename = async (tx: Tx, bucket: Bucket, token: string): Promise<string | undefined> => {
  const done = await readTokens(tx, bucket, tokenKey(bucket, token));
  return done.find(([other]) => other === token)?.[1];
};

/** Remembers a rename by its client's token; at most 2,048 of a bucket, the oldest go first. */
export const rememberRename = async (
  tx: Tx,
  bucket: Bucket,
  { token, request }: { readonly token: string; readonly request: string },
): Promise<void> => {
  const subkey = tokenKey(bucket, token);
  const done = await readTokens(tx, bucket, subkey);
  const record: TokenRecord = [RECORD_FORMAT, [[token, request] as const, ...done].slice(0, RECORD_TOKENS_MAX)];
  putLayered(tx.tx, await tx.writableStack(bucket.accountId), [subkey, JSON.stringify(record)]);
};
