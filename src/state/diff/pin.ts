/** Several worlds or snapshots pinned at the same instant, so that they can be compared page by page. */
import { EngineClosedError } from "../../engine/errors.ts";
import { SnapshotNotFoundError } from "../errors.ts";
import { catalog } from "../keys.ts";
import { transactOnLayers } from "../layers/layer-work.ts";
import { pinLayer, unpin } from "../pinned-snapshot.ts";
import { encodeHead } from "../records.ts";
import { getSnapshotHeads, NO_LAYER, readHeads } from "../snapshots.ts";
import { View, type Tx } from "../view.ts";
import type { World, WorldHost } from "../world.ts";

/** A state to pin: a world as it is, or as one of its snapshots was. */
export type StatePlace = { readonly world: World; readonly snapshot?: string | undefined };

export type PinnedState = {
  /**
   * The layer that each account stands on, the namespace among them; empty for one that held nothing. Read from it with a stack
   * that is resolved anew in each view (`LayerStacks.resolve`): flattening may change what is below.
   */
  readonly heads: ReadonlyMap<string, string>;
  /** True for all accounts of a world: those without a head hold nothing. False for a snapshot of those in `heads`. */
  readonly whole: boolean;
};

export type Pin = {
  /** In the order in which they were named. */
  readonly states: readonly PinnedState[];
  /** Lets go of all of it. May be called more than once. */
  release(): Promise<void>;
};

type PinOptions = {
  /** Whether an account is to be read, told the layer that it stands on in each state; absent: all are. */
  readonly chosen?: (accountId: string, layerIds: readonly (string | undefined)[]) => boolean;
};

/**
 * Pins several states at one instant; only accounts that are `chosen` have their top layers sealed. Costs a record for each of
 * them. Throws `SnapshotNotFoundError`, `TooManyError`.
 */
export const pinStates = async (
  host: WorldHost,
  places: readonly StatePlace[],
  { chosen = () => true }: PinOptions = {},
): Promise<Pin> => {
  const pinId = host.newId();
  const states = await transactOnLayers(host, async (tx) => {
    const found: PlacedHeads[] = [];
    for (const place of places) found.push(await headsOf(tx, place));
    const accountIds = [...new Set(found.flatMap(({ heads }) => [...heads.keys()]))];
    const pinned = new Set(
      accountIds.filter((accountId) =>
        chosen(
          accountId,
          found.map(({ heads }) => heads.get(accountId)),
        ),
      ),
    );
    return found.map(({ heads, whole, seal }): PinnedState => {
      const kept = [...heads].filter(([accountId]) => pinned.has(accountId));
      for (const [accountId, layerId] of kept) {
        if (layerId === NO_LAYER) continue;
        seal(accountId);
        pinLayer(tx, pinId, layerId);
      }
      return { heads: new Map(kept), whole };
    });
  });
  return { states, release: () => release(host, pinId) };
};

type PlacedHeads = PinnedState & { readonly seal: (accountId: string) => void };

const headsOf = async (tx: Tx, { world, snapshot }: StatePlace): Promise<PlacedHeads> => {
  const view = new View(tx.reader, { ...tx.scope, worldName: world.name });
  if (snapshot !== undefined) {
    const found = await getSnapshotHeads(view, snapshot);
    if (found === undefined) throw new SnapshotNotFoundError(snapshot, world.name);
    // Whatever a snapshot stands on was sealed when it was taken.
    return { heads: found.heads, whole: found.record.whole, seal: () => {} };
  }
  const heads = await readHeads(view);
  return {
    heads: new Map([...heads].map(([accountId, { layerId }]) => [accountId, layerId])),
    whole: true,
    seal: (accountId) => {
      const head = heads.get(accountId);
      // What is kept in memory of a stack does not say whether it is sealed, so that none of it goes.
      if (head !== undefined && !head.sealed)
        tx.tx.put(catalog.head(world.name, accountId), encodeHead({ ...head, sealed: true }));
    },
  };
};

const release = async (host: WorldHost, pinId: string): Promise<void> => {
  try {
    await unpin(host, pinId);
  } catch (error) {
    // The server stops; the next start takes it away.
    if (!(error instanceof EngineClosedError)) throw error;
  }
};
