/** The worlds of a store: loaded when it is opened, made, forked, deleted. */
import { isDeepStrictEqual } from "node:util";
import { CommitFailedError } from "../engine/errors.ts";
import type { KeyRange } from "../engine/port.ts";
import { copyAccessKeys } from "./access-keys.ts";
import { deleteRange } from "./delete-range.ts";
import { SnapshotNotFoundError, TooManyError, WorldExistsError } from "./errors.ts";
import { copyIdentities } from "./identities/world-register.ts";
import { catalog } from "./keys.ts";
import type { WorldLife, WorldSettings } from "./model.ts";
import { enterAllNames, sharesNames } from "./namespace.ts";
import { decodeWorld, encodeWorld, type WorldRecord } from "./records.ts";
import { getSnapshotHeads, readHeads, readIdPosition, sealHead } from "./snapshots.ts";
import { NAMESPACE, newAftermath, NO_LAYER, Tx } from "./view.ts";
import { mergeSettings, World, type SettingsChange, type WorldHost } from "./world.ts";
import { WorldCache } from "./world-cache.ts";

/** The world that always exists. */
export const DEFAULT_WORLD = "default";
/** The most worlds of one store; those that are made at once when it is nearly full may come to a few more. */
const WORLDS_MAX = 10_000;
const WORLDS_READ_MAX = 2 * WORLDS_MAX;

type WorldTable = Map<string, World>;

/** What whoever makes a world may say of it. */
export type NewWorld = {
  readonly name: string;
  /** Where it differs from what it begins with. */
  readonly settings?: SettingsChange;
  /** 64 hex digits: its id stream begins with it. Absent: one by chance, or what a fork goes on with. */
  readonly seed?: string;
  readonly life?: WorldLife;
};

const readWorlds = async ({ engine }: WorldHost): Promise<Map<string, WorldRecord>> => {
  const records = await engine.read((view) => view.scan(catalog.worlds, { limit: WORLDS_READ_MAX }));
  return new Map(records.map(([key, text]) => [key.slice(catalog.worlds.start.length), decodeWorld(text)]));
};

export const loadWorlds = async (host: WorldHost): Promise<WorldTable> => {
  const table: WorldTable = new Map();
  for (const [name, record] of await readWorlds(host)) table.set(name, new World({ name, host, record }));
  return table;
};

/**
 * Brings the table up to what is stored, once it is settled whether commits that failed took place: worlds were made, changed or
 * deleted by them. Call it while no transaction runs.
 */
export const renewWorlds = async (table: WorldTable, host: WorldHost): Promise<void> => {
  const records = await readWorlds(host);
  for (const [name, record] of records) {
    if (!table.has(name)) table.set(name, new World({ name, host, record }));
  }
  for (const [name, world] of table) {
    const record = records.get(name);
    world.renew(record);
    if (record === undefined) table.delete(name);
  }
};

/** Deletes the worlds that were to last as long as the last run. */
export const deleteEphemeral = async (table: WorldTable): Promise<void> => {
  const ephemeral = [...table.values()].filter(({ record }) => record.ephemeral === true);
  await Promise.all(ephemeral.map((world) => deleteWorld(table, world)));
};

const assertRoom = (table: WorldTable): void => {
  if (table.size >= WORLDS_MAX) throw new TooManyError({ what: "worlds", countMax: WORLDS_MAX - 1 });
};

const assertFree = async ({ reader }: Tx, name: string): Promise<void> => {
  if ((await reader.get(catalog.world(name))) !== undefined) throw new WorldExistsError(name);
};

/** A transaction on a world that nobody has read from yet, within `tx`. */
const inWorld = (tx: Tx, worldName: string): Tx => {
  const scope = { ...tx.scope, worldName, cache: new WorldCache() };
  return new Tx(tx.tx, { scope, aftermath: newAftermath(), newId: tx.newId });
};

/** The world of `record` where its commit failed and took place after all; throws `error` where it did not, or nobody knows yet. */
const madeAfterAll = (
  table: WorldTable,
  { name, record, error }: { name: string; record: WorldRecord | undefined; error: unknown },
): World => {
  const found = error instanceof CommitFailedError ? table.get(name) : undefined;
  if (found === undefined || record === undefined) throw error;
  // It may be one that somebody else made.
  if (!isDeepStrictEqual(found.record, decodeWorld(encodeWorld(record)))) throw error;
  return found;
};

/** Makes an empty world. Throws `WorldExistsError`, `TooManyError`. */
export const createWorld = async (
  table: WorldTable,
  options: NewWorld & { host: WorldHost; defaults: WorldSettings; seed: string },
): Promise<World> => {
  const { name, host, seed, life } = options;
  assertRoom(table);
  const settings = mergeSettings(options.defaults, options.settings ?? {});
  const record: WorldRecord = { settings, initialSettings: settings, seed, ...life };
  const world = new World({ name, host, record });
  try {
    await world.transact(async (tx) => {
      await assertFree(tx, name);
      tx.putWorldRecord(record);
    });
  } catch (error) {
    return madeAfterAll(table, { name, record, error });
  }
  table.set(name, world);
  return world;
};

/**
 * Makes a world whose heads point at the same sealed layers as `from`'s, or as a snapshot of it: O(accounts), whatever they
 * hold. Settings, what is registered and the id stream's position are copied, of a snapshot as they were when it was taken. Throws
 * `WorldExistsError`, `SnapshotNotFoundError`, `TooManyError`, and `NamespaceConflictError` where the fork is to share bucket
 * names that its origin did not share.
 */
export const forkWorld = async (
  table: WorldTable,
  options: NewWorld & { from: World; fromSnapshot?: string },
): Promise<World> => {
  const { name, from, fromSnapshot, seed, life } = options;
  assertRoom(table);
  let record: WorldRecord | undefined;
  const fork = async (tx: Tx): Promise<WorldRecord> => {
    await assertFree(tx, name);
    const origin = fromSnapshot === undefined ? await sealAll(tx, from) : await originOf(tx, fromSnapshot);
    const settings = mergeSettings(origin.settings, options.settings ?? {});
    const made = { settings, initialSettings: settings, ...(seed === undefined ? undefined : { seed }), ...life };
    record = { ...inherited(await tx.worldRecord()), ...made };
    const fork = inWorld(tx, name);
    fork.putWorldRecord(record);
    await setHeads(fork, origin, settings);
    tx.tx.put(catalog.idPosition(name), seed === undefined ? String(origin.idPosition) : "0");
    await copyAccessKeys(tx, { from: origin.accessKeys, to: (id) => catalog.accessKey(name, id) });
    await copyIdentities(tx, { from: origin.identities, to: catalog.identities(name) });
    return record;
  };
  try {
    record = await from.transact(fork);
  } catch (error) {
    return madeAfterAll(table, { name, record, error });
  }
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
  readonly settings: WorldSettings;
  /** Where its registered keys are. */
  readonly accessKeys: KeyRange;
  /** Where its registered identities are. */
  readonly identities: KeyRange;
};

const sealAll = async (tx: Tx, from: World): Promise<Origin> => {
  const heads = await readHeads(tx);
  for (const [accountId, head] of heads) sealHead(tx, accountId, head);
  return {
    heads: new Map([...heads].map(([accountId, head]) => [accountId, head.layerId])),
    whole: true,
    idPosition: await readIdPosition(tx, from),
    settings: (await tx.worldRecord()).settings,
    accessKeys: catalog.accessKeys(from.name),
    identities: catalog.identities(from.name),
  };
};

const originOf = async (tx: Tx, snapshot: string): Promise<Origin> => {
  const { worldName } = tx.scope;
  const found = await getSnapshotHeads(tx, snapshot);
  if (found === undefined) throw new SnapshotNotFoundError(snapshot, worldName);
  const { whole, idPosition, settings } = found.record;
  const captured = settings !== undefined;
  return {
    heads: found.heads,
    whole,
    idPosition,
    settings: settings ?? (await tx.worldRecord()).settings,
    accessKeys: captured ? catalog.snapshotKeys(worldName, snapshot) : catalog.accessKeys(worldName),
    identities: captured ? catalog.snapshotIdentities(worldName, snapshot) : catalog.identities(worldName),
  };
};

/** Without what a fork has of its own. */
const inherited = (record: WorldRecord): WorldRecord => {
  const { ephemeral: _ephemeral, createdAtMs: _at, port: _port, timeToLiveMs: _time, ...rest } = record;
  return rest;
};

const setHeads = async (fork: Tx, origin: Origin, settings: WorldSettings): Promise<void> => {
  const asIs = origin.whole && sharesNames(origin.settings) && sharesNames(settings);
  for (const [accountId, layerId] of origin.heads) {
    if (layerId === NO_LAYER || (accountId === NAMESPACE && !asIs)) continue;
    fork.setHead(accountId, { layerId, epoch: 0, sealed: true });
  }
  if (!asIs && sharesNames(settings)) await enterAllNames(fork, origin.heads);
};

/**
 * Deletes a world with its snapshots; what stands on the same layers stays. Its requests under way fail with `WorldGoneError`
 * once they would write or read anew. The caller sees to it that it is not the default one.
 */
export const deleteWorld = async (table: WorldTable, world: World): Promise<void> => {
  if (world.name === DEFAULT_WORLD) throw new Error("the default world cannot be deleted");
  const { name } = world;
  try {
    await world.transactLast(async (tx) => {
      for (const range of catalog.ofWorld(name)) await deleteRange(tx, range);
      tx.tx.delete(catalog.idPosition(name));
      tx.tx.delete(catalog.world(name));
      tx.aftermath.abandonsLayers = true;
    });
  } catch (error) {
    if (!(error instanceof CommitFailedError && world.isGone)) throw error;
  }
  // A new world may have taken the name by now.
  if (table.get(name) === world) table.delete(name);
};
