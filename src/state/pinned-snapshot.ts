/**
 * What a world, or a snapshot of it, holds at one moment, kept for as long as it takes to read it page by page. Pins keep
 * layers from the collection, by records of their own: they have no name, no list shows them, and a start forgets all of them.
 */
import type { Engine } from "../engine/port.ts";
import { readAccessKeys } from "./access-keys.ts";
import { SnapshotNotFoundError } from "./errors.ts";
import type { Identity } from "./identities/model.ts";
import { readRegistered } from "./identities/world-register.ts";
import { catalog } from "./keys.ts";
import type { AccessKey } from "./model.ts";
import type { Head } from "./records.ts";
import { getSnapshotHeads, NO_LAYER, readHeads, readIdPosition, sealHead } from "./snapshots.ts";
import type { Stack } from "./stack.ts";
import { NAMESPACE, View, type Tx, type ViewScope } from "./view.ts";
import type { World, WorldHost } from "./world.ts";

export type PinnedSnapshot = {
  /** The accounts that it holds, in order of their ids; with those that were named and hold nothing. */
  readonly accountIds: readonly string[];
  /** Whether it is of the whole world. */
  readonly whole: boolean;
  /** Where the world's id stream stood. */
  readonly idPosition: number;
  /** The layer that each account, and of a whole world the namespace, stands on; absent for one that held nothing. */
  readonly layers: ReadonlyMap<string, string>;
  /** The access keys that were registered, by id. */
  readonly accessKeys: readonly AccessKey[];
  /** The users, roles and so on that were registered on the control plane, by account, kind and name. */
  readonly identities: readonly Identity[];
  /**
   * Runs `fn` on a view that shows what was pinned, for at most a second; all views of one pin show the same. Buckets that are
   * found by one may be handed to another, and to no other world's view.
   */
  read<T>(fn: (view: View) => Promise<T>): Promise<T>;
  /** Lets go of it: its layers may be collected. */
  release(): Promise<void>;
};

/** Puts `layerId` under a pin: as long as it stands the layer, and what it stands on, is not collected. */
export const pinLayer = (tx: Tx, pinId: string, layerId: string): void =>
  tx.tx.put(catalog.pin(pinId, layerId), layerId);

/** Takes away a pin: nothing leads to its layers any more, unless something else does by now. */
export const unpin = async (host: WorldHost, pinId: string): Promise<void> => {
  await host.engine.drop(catalog.pinned(pinId));
  host.layersAbandoned();
};

/** Forgets what pins and imports of earlier runs left behind. */
export const forgetPins = async (engine: Engine): Promise<void> => {
  await engine.drop(catalog.allPins);
  await engine.drop(catalog.allImportedBodies);
};

/** A view on which accounts stand where a pin has them. */
class PinnedView extends View {
  readonly #layers: ReadonlyMap<string, string>;

  constructor(options: { reader: View["reader"]; scope: ViewScope; layers: ReadonlyMap<string, string> }) {
    super(options.reader, options.scope);
    this.#layers = options.layers;
  }

  /** None: the world's shows what is there now. */
  override get cache(): undefined {
    return undefined;
  }

  override async head(accountId: string): Promise<Head | undefined> {
    const layerId = this.#layers.get(accountId);
    return layerId === undefined ? undefined : { layerId, epoch: 0, sealed: true };
  }

  override async stack(accountId: string): Promise<Stack> {
    const layerId = this.#layers.get(accountId);
    return { layers: layerId === undefined ? [] : await this.layersFrom(layerId), epoch: 0 };
  }
}

type Found = Pick<PinnedSnapshot, "accountIds" | "whole" | "idPosition" | "layers" | "accessKeys" | "identities">;

/**
 * Pins what `world` holds now, or what its snapshot `snapshot` does; of the named accounts alone if there are any. Costs a few
 * records for each account. Release it. Throws `SnapshotNotFoundError`, `TooManyError`.
 */
export const pinSnapshot = async (
  world: World,
  options: { readonly snapshot?: string; readonly accountIds?: readonly string[] } = {},
): Promise<PinnedSnapshot> => {
  const pinId = world.host.newId();
  const found = await world.transact(async (tx) => {
    const found =
      options.snapshot === undefined ? await presentLayers(tx, world) : await layersOf(tx, options.snapshot);
    const chosen = options.accountIds === undefined ? found : only(found, options.accountIds);
    for (const [accountId, layerId] of chosen.layers) {
      const head = options.snapshot === undefined ? await tx.head(accountId) : undefined;
      if (head !== undefined) sealHead(tx, accountId, head);
      pinLayer(tx, pinId, layerId);
    }
    return chosen;
  });
  return {
    ...found,
    read: (fn) =>
      world.read((view) => fn(new PinnedView({ reader: view.reader, scope: view.scope, layers: found.layers }))),
    release: () => unpin(world.host, pinId),
  };
};

const describe = (layers: ReadonlyMap<string, string>): Pick<Found, "accountIds" | "layers"> => ({
  accountIds: [...layers.keys()].filter((accountId) => accountId !== NAMESPACE).toSorted(),
  layers: new Map([...layers].filter(([, layerId]) => layerId !== NO_LAYER)),
});

const presentLayers = async (tx: Tx, world: World): Promise<Found> => {
  const heads = await readHeads(tx);
  const layers = new Map([...heads].map(([accountId, { layerId }]) => [accountId, layerId]));
  const accessKeys = await readAccessKeys(tx, catalog.accessKeys(world.name));
  const identities = await readRegistered(tx, catalog.identities(world.name));
  return { ...describe(layers), whole: true, idPosition: await readIdPosition(tx, world), accessKeys, identities };
};

const layersOf = async (tx: Tx, name: string): Promise<Found> => {
  const found = await getSnapshotHeads(tx, name);
  const { worldName } = tx.scope;
  if (found === undefined) throw new SnapshotNotFoundError(name, worldName);
  const { whole, idPosition, settings } = found.record;
  const isCaptured = settings !== undefined;
  const keys = isCaptured ? catalog.snapshotKeys(worldName, name) : catalog.accessKeys(worldName);
  const register = isCaptured ? catalog.snapshotIdentities(worldName, name) : catalog.identities(worldName);
  const accessKeys = await readAccessKeys(tx, keys);
  return { ...describe(found.heads), whole, idPosition, accessKeys, identities: await readRegistered(tx, register) };
};

const only = (found: Found, accountIds: readonly string[]): Found => {
  const named = new Set(accountIds);
  return {
    ...found,
    whole: false,
    accountIds: [...named].toSorted(),
    layers: new Map([...found.layers].filter(([accountId]) => named.has(accountId))),
    accessKeys: found.accessKeys.filter(({ accountId }) => named.has(accountId)),
    identities: found.identities.filter(({ accountId }) => named.has(accountId)),
  };
};
