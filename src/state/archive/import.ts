/** An archive becomes a world's state, or a snapshot: all of it in one transaction at the end, or nothing. */
import { SnapshotExistsError } from "../errors.ts";
import type { Identity } from "../identities/model.ts";
import { encodeIdentity } from "../identities/records.ts";
import { putIdentity } from "../identities/store.ts";
import { registeredKey } from "../identities/world-register.ts";
import { catalog } from "../keys.ts";
import type { AccessKey, Snapshot, WorldSettings } from "../model.ts";
import { enterAllNames, rebuildNames, sharesNames, withdrawNames } from "../namespace.ts";
import { unpin } from "../pinned-snapshot.ts";
import { encodeAccessKey, encodeSnapshot } from "../records.ts";
import { describeSnapshot, NO_LAYER, readHeads, readIdPosition, removeSnapshotRecords } from "../snapshots.ts";
import { topLayer, type Stack } from "../stack.ts";
import { NAMESPACE, type Tx } from "../view.ts";
import type { World } from "../world.ts";
import { AccountBuilder } from "./account-builder.ts";
import { LayerBuilder } from "./build.ts";
import { ACCESS_KEYS_FOLDER, damaged, foreign, accountFolder, IDENTITIES_FOLDER, type Manifest } from "./format.ts";
import { holdBody, type HeldBody } from "./held-bodies.ts";
import { readIdentityLine } from "./identity-lines.ts";
import { readLine } from "./lines.ts";
import { readArchive } from "./read.ts";
import { receivingArchive, type ReceivedArchive } from "./receive.ts";

type ImportOptions = {
  readonly source: AsyncIterable<Uint8Array>;
  /** The accounts to import; absent: all of the archive. */
  readonly accountIds?: readonly string[];
  /** Makes a snapshot of the world of that name, and leaves the world as it is. */
  readonly snapshot?: { readonly name: string; readonly replace: boolean; readonly nowMs: number };
};

/** What an import brought. */
export type Imported = {
  /** In order of their ids. */
  readonly accountIds: readonly string[];
  /** Whether all other accounts were emptied with it. */
  readonly whole: boolean;
  readonly snapshot?: Snapshot;
};

/**
 * Imports an archive: its accounts are as it holds them, and one of a whole world empties all others. Its access keys
 * and registered identities are added to those of the world, and take the place of those with their ids and names. Settings and snapshots stay.
 *
 * Throws, with nothing changed: `ArchiveError`, `NamespaceConflictError`, `SnapshotExistsError`, `TooManyError`, `WorldGoneError`.
 */
export const importState = (world: World, options: ImportOptions): Promise<Imported> =>
  receivingArchive(world, options.source, async (archive) => {
    const importId = world.host.newId();
    try {
      const built = await build(new LayerBuilder(world, importId), archive, options);
      return await putInPlace(world, built, options);
    } finally {
      await unpin(world.host, importId);
      await world.host.engine.drop(catalog.importedBodies(importId));
    }
  });

/** Layers that are ready to be put in place. */
type Built = {
  readonly whole: boolean;
  /** The layer of each account, empty for one that holds nothing; and of the namespace of a snapshot of a whole world. */
  readonly layers: ReadonlyMap<string, string>;
  readonly accessKeys: readonly AccessKey[];
  readonly identities: readonly Identity[];
  readonly idPositionMin: number;
  /** What the world's were when the building began. */
  readonly settings: WorldSettings;
};

const build = async (builder: LayerBuilder, archive: ReceivedArchive, options: ImportOptions): Promise<Built> => {
  const bodies = new Map<string, HeldBody>();
  let target: Target | undefined;
  try {
    for await (const file of readArchive(await archive.open(), archive.sealed.compression)) {
      if (file.type === "manifest") target = await Target.open(builder, file.manifest, options);
      else if (file.type === "body") bodies.set(file.digest, await holdBody(builder.world.host.bodies, file.chunks));
      else {
        await target?.add(file, bodies);
        releaseAll(bodies);
      }
    }
  } finally {
    releaseAll(bodies);
  }
  if (target === undefined) throw foreign("this is no archive of Standin: it has no manifest");
  return target.end();
};

const releaseAll = (bodies: Map<string, HeldBody>): void => {
  for (const held of bodies.values()) held.release();
  bodies.clear();
};

/** What is being built. */
class Target {
  readonly #builder: LayerBuilder;
  readonly #whole: boolean;
  readonly #names: Stack | undefined;
  readonly #layers: Map<string, string>;
  readonly #settings: WorldSettings;
  readonly #accessKeys: AccessKey[] = [];
  readonly #identities: Identity[] = [];
  #account: AccountBuilder | undefined;
  #idPositionMin = 0;

  private constructor(options: {
    builder: LayerBuilder;
    whole: boolean;
    names: Stack | undefined;
    accountIds: readonly string[];
    settings: WorldSettings;
  }) {
    this.#builder = options.builder;
    this.#whole = options.whole;
    this.#names = options.names;
    this.#layers = new Map(options.accountIds.map((accountId) => [accountId, NO_LAYER]));
    this.#settings = options.settings;
  }

  static async open(builder: LayerBuilder, manifest: Manifest, options: ImportOptions): Promise<Target> {
    const held = manifest.accounts.map(({ accountId }) => accountId);
    const missing = options.accountIds?.find((accountId) => !held.includes(accountId));
    if (missing !== undefined) throw foreign(`the archive does not hold account ${missing}`);
    const whole = manifest.whole && options.accountIds === undefined;
    const { settings } = builder.world;
    // A world's names are written as it is put in place: they depend on what else it holds then.
    const hasNames = whole && options.snapshot !== undefined && sharesNames(settings);
    const names = hasNames ? await builder.newStack() : undefined;
    return new Target({ builder, whole, names, accountIds: options.accountIds ?? held, settings });
  }

  async add(
    { folder, lines }: { folder: string; lines: readonly unknown[] },
    bodies: ReadonlyMap<string, HeldBody>,
  ): Promise<void> {
    if (folder === ACCESS_KEYS_FOLDER) return this.#addKeys(lines);
    if (folder === IDENTITIES_FOLDER) return this.#addIdentities(lines);
    const accountId = folder.slice(accountFolder("").length);
    if (!this.#layers.has(accountId)) return this.#builder.keepSpare(bodies);
    if (this.#account?.accountId !== accountId) {
      this.#endAccount();
      if (this.#layers.get(accountId) !== NO_LAYER) throw damaged(`the records of ${accountId} stand apart`);
      const stack = await this.#builder.newStack();
      this.#layers.set(accountId, topLayer(stack));
      const { newId } = this.#builder.world.host;
      this.#account = new AccountBuilder({ accountId, stack, names: this.#names, newId });
    }
    await this.#builder.run(this.#account.steps(lines.map(readLine)), bodies);
  }

  #addKeys(lines: readonly unknown[]): void {
    for (const line of lines.map(readLine)) {
      if (line.type !== "accessKey") throw damaged(`a ${line.type} stands among the access keys`);
      const { type: _type, ...key } = line;
      if (this.#whole || this.#layers.has(key.accountId)) this.#accessKeys.push(key);
    }
  }

  #addIdentities(lines: readonly unknown[]): void {
    for (const line of lines.map(readLine)) {
      if (line.type !== "identity") throw damaged(`a ${line.type} stands among the identities`);
      const identity = readIdentityLine(line);
      if (this.#whole || this.#layers.has(identity.accountId)) this.#identities.push(identity);
    }
  }

  #endAccount(): void {
    this.#account?.end();
    this.#idPositionMin = Math.max(this.#idPositionMin, this.#account?.idPositionMin ?? 0);
    this.#account = undefined;
  }

  end(): Built {
    this.#endAccount();
    const layers = new Map(this.#layers);
    if (this.#names !== undefined) layers.set(NAMESPACE, topLayer(this.#names));
    return {
      whole: this.#whole,
      layers,
      accessKeys: this.#accessKeys,
      identities: this.#identities,
      idPositionMin: this.#idPositionMin,
      settings: this.#settings,
    };
  }
}

const putInPlace = async (world: World, built: Built, { snapshot }: ImportOptions): Promise<Imported> => {
  const { whole, layers } = built;
  const accountIds = [...layers.keys()].filter((accountId) => accountId !== NAMESPACE).toSorted();
  if (snapshot !== undefined) {
    return { accountIds, whole, snapshot: await world.transact((tx) => putSnapshot(tx, built, snapshot)) };
  }
  const idsMoved = await world.transact(async (tx) => {
    await putHeads(tx, built);
    for (const key of built.accessKeys) tx.tx.put(catalog.accessKey(world.name, key.accessKeyId), encodeAccessKey(key));
    for (const identity of built.identities) await putIdentity(tx, identity, "world");
    return moveIds(tx, world, built);
  });
  for (const { accessKeyId } of built.accessKeys) world.cache.dropAccessKey(accessKeyId);
  if (idsMoved) world.ids.restart();
  return { accountIds, whole };
};

const putHeads = async (tx: Tx, { whole, layers }: Built): Promise<void> => {
  const { settings } = await tx.worldRecord();
  const heads = await readHeads(tx);
  if (whole) {
    for (const accountId of heads.keys()) {
      if (accountId !== NAMESPACE && !layers.has(accountId)) await tx.startEmpty(accountId);
    }
    await rebuildNames(tx, { layers, settings });
  } else if (sharesNames(settings)) {
    for (const accountId of layers.keys()) await withdrawNames(tx, accountId);
    await enterAllNames(tx, layers);
  }
  for (const [accountId, layerId] of layers) {
    if (layerId !== NO_LAYER) {
      tx.setHead(accountId, { layerId, epoch: (heads.get(accountId)?.epoch ?? 0) + 1, sealed: false });
    } else if (heads.has(accountId)) await tx.startEmpty(accountId);
  }
  tx.aftermath.abandonsLayers = true;
};

/**
 * The id stream of a whole world starts anew, as at a reset, but behind the uploads that came with the archive: with the same
 * seed their ids would come again. Named accounts move it only forward; answers false where it stays, for requests go on drawing
 * from it.
 */
const moveIds = async (tx: Tx, world: World, { whole, idPositionMin }: Built): Promise<boolean> => {
  if (!whole && idPositionMin <= (await readIdPosition(tx, world))) return false;
  tx.tx.put(catalog.idPosition(world.name), String(idPositionMin));
  return true;
};

const putSnapshot = async (
  tx: Tx,
  { whole, layers, accessKeys, identities, idPositionMin, settings }: Built,
  { name, replace, nowMs }: NonNullable<ImportOptions["snapshot"]>,
): Promise<Snapshot> => {
  const { worldName } = tx.scope;
  await tx.worldRecord();
  if ((await tx.reader.get(catalog.snapshot(worldName, name))) !== undefined) {
    if (!replace) throw new SnapshotExistsError(name, worldName);
    await removeSnapshotRecords(tx, name);
  }
  for (const [accountId, layerId] of layers) tx.tx.put(catalog.snapshotHead(worldName, name, accountId), layerId);
  for (const key of accessKeys) {
    tx.tx.put(catalog.snapshotKey(worldName, name, key.accessKeyId), encodeAccessKey(key));
  }
  const register = catalog.snapshotIdentities(worldName, name).start;
  for (const identity of identities) tx.tx.put(register + registeredKey(identity), encodeIdentity(identity));
  const record = { createdAtMs: nowMs, whole, idPosition: idPositionMin, settings };
  tx.tx.put(catalog.snapshot(worldName, name), encodeSnapshot(record));
  return describeSnapshot(name, record, [...layers.keys()]);
};
