/** What works on layers in the background shares: transactions of no world, and a pace. */
import { runTransaction, type Aftermath, type Tx } from "../view.ts";
import { WorldCache } from "../world-cache.ts";
import type { WorldHost } from "../world.ts";

/** Waits between two slices of work, so that requests go first; answers false when the work is to end here. */
export type Pace = () => Promise<boolean>;

/** Runs `fn` as a transaction on layers themselves, whatever worlds they are of. */
export const transactOnLayers = <T>(host: WorldHost, fn: (tx: Tx) => Promise<T>): Promise<T> => {
  const { engine, bodies, layerStacks, newId } = host;
  const readEpoch = bodies.reads.begin();
  const afterCommit = ({ deadBodies }: Aftermath): void => {
    if (deadBodies.length > 0) void bodies.dead.bury(deadBodies);
  };
  const inDoubt = ({ deadBodies }: Aftermath): void => {
    if (deadBodies.length > 0) bodies.dead.doubt();
  };
  const scope = { worldName: "", cache: new WorldCache(), layerStacks, readEpoch };
  return runTransaction(engine, { scope, newId, afterCommit, inDoubt, fn }).finally(() => bodies.reads.end(readEpoch));
};
