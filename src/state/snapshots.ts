/**
 * Reset, snapshot and restore: all of them move heads and copy nothing. A snapshot seals the layers it stands on; whatever is
 * written next goes to a new layer on top of them.
 */
import { clearAccessKeys, copyAccessKeys } from "./access-keys.ts";
import { withFirstClock } from "./clock-runs.ts";
import { deleteRange } from "./delete-range.ts";
import { SnapshotExistsError, SnapshotNotFoundError, TooManyError } from "./errors.ts";
import { clearIdentities, copyIdentities } from "./identities/world-register.ts";
import { catalog } from "./keys.ts";
import type { Snapshot, WorldSettings } from "./model.ts";
import { enterAllNames, rebuildNames, sharesNames, withdrawNames } from "./namespace.ts";
import { decodeHead, decodeSnapshot, encodeSnapshot, type Head, type SnapshotRecord } from "./records.ts";
import { mergeSettings, type World } from "./world.ts";
import { NAMESPACE, NO_LAYER, type Tx, type View } from "./view.ts";

export { NO_LAYER } from "./view.ts";

/** The most accounts of one world that an operation on the whole of it covers, the namespace counted in. */
export const WORLD_ACCOUNTS_MAX = 100_000;

/** The heads of a world by account, the namespace's among them. Throws `TooManyError`. */
export const readHeads = async (view: View): Promise<Map<string, Head>> => {
  const entries = await view.reader.scan(catalog.heads(view.scope.worldName), { limit: WORLD_ACCOUNTS_MAX + 1 });
  if (entries.length > WORLD_ACCOUNTS_MAX) {
    throw new TooManyError({ what: "accounts in one world", countMax: WORLD_ACCOUNTS_MAX });
  }
  return new Map(entries.map(([key, record]) => [catalog.headAccount(key), decodeHead(record)]));
};

/** Seals what stands on top, so that nothing is ever added to it. */
export const sealHead = (tx: Tx, accountId: string, head: Head): void => {
  if (!head.sealed) tx.setHead(accountId, { ...head, sealed: true });
};

/**
 * Empties the named accounts, or all of them, with one new layer each: O(accounts), and for named ones O(their buckets).
 * Answers the accounts that held something before.
 */
export const resetAccounts = async (world: World, options: { accountIds?: readonly string[] }): Promise<string[]> => {
  const { accountIds } = options;
  if (accountIds !== undefined) return world.transact((tx) => emptyNamed(tx, accountIds));
  const emptied = await world.transact((tx) => emptyAll(tx));
  world.ids.restart();
  return emptied;
};

const emptyAll = async (tx: Tx): Promise<string[]> => {
  const heads = await readHeads(tx);
  for (const accountId of heads.keys()) await tx.startEmpty(accountId);
  tx.tx.put(catalog.idPosition(tx.scope.worldName), "0");
  return [...heads.keys()].filter((accountId) => accountId !== NAMESPACE);
};

const emptyNamed = async (tx: Tx, accountIds: readonly string[]): Promise<string[]> => {
  const heads = await readHeads(tx);
  const { settings } = await tx.worldRecord();
  const named = [...new Set(accountIds)].filter((accountId) => heads.has(accountId));
  for (const accountId of named) {
    if (sharesNames(settings)) await withdrawNames(tx, accountId);
    await tx.startEmpty(accountId);
  }
  return named;
};

/** Back to the state at creation: no accounts' data, nothing registered, the settings and the clock that the world was made with. */
export const resetEverything = async (
  world: World,
  options: { /** Settings that stay as they are. */ keep?: readonly (keyof WorldSettings)[] } = {},
): Promise<string[]> => {
  const emptied = await world.transact(async (tx) => {
    const emptied = await emptyAll(tx);
    await clearAccessKeys(tx);
    await clearIdentities(tx);
    const before = await tx.worldRecord();
    const kept = Object.fromEntries((options.keep ?? []).map((name) => [name, before.settings[name]]));
    tx.putWorldRecord(withFirstClock({ ...before, settings: mergeSettings(before.initialSettings, kept) }));
    return emptied;
  });
  world.cache.dropRegisters();
  world.ids.restart();
  return emptied;
};

/**
 * Where a world's id stream stands, read as late as the transaction runs: whatever committed before it drew its ids before
 * this, so that none of them is drawn again after a restore.
 */
export const readIdPosition = async (tx: Tx, world: World): Promise<number> =>
  world.ids.position ?? Number((await tx.reader.get(catalog.idPosition(world.name))) ?? 0);

/** Throws `SnapshotExistsError` when the name is taken, unless `replace`; `TooManyError`. */
export const createSnapshot = async (
  world: World,
  options: { name: string; accountIds?: readonly string[]; replace?: boolean; nowMs: number },
): Promise<Snapshot> => {
  const { name, nowMs } = options;
  const whole = options.accountIds === undefined;
  return world.transact(async (tx) => {
    if ((await tx.reader.get(catalog.snapshot(world.name, name))) !== undefined) {
      if (options.replace !== true) throw new SnapshotExistsError(name, world.name);
      await removeSnapshotRecords(tx, name);
    }
    const heads = await readHeads(tx);
    const accountIds = whole ? [...heads.keys()] : [...new Set(options.accountIds)];
    for (const accountId of accountIds) {
      const head = heads.get(accountId);
      if (head !== undefined) sealHead(tx, accountId, head);
      tx.tx.put(catalog.snapshotHead(world.name, name, accountId), head?.layerId ?? NO_LAYER);
    }
    await copyAccessKeys(tx, {
      from: catalog.accessKeys(world.name),
      to: (accessKeyId) => catalog.snapshotKey(world.name, name, accessKeyId),
    });
    await copyIdentities(tx, {
      from: catalog.identities(world.name),
      to: catalog.snapshotIdentities(world.name, name),
    });
    const { settings } = await tx.worldRecord();
    const record: SnapshotRecord = { createdAtMs: nowMs, whole, idPosition: await readIdPosition(tx, world), settings };
    tx.tx.put(catalog.snapshot(world.name, name), encodeSnapshot(record));
    return describeSnapshot(name, record, accountIds);
  });
};

/** What is told of a snapshot, from its record and the accounts and the namespace that it holds. */
export const describeSnapshot = (name: string, record: SnapshotRecord, accountIds: readonly string[]): Snapshot => ({
  name,
  createdAtMs: record.createdAtMs,
  accountIds: accountIds.filter((accountId) => accountId !== NAMESPACE),
  whole: record.whole,
});

const readSnapshotHeads = async (view: View, name: string): Promise<Map<string, string>> => {
  const range = catalog.snapshotHeads(view.scope.worldName, name);
  const entries = await view.reader.scan(range, { limit: WORLD_ACCOUNTS_MAX });
  return new Map(entries.map(([key, layerId]) => [catalog.snapshotHeadAccount(key), layerId]));
};

const readSnapshot = async (view: View, name: string): Promise<SnapshotRecord | undefined> => {
  const record = await view.reader.get(catalog.snapshot(view.scope.worldName, name));
  return record === undefined ? undefined : decodeSnapshot(record);
};

/** A snapshot's record and the layer that each of its accounts, and the namespace, stood on; empty for one that held nothing. */
export const getSnapshotHeads = async (
  view: View,
  name: string,
): Promise<{ record: SnapshotRecord; heads: Map<string, string> } | undefined> => {
  const record = await readSnapshot(view, name);
  return record && { record, heads: await readSnapshotHeads(view, name) };
};

export const getSnapshot = async (world: World, name: string): Promise<Snapshot | undefined> =>
  world.read(async (view) => {
    const found = await getSnapshotHeads(view, name);
    return found && describeSnapshot(name, found.record, [...found.heads.keys()]);
  });

/** Snapshots by name, after `after`. */
export const listSnapshots = async (world: World, options: { after?: string; limit: number }): Promise<Snapshot[]> =>
  world.read(async (view) => {
    const { after, limit } = options;
    const whole = catalog.snapshots(world.name);
    const start = after === undefined ? whole.start : `${catalog.snapshot(world.name, after)}\0`;
    const snapshots: Snapshot[] = [];
    for (const [key, record] of await view.reader.scan({ start, end: whole.end }, { limit })) {
      const name = catalog.snapshotName(key);
      const heads = await readSnapshotHeads(view, name);
      snapshots.push(describeSnapshot(name, decodeSnapshot(record), [...heads.keys()]));
    }
    return snapshots;
  });

/**
 * Points the heads back. A whole-world snapshot also empties the accounts that it does not hold; one of named accounts
 * touches only those, and throws `NamespaceConflictError`, changing nothing, when a bucket name of theirs is taken.
 */
export const restoreSnapshot = async (world: World, name: string): Promise<Snapshot> => {
  const snapshot = await world.transact(async (tx) => {
    const found = await getSnapshotHeads(tx, name);
    if (found === undefined) throw new SnapshotNotFoundError(name);
    const { record, heads: layers } = found;
    const heads = await readHeads(tx);
    if (record.whole) {
      for (const accountId of heads.keys()) if (!layers.has(accountId)) await tx.startEmpty(accountId);
      tx.tx.put(catalog.idPosition(world.name), String(record.idPosition));
    }
    const namesMoved = await moveNames(tx, found);
    for (const [accountId, layerId] of layers) {
      if (accountId === NAMESPACE && namesMoved) continue;
      if (layerId === NO_LAYER) await tx.startEmpty(accountId);
      else tx.setHead(accountId, { layerId, epoch: (heads.get(accountId)?.epoch ?? 0) + 1, sealed: true });
    }
    tx.aftermath.abandonsLayers = true;
    return { whole: record.whole, described: describeSnapshot(name, record, [...layers.keys()]) };
  });
  if (snapshot.whole) world.ids.restart();
  return snapshot.described;
};

/**
 * The namespace's share of a restore; false where the snapshot's own is to be had as it is. Of named accounts all old names go
 * first, then all new ones come.
 */
const moveNames = async (
  tx: Tx,
  { record, heads: layers }: { record: SnapshotRecord; heads: ReadonlyMap<string, string> },
): Promise<boolean> => {
  const { settings } = await tx.worldRecord();
  if (record.whole) {
    if (sharesNames(settings) && sharesNames(record.settings ?? {})) return false;
    await rebuildNames(tx, { layers, settings });
    return true;
  }
  if (!sharesNames(settings)) return true;
  for (const accountId of layers.keys()) await withdrawNames(tx, accountId);
  await enterAllNames(tx, layers);
  return true;
};

export const removeSnapshotRecords = async (tx: Tx, name: string): Promise<void> => {
  const { worldName } = tx.scope;
  for (const accountId of (await readSnapshotHeads(tx, name)).keys()) {
    tx.tx.delete(catalog.snapshotHead(worldName, name, accountId));
  }
  await deleteRange(tx, catalog.snapshotKeys(worldName, name));
  await deleteRange(tx, catalog.snapshotIdentities(worldName, name));
  tx.tx.delete(catalog.snapshot(worldName, name));
  tx.aftermath.abandonsLayers = true;
};

/** Answers false when there is none. */
export const deleteSnapshot = async (world: World, name: string): Promise<boolean> =>
  world.transact(async (tx) => {
    if ((await readSnapshot(tx, name)) === undefined) return false;
    await removeSnapshotRecords(tx, name);
    return true;
  });
