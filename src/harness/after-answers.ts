/**
 * Work that requests leave to be done once they are answered. Nothing that falls due is run before it is over: what a client saw the
 * answer of has happened by then.
 */
import type { World } from "../state/world.ts";

const underWay = new WeakMap<World, Set<Promise<void>>>();

/** Counts `work`, which must not reject, as left over from an answer. */
export const noteAfterAnswer = (world: World, work: Promise<void>): void => {
  const works = underWay.get(world) ?? new Set();
  underWay.set(world, works.add(work));
  void work.then(() => works.delete(work));
};

/** Resolves when all that answers left to be done by now is over. */
export const afterAnswers = async (world: World): Promise<void> => {
  const works = underWay.get(world);
  if (works !== undefined) await Promise.all(works);
};
