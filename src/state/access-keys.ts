/** Access keys that were registered on the control plane. They belong to the world and outlive a reset. */
import type { KeyRange } from "../engine/port.ts";
import { deleteRange } from "./delete-range.ts";
import { TooManyError } from "./errors.ts";
import { catalog } from "./keys.ts";
import type { AccessKey } from "./model.ts";
import { decodeAccessKey, encodeAccessKey } from "./records.ts";
import type { Tx, View } from "./view.ts";
import type { World } from "./world.ts";

/** Looked-up keys, and ids that are none, kept for each world. */
const CACHED_MAX = 10_000;

type Found = { readonly key: AccessKey | undefined };
const cacheOf = (world: World): Map<string, Found> => world.cache.accessKeys;

/** A registered key; at once where it, or that there is none, is in memory. */
export const findAccessKey = (
  world: World,
  accessKeyId: string,
): AccessKey | undefined | Promise<AccessKey | undefined> => {
  const known = cacheOf(world).get(accessKeyId);
  return known === undefined ? readAccessKey(world, accessKeyId) : known.key;
};

const readAccessKey = async (world: World, accessKeyId: string): Promise<AccessKey | undefined> => {
  const cache = cacheOf(world);
  const { generation } = world.cache;
  const key = await world.read((view) => readAccessKeyIn(view, accessKeyId));
  if (generation === world.cache.generation) {
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(accessKeyId, { key });
  }
  return key;
};

/** Registers a key; answers false when its id is taken. */
export const putAccessKey = async (world: World, key: AccessKey): Promise<boolean> => {
  const put = await world.transact(async (tx) => {
    const at = catalog.accessKey(world.name, key.accessKeyId);
    if ((await tx.reader.get(at)) !== undefined) return false;
    tx.tx.put(at, encodeAccessKey(key));
    return true;
  });
  world.cache.dropAccessKey(key.accessKeyId);
  return put;
};

/** Keys in order of their ids, after `after`, of one account or of all. */
export const listAccessKeys = async (
  world: World,
  options: { accountId?: string; after?: string; limit: number },
): Promise<AccessKey[]> =>
  world.read(async (view) => {
    const { accountId, after, limit } = options;
    const whole = catalog.accessKeys(world.name);
    let start = after === undefined ? whole.start : `${catalog.accessKey(world.name, after)}\0`;
    const found: AccessKey[] = [];
    while (found.length < limit) {
      const page = await view.reader.scan({ start, end: whole.end }, { limit });
      for (const [at, record] of page) {
        const key = decodeAccessKey(at.slice(whole.start.length), record);
        if ((accountId === undefined || key.accountId === accountId) && found.length < limit) found.push(key);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < limit) break;
      start = `${last[0]}\0`;
    }
    return found;
  });

/** Answers false when there is none. */
export const deleteAccessKey = async (world: World, accessKeyId: string): Promise<boolean> => {
  const deleted = await world.transact(async (tx) => {
    const at = catalog.accessKey(world.name, accessKeyId);
    if ((await tx.reader.get(at)) === undefined) return false;
    tx.tx.delete(at);
    return true;
  });
  world.cache.dropAccessKey(accessKeyId);
  return deleted;
};

/** Deletes all of a world's registered keys. Drop them from the cache after the commit. */
export const clearAccessKeys = (tx: Tx): Promise<void> => deleteRange(tx, catalog.accessKeys(tx.scope.worldName));

/** The most registered keys of a world that a fork or a snapshot copies. */
const COPIED_MAX = 100_000;

const readRecords = async ({ reader }: View, range: KeyRange): Promise<[accessKeyId: string, record: string][]> => {
  const entries = await reader.scan(range, { limit: COPIED_MAX + 1 });
  if (entries.length > COPIED_MAX) throw new TooManyError({ what: "access keys in one world", countMax: COPIED_MAX });
  return entries.map(([key, record]) => [key.slice(range.start.length), record]);
};

/** Copies registered keys as they are. Throws `TooManyError`. */
export const copyAccessKeys = async (
  tx: Tx,
  { from, to }: { from: KeyRange; to: (accessKeyId: string) => string },
): Promise<void> => {
  for (const [accessKeyId, record] of await readRecords(tx, from)) tx.tx.put(to(accessKeyId), record);
};

/** The key of that id, read anew. */
export const readAccessKeyIn = async (view: View, accessKeyId: string): Promise<AccessKey | undefined> => {
  const record = await view.reader.get(catalog.accessKey(view.scope.worldName, accessKeyId));
  return record === undefined ? undefined : decodeAccessKey(accessKeyId, record);
};

/** The keys of one account, by id. Throws `TooManyError` where the world has too many. */
export const listAccessKeysIn = async (view: View, accountId: string): Promise<AccessKey[]> =>
  (await readAccessKeys(view, catalog.accessKeys(view.scope.worldName))).filter((key) => key.accountId === accountId);

/** All keys of a range, by id. Throws `TooManyError`. */
export const readAccessKeys = async (view: View, range: KeyRange): Promise<AccessKey[]> =>
  (await readRecords(view, range)).map(([accessKeyId, record]) => decodeAccessKey(accessKeyId, record));
