/** Tells who waits for a world's events in whose journal there may be new ones, and that there will be none any more. */
import type { World } from "../state/world.ts";

type Listener = {
  delivered(accountId: string): void;
  /** The world is gone. */
  ended(): void;
};

const listeners = new WeakMap<World, Set<Listener>>();

/** Tells `listener` of each delivery in `world` from now on, and of its end. Answers what takes it back. */
export const onDelivery = (world: World, listener: Listener): (() => void) => {
  const ofWorld = listeners.get(world) ?? new Set();
  listeners.set(world, ofWorld.add(listener));
  return () => void ofWorld.delete(listener);
};

/** Events were written to an account's journal, and committed. */
export const noteDelivery = (world: World, accountId: string): void => {
  for (const listener of listeners.get(world) ?? []) listener.delivered(accountId);
};

/** The world was deleted. */
export const endFeed = (world: World): void => {
  for (const listener of listeners.get(world) ?? []) listener.ended();
};
