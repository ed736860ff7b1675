/** The worlds of a store: loaded when it is opened, made, forked. */
import { catalog } from "./keys.ts";
import type { WorldSettings } from "./model.ts";
import { SnapshotNotFoundError, WorldExistsError } from "./errors.ts";
import { decodeWorld, encodeHead, encodeWorld, type WorldRecord } from "./records.ts";
import { getSnapshotHeads, readHeads, sealHead } from "./snapshots.ts";
import type { Tx } from "./view.ts";
import { World, type WorldHost } from "./world.ts";

/** The world that always exists. */
export const DEFAULT_WORLD = "default";
/** The most worlds of one store. */
const WORLDS_MAX = 10_000;
/** The most registered access keys that a fork copies. */
const COPIED_KEYS_MAX = 10_000;

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

/** Makes an empty world. Throws `WorldExistsError`. */
export const createWorld = async (
  table: WorldTable,
  options: { name: string; host: WorldHost; settings: WorldSettings; seed: string },
): Promise<World> => {
  const { name, host, settings, seed } = options;
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
 * hold. Settings, registered keys and the id stream's position are copied. Throws `WorldExistsError`, `SnapshotNotFoundError`.
 */
export const forkWorld = async (
  table: WorldTable,
  { name, from, fromSnapshot }: { name: string; from: World; fromSnapshot?: string },
): Promise<World> => {
  const record: WorldRecord = from.record;
  const livePosition = from.ids.position;
  await from.transact(async (tx) => {
    if ((await tx.reader.get(catalog.world(name))) !== undefined) throw new WorldExistsError(name);
    const layers = fromSnapshot === undefined ? await sealAll(tx) : await layersOfSnapshot(tx, fromSnapshot);
    for (const [accountId, layerId] of layers.heads) {
      if (layerId === "") continue;
      tx.tx.put(catalog.head(name, accountId), encodeHead({ layerId, epoch: 0, sealed: true }));
    }
    const position =
      layers.idPosition ?? livePosition ?? Number((await tx.reader.get(catalog.idPosition(from.name))) ?? 0);
    tx.tx.put(catalog.idPosition(name), String(position));
    const keys = catalog.accessKeys(from.name);
    for (const [key, text] of await tx.reader.scan(keys, { limit: COPIED_KEYS_MAX })) {
      tx.tx.put(catalog.accessKey(name, key.slice(keys.start.length)), text);
    }
    tx.tx.put(catalog.world(name), encodeWorld(record));
  });
  const world = new World({ name, host: from.host, record });
  table.set(name, world);
  return world;
};

type ForkedLayers = { readonly heads: ReadonlyMap<string, string>; readonly idPosition?: number };

const sealAll = async (tx: Tx): Promise<ForkedLayers> => {
  const heads = await readHeads(tx);
  for (const [accountId, head] of heads) sealHead(tx, accountId, head);
  return { heads: new Map([...heads].map(([accountId, head]) => [accountId, head.layerId])) };
};

const layersOfSnapshot = async (tx: Tx, name: string): Promise<ForkedLayers> => {
  const found = await getSnapshotHeads(tx, name);
  if (found === undefined) throw new SnapshotNotFoundError(name);
  return { heads: found.heads, idPosition: found.record.idPosition };
};
