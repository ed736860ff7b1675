/**
 * After a crash: files that no record names are removed. Only the folders of boots that are marked are looked at, in the
 * background, so that starting costs the same however many objects there are.
 */
import type { Engine } from "../../engine/port.ts";
import { bodyKeys, catalog } from "../keys.ts";
import type { DeadFiles } from "./dead-files.ts";
import type { BodyStore } from "./store.ts";

/** The most boots whose marks are read: a new one costs a crash, or a death in it. */
const BOOTS_MAX = 100_000;

/** Says that this boot has begun. */
export const beginBoot = async (engine: Engine, bootId: string): Promise<void> =>
  engine.transact(async (tx) => tx.put(catalog.unfinishedBoot(bootId), "1"));

/** Says that boots have no file that no record names. */
export const endBoots = async (engine: Engine, bootIds: Iterable<string>): Promise<void> =>
  engine.transact(async (tx) => {
    for (const bootId of bootIds) tx.delete(catalog.unfinishedBoot(bootId));
  });

/**
 * Removes what crashed boots left behind, until `stopped` resolves. Answers the boots that were not looked at, or not to
 * their end.
 */
export const removeOrphans = async (
  engine: Engine,
  options: { store: BodyStore; dead: DeadFiles; bootId: string; stopped: Promise<void> },
): Promise<ReadonlySet<string>> => {
  const { bootId, stopped } = options;
  const range = catalog.unfinishedBoots;
  const marks = await engine.read((view) => view.scan(range, { limit: BOOTS_MAX }));
  const crashed = new Map(marks.map(([key, mark]) => [key.slice(range.start.length), mark]));
  crashed.delete(bootId);
  const notLookedAt = new Set(crashed.keys());
  const hasStopped = stopped.then(() => "stopped" as const);
  for (const [boot, mark] of crashed) {
    if ((await Promise.race([hasStopped, removeOrphansOf(boot, engine, options)])) === "stopped") break;
    if (options.dead.areLeftOf(boot)) continue;
    await endIfUnchanged(engine, { boot, mark });
    notLookedAt.delete(boot);
  }
  return notLookedAt;
};

const removeOrphansOf = async (
  boot: string,
  engine: Engine,
  { store, dead, stopped }: { store: BodyStore; dead: DeadFiles; stopped: Promise<void> },
): Promise<void> => {
  let isStopping = false;
  void stopped.then(() => (isStopping = true));
  for (const bodyId of await store.list(boot)) {
    if (isStopping) return;
    const named = await engine.read((view) => view.get(bodyKeys.file(bodyId)));
    // It may have died this moment, while somebody reads it.
    if (named === undefined) await dead.bury([bodyId]);
  }
};

/** A body of that boot may have died since it was looked at, and written its mark anew. */
const endIfUnchanged = async (engine: Engine, { boot, mark }: { boot: string; mark: string }): Promise<void> =>
  engine.transact(async (tx) => {
    const key = catalog.unfinishedBoot(boot);
    if ((await tx.get(key)) === mark) tx.delete(key);
  });
