/** The worlds of a store: loaded when it is opened, made, forked. */
import { catalog } from "./keys.ts";
import type { WorldSettings } from "./model.ts";
import { SnapshotNotFoundError, WorldExistsError, TooManyError } from "./errors.ts";
import { decodeWorld, encodeWorld, type WorldRecord } from "./records.ts";
import { enterAllNames, getSnapshotHeads, NO_LAYER, readHeads, readIdPosition, sealHead } from "./snapshots.ts";
import { newAftermath, Tx } from "./view.ts";
import { World, type WorldHost } from "./world.ts";
import { WorldCache } from "./world-cache.ts";

/** The world that always exists. */
export const DEFAULT_WORLD = "default";
/** The most worlds of one store. */
const WORLDS_MAX = 10_000;
/** The most registered access keys that a fork copies. */
const COPIED_KEYS_MAX = 100_000;

type WorldTable = Map<string, World>;

export const loadWorlds = async (host: WorldHost): Promise<WorldTable> => {
  const records = await host.engine.read((view) => view.scan(catalog.worlds, { limit: WORLDS_MAX }));
  const table: WorldTable = new Map();
  for (const [key, text] of records) {
    const name = key.slice(catalog.worlds.start.length);
    table.set(name, new World({ name, host, record: decodeWorld(text) }));
  }
  return table;
};

const assertRoom = (table: WorldTable): void => {
  if (table.size >= WORLDS_MAX) throw new TooManyError({ what: "worlds", countMax: WORLDS_MAX - 1 });
};

/** Makes an empty world. Throws `WorldExistsError`, `TooManyError`. */
export const createWorld = async (
  table: WorldTable,
  options: { name: string; host: WorldHost; settings: WorldSettings; seed: string },
): Promise<World> => {
  const { name, host, settings, seed } = options;
  assertRoom(table);
  const record: WorldRecord = { settings, initialSettings: settings, seed };
  await host.engine.transact(async (tx) => {
    if ((await tx.get(catalog.world(name))) !== undefined) throw new WorldExistsError(name);
    tx.put(catalog.world(name), encodeWorld(record));
  });
  const world = new World({ name, host, record });
  table.set(name, world);
  return world;
};

/**
 * Makes a world whose heads point at the same sealed layers as `from`'s, or as a snapshot of it: O(accounts), whatever they
 * hold. Settings, registered keys and the id stream's position are copied. Throws `WorldExistsError`, `SnapshotNotFoundError`,
 * `TooManyError`.
 */
export const forkWorld = async (
  table: WorldTable,
  { name, from, fromSnapshot }: { name: string; from: World; fromSnapshot?: string },
): Promise<World> => {
  assertRoom(table);
  const record: WorldRecord = from.record;
  await from.transact(async (tx) => {
    if ((await tx.reader.get(catalog.world(name))) !== undefined) throw new WorldExistsError(name);
    const { heads, whole, idPosition } =
      fromSnapshot === undefined ? await sealAll(tx, from) : await layersOfSnapshot(tx, fromSnapshot);
    const fork = inWorld(tx, name);
    for (const [accountId, layerId] of heads) {
      if (layerId !== NO_LAYER) fork.setHead(accountId, { layerId, epoch: 0, sealed: true });
    }
    if (!whole) await enterAllNames(fork, heads);
    tx.tx.put(catalog.idPosition(name), String(idPosition));
    await copyAccessKeys(tx, { from: from.name, to: name });
    tx.tx.put(catalog.world(name), encodeWorld(record));
  });
  const world = new World({ name, host: from.host, record });
  table.set(name, world);
  return world;
};

/** What a fork begins with. */
type Origin = {
  /** The layer that each account stands on, and where the fork has the `whole` world the namespace too. */
  readonly heads: ReadonlyMap<string, string>;
  readonly whole: boolean;
  readonly idPosition: number;
};

const sealAll = async (tx: Tx, from: World): Promise<Origin> => {
  const heads = await readHeads(tx);
  for (const [accountId, head] of heads) sealHead(tx, accountId, head);
  const layers = new Map([...heads].map(([accountId, head]) => [accountId, head.layerId]));
  return { heads: layers, whole: true, idPosition: await readIdPosition(tx, from) };
};

const layersOfSnapshot = async (tx: Tx, name: string): Promise<Origin> => {
  const found = await getSnapshotHeads(tx, name);
  if (found === undefined) throw new SnapshotNotFoundError(name);
  const { whole, idPosition } = found.record;
  return { heads: found.heads, whole, idPosition };
};

/** The same transaction, on a world that nobody has read from yet. */
const inWorld = (tx: Tx, worldName: string): Tx => {
  const scope = { ...tx.scope, worldName, cache: new WorldCache() };
  return new Tx(tx.tx, { scope, aftermath: newAftermath(), newId: tx.newId });
};

const copyAccessKeys = async (tx: Tx, { from, to }: { from: string; to: string }): Promise<void> => {
  const keys = catalog.accessKeys(from);
  const entries = await tx.reader.scan(keys, { limit: COPIED_KEYS_MAX + 1 });
  if (entries.length > COPIED_KEYS_MAX) {
    throw new TooManyError({ what: "access keys in one world", countMax: COPIED_KEYS_MAX });
  }
  for (const [key, text] of entries) tx.tx.put(catalog.accessKey(to, key.slice(keys.start.length)), text);
};
