/** Files that nothing refers to any more, on their way out. What does not get there is found by the next start; see recover.ts. */
import type { Logger } from "../../platform/logger.ts";
import type { ReadTracker } from "./reads.ts";
import { bootOf, type BodyStore } from "./store.ts";

export type DeadFiles = {
  /** Removes a file that nobody reads. Resolves once it is gone, or cannot be removed. */
  remove(bodyId: string): Promise<void>;
  /** Removes files once every read that began before has ended. */
  bury(bodyIds: readonly string[]): Promise<void>;
  /** Says that there may be dead files of this boot that nobody can name. */
  doubt(): void;
  /** Whether the next start must look for dead files. */
  readonly mayBeLeft: boolean;
  /** Whether dead files of a boot are known to be there still. */
  areLeftOf(bootId: string): boolean;
  /** The boots that had dead files. */
  readonly boots: ReadonlySet<string>;
  /** Waits for removals that are under way; not for those that wait for a read. */
  settle(): Promise<void>;
};

export const createDeadFiles = (options: { store: BodyStore; reads: ReadTracker; logger: Logger }): DeadFiles => {
  const { store, reads, logger } = options;
  /** Those that are still there. */
  const left = new Set<string>();
  const boots = new Set<string>();
  const removals = new Set<Promise<void>>();
  let inDoubt = false;

  const remove = (bodyId: string): Promise<void> => {
    left.add(bodyId);
    const removal = store
      .delete(bodyId)
      .then(
        () => void left.delete(bodyId),
        (error: unknown) => logger.warn("a dead body could not be removed", { bodyId, error }),
      )
      .finally(() => removals.delete(removal));
    removals.add(removal);
    return removal;
  };

  return {
    remove,
    bury: async (bodyIds) => {
      for (const bodyId of bodyIds) {
        left.add(bodyId);
        boots.add(bootOf(bodyId));
      }
      await new Promise<void>((resolve) => reads.afterPresentReads(resolve));
      await Promise.all(bodyIds.map(remove));
    },
    doubt: () => {
      inDoubt = true;
    },
    get mayBeLeft() {
      return inDoubt || left.size > 0;
    },
    areLeftOf: (bootId) => [...left].some((bodyId) => bootOf(bodyId) === bootId),
    boots,
    settle: async () => {
      while (removals.size > 0) await Promise.all(removals);
    },
  };
};
