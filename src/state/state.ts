/** The state of a server: its worlds and their bodies, over one engine. */
import { createHash } from "node:crypto";
import type { Engine } from "../engine/port.ts";
import { systemFiles, type Files } from "../platform/files.ts";
import type { Platform } from "../platform/platform.ts";
import { createBodies, type Bodies } from "./bodies/bodies.ts";
import { beginBoot, endBoots, removeOrphans } from "./bodies/recover.ts";
import { createBodyStore } from "./bodies/store.ts";
import { StoreFormatError } from "./errors.ts";
import { openInternalIds } from "./internal-ids.ts";
import { catalog, prefixRange } from "./keys.ts";
import { LayerStacks } from "./layer-stacks.ts";
import type { WorldSettings } from "./model.ts";
import { RECORD_FORMAT } from "./records.ts";
import { mergeSettings, World, type WorldHost } from "./world.ts";
import { createWorld, DEFAULT_WORLD, forkWorld, loadWorlds } from "./worlds.ts";

export { DEFAULT_WORLD } from "./worlds.ts";

export type State = {
  readonly bodies: Bodies;
  /** Undefined when there is no such world. */
  world(name: string): World | undefined;
  /** Makes a world that starts as `fromWorld` is, or as one of its snapshots was. */
  fork(options: { name: string; fromWorld: World; fromSnapshot?: string }): Promise<World>;
  /** Ends what is under way in the background. The engine is its opener's to close. */
  close(): Promise<void>;
};

export const INITIAL_SETTINGS: WorldSettings = {
  authMode: "lenient",
  fallbackAccount: "123456789012",
  crossAccountAccess: true,
  accountHeader: false,
  newBuckets: "current",
  enforceRegion: false,
};

export type StateOptions = {
  readonly engine: Engine;
  /** The folder of bodies that are files. */
  readonly bodiesDir: string;
  readonly durability: "process" | "disk";
  readonly platform: Platform;
  /** Settings of the default world: those named here hold from this start on, whatever was kept from the last. */
  readonly settings?: Partial<WorldSettings>;
  /** Seed of the default world's ids; without one a new store takes a random one. */
  readonly seed?: number;
  readonly files?: Files;
};

const SEED_BYTES = 32;

export const openState = async (options: StateOptions): Promise<State> => {
  const { engine, bodiesDir, durability, platform, files = systemFiles } = options;
  await checkFormat(engine);
  const ids = await openInternalIds(engine);
  await beginBoot(engine, ids.bootId);
  const store = createBodyStore({ files, dir: bodiesDir, bootId: ids.bootId, durability });
  const bodies = createBodies({ store, newId: () => ids.next(), logger: platform.logger });
  const host: WorldHost = { engine, bodies, layerStacks: new LayerStacks(), newId: () => ids.next() };
  const worlds = await loadWorlds(host);
  await prepareDefaultWorld(worlds, { ...options, host });

  const stopping = Promise.withResolvers<void>();
  const { dead } = bodies;
  const recovery = removeOrphans(engine, { store, dead, bootId: ids.bootId, stopped: stopping.promise }).catch(
    (error: unknown) => {
      platform.logger.error("looking for files that a crash left behind failed", { error });
    },
  );

  return {
    bodies,
    world: (name) => worlds.get(name),
    fork: ({ name, fromWorld, fromSnapshot }) =>
      forkWorld(worlds, { name, from: fromWorld, ...(fromSnapshot === undefined ? {} : { fromSnapshot }) }),
    close: async () => {
      stopping.resolve();
      const notLookedAt = await recovery;
      await dead.settle();
      if (dead.mayBeLeft) return;
      const others = notLookedAt === undefined ? [] : [...dead.boots].filter((bootId) => !notLookedAt.has(bootId));
      await endBoots(engine, [ids.bootId, ...others]);
    },
  };
};

/** Refuses a store that a newer program wrote, and one that is not ours; marks an empty one as ours. */
const checkFormat = async (engine: Engine): Promise<void> => {
  await engine.transact(async (tx) => {
    const format = await tx.get(catalog.format);
    if (format === undefined) {
      const [any] = await tx.scan(prefixRange(""), { limit: 1 });
      if (any !== undefined) throw new StoreFormatError("the store is not empty and was not written by this program");
      tx.put(catalog.format, String(RECORD_FORMAT));
    } else if (!KNOWN_FORMAT.test(format) || Number(format) > RECORD_FORMAT) {
      const shown = JSON.stringify(format);
      throw new StoreFormatError(`the store has format ${shown}; this program knows formats up to ${RECORD_FORMAT}`);
    }
  });
};

const KNOWN_FORMAT = /^[1-9]\d*$/;

/** A seed as `--seed` takes it, spread over 32 bytes. */
export const seedFromNumber = (seed: number): string =>
  createHash("sha256").update(`standin-seed:${seed}`).digest("hex");

const prepareDefaultWorld = async (
  worlds: Map<string, World>,
  options: StateOptions & { host: WorldHost },
): Promise<void> => {
  const { host, platform, settings = {}, seed } = options;
  const known = worlds.get(DEFAULT_WORLD);
  if (known !== undefined) {
    await known.updateRecord((record) => ({
      ...record,
      // An override lives as long as the process that it was given to, like the variable it stands for.
      settings: mergeSettings(record.settings, { accountOverride: undefined, ...settings }),
      ...(seed === undefined ? {} : { seed: seedFromNumber(seed) }),
    }));
    worlds.set(DEFAULT_WORLD, new World({ name: DEFAULT_WORLD, host, record: known.record }));
    return;
  }
  await createWorld(worlds, {
    name: DEFAULT_WORLD,
    host,
    settings: { ...INITIAL_SETTINGS, ...settings },
    seed: seed === undefined ? platform.random.bytes(SEED_BYTES).toString("hex") : seedFromNumber(seed),
  });
};
