/**
 * After a crash: files that no record names are removed. Only the folders of boots that did not end are looked at, in the
 * background, so that starting costs the same however many objects there are.
 */
import type { Engine } from "../../engine/port.ts";
import { bodyKeys, catalog } from "../keys.ts";
import type { BodyStore } from "./store.ts";

/** Boots that crashed and were not looked at yet; more wait for the next start. */
const BOOTS_MAX = 1_000;

/** Says that this boot has begun. */
export const beginBoot = async (engine: Engine, bootId: string): Promise<void> =>
  engine.transact(async (tx) => tx.put(catalog.unfinishedBoot(bootId), "1"));

/** Says that this boot has ended in order: it left no file unnamed. */
export const endBoot = async (engine: Engine, bootId: string): Promise<void> =>
  engine.transact(async (tx) => tx.delete(catalog.unfinishedBoot(bootId)));

/** Removes what crashed boots left behind; answers how many files. */
export const removeOrphans = async (
  engine: Engine,
  { store, bootId, stopping }: { store: BodyStore; bootId: string; stopping: () => boolean },
): Promise<number> => {
  const range = catalog.unfinishedBoots;
  const boots = await engine.read((view) => view.scan(range, { limit: BOOTS_MAX }));
  let removed = 0;
  for (const [key] of boots) {
    const crashed = key.slice(range.start.length);
    if (crashed === bootId) continue;
    for (const bodyId of await store.list(crashed)) {
      if (stopping()) return removed;
      const named = await engine.read((view) => view.get(bodyKeys.file(bodyId)));
      if (named !== undefined) continue;
      await store.delete(bodyId);
      removed += 1;
    }
    await endBoot(engine, crashed);
  }
  return removed;
};
