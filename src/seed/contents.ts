/** What a server begins with, and what it leaves behind: archives and a seed directory, before its first request and after its last. */
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../config-values.ts";
import { worldClock } from "../harness/world-clock.ts";
import type { Platform } from "../platform/platform.ts";
import { exportState } from "../state/archive/export.ts";
import { ArchiveError, type Compression } from "../state/archive/format.ts";
import { importState } from "../state/archive/import.ts";
import { listAccounts } from "../state/accounts.ts";
import { DEFAULT_WORLD, type State } from "../state/state.ts";
import type { World } from "../state/world.ts";
import { readSeedDirectory } from "./directory.ts";
import { seedArchive } from "./seed-archive.ts";

/** How a file of that name is compressed. */
export const compressionOf = (file: string): Compression => (/\.(gz|tgz)$/i.test(file) ? "gzip" : "zstd");

type ContentsConfig = {
  readonly importFile?: string;
  readonly seedDir?: string;
  readonly seedForce: boolean;
  readonly exportOnExit?: string;
};

/** Fills the default world as the configuration says; answers what is to be done once the last request is served. */
export const openContents = async (
  { importFile: archive, seedDir, seedForce, exportOnExit }: ContentsConfig,
  { state, platform }: { readonly state: State; readonly platform: Platform },
): Promise<() => Promise<void>> => {
  const world = state.world(DEFAULT_WORLD);
  if (world === undefined) throw new Error("there is no default world");
  if (archive !== undefined) await importFile(world, archive);
  const nowMs = worldClock(world, platform).nowMs();
  if (seedDir !== undefined) await seedWorld(world, { folder: seedDir, force: seedForce, nowMs });
  return async () => {
    if (exportOnExit !== undefined) await exportFile(world, exportOnExit);
  };
};

/** Throws `UsageError` for a file that is no archive or a damaged one. */
const importFile = async (world: World, file: string): Promise<void> => {
  // What cannot be opened is said before anything begins.
  await (await open(file)).close();
  try {
    await importState(world, { source: createReadStream(file) });
  } catch (error) {
    throw error instanceof ArchiveError ? new UsageError(`${file}: ${error.message}`, { cause: error }) : error;
  }
};

/**
 * Seeds a world from a directory: its accounts hold what their folders do, and nothing else. Throws `UsageError` for a directory
 * that is no seed, and without `force` for a world that holds something.
 */
const seedWorld = async (
  world: World,
  { folder, force, nowMs }: { readonly folder: string; readonly force: boolean; readonly nowMs: number },
): Promise<void> => {
  const accounts = await readSeedDirectory(folder, { nowMs });
  if (!force && (await holdsSomething(world)))
    throw new UsageError(
      `${folder}: the world holds buckets already; --seed-force replaces those of the seed's accounts`,
    );
  await importState(world, { source: seedArchive(accounts, { nowMs }) });
};

const ACCOUNTS_PAGE = 16;

const holdsSomething = async (world: World): Promise<boolean> => {
  let after: string | undefined;
  for (;;) {
    const from = after === undefined ? {} : { after };
    const page = await world.read((view) => listAccounts(view, { ...from, limit: ACCOUNTS_PAGE }));
    if (page.some(({ buckets }) => buckets > 0)) return true;
    after = page.at(-1)?.accountId;
    if (page.length === 0) return false;
  }
};

/** Writes an archive of the world; a file that is there is replaced once the new one is whole. */
const exportFile = async (world: World, file: string): Promise<void> => {
  const unfinished = `${file}.unfinished`;
  try {
    await pipeline(exportState(world, { compression: compressionOf(file) }), createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
};
