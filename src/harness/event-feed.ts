/** Tells who waits for a world's events in whose journal there may be new ones. */
import type { World } from "../state/world.ts";

type Listener = (accountId: string) => void;

const listeners = new WeakMap<World, Set<Listener>>();

/** Calls `listener` after each delivery in `world` from now on. Answers what ends that. */
export const onDelivery = (world: World, listener: Listener): (() => void) => {
  const ofWorld = listeners.get(world) ?? new Set();
  listeners.set(world, ofWorld.add(listener));
  return () => void ofWorld.delete(listener);
};

/** Events were written to an account's journal, and committed. */
export const noteDelivery = (world: World, accountId: string): void => {
  for (const listener of listeners.get(world) ?? []) listener(accountId);
};
