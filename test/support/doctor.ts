/** The doctor, for tests: what is wrong with the store in a folder. */
import { join } from "node:path";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import type { Engine } from "../../src/engine/port.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { createHasherByName, loadAllHashers } from "../../src/protocol/checksums/hasher.ts";
import { examineStore, repairStore, type DoctorOptions, type Report } from "../../src/state/doctor/doctor.ts";

export type Store = { readonly engine: Engine; readonly dir: string };

const PLATFORM = {
  clock: { now: () => 0 },
  random: { bytes: (size: number) => Buffer.alloc(size) },
  logger: silentLogger,
};

/** Runs `use` on the database in `dir`, which no server has open. */
export const withStore = async <T>(dir: string, use: (store: Store) => Promise<T>): Promise<T> => {
  const engine = await openLevelEngine({ location: join(dir, "db"), durability: "process", logger: silentLogger });
  try {
    return await use({ engine, dir });
  } finally {
    await engine.close();
  }
};

/** With `contents`, the bytes of bodies are held against their checksums, which not every test's objects have. */
const optionsFor = ({ engine, dir }: Store, { contents }: { contents: boolean }): DoctorOptions => ({
  engine,
  bodiesDir: join(dir, "bodies"),
  platform: PLATFORM,
  createHasher: contents ? createHasherByName : () => undefined,
});

export const diagnose = async (store: Store, { contents = false } = {}): Promise<Report[]> => {
  await loadAllHashers();
  const found: Report[] = [];
  for await (const report of examineStore(optionsFor(store, { contents }))) found.push(report);
  return found;
};

export const heal = async (store: Store): Promise<{ repaired: Report[]; left: Report[] }> => {
  const reports: Report[] = [];
  for await (const report of repairStore(optionsFor(store, { contents: false }))) reports.push(report);
  return {
    repaired: reports.filter(({ repaired }) => repaired),
    left: reports.filter(({ repaired }) => !repaired),
  };
};
