/** The state of a server: its worlds and their bodies, over one engine. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { Engine } from "../engine/port.ts";
import { systemFiles, type Files } from "../platform/files.ts";
import type { Platform } from "../platform/platform.ts";
import { createBodies, type Bodies } from "./bodies/bodies.ts";
import { beginBoot, endBoots, removeOrphans } from "./bodies/recover.ts";
import { createBodyStore } from "./bodies/store.ts";
import type { CreateHasher } from "./doctor/body-use.ts";
import type { RunningOptions } from "./doctor/check-running.ts";
import type { Finding } from "./doctor/finding.ts";
import { openInternalIds } from "./internal-ids.ts";
import { catalog } from "./keys.ts";
import { LayerStacks } from "./layer-stacks.ts";
import type { Collected } from "./layers/collect.ts";
import { createLayerKeeper } from "./layers/layer-keeper.ts";
import type { WorldSettings } from "./model.ts";
import { forgetPins } from "./pinned-snapshot.ts";
import { RECORD_FORMAT } from "./records.ts";
import { readFormat } from "./store-format.ts";
import { mergeSettings, World, type WorldHost } from "./world.ts";
import {
  createWorld,
  DEFAULT_WORLD,
  deleteEphemeral,
  deleteWorld,
  forkWorld,
  loadWorlds,
  renewWorlds,
  type NewWorld,
} from "./worlds.ts";

export { DEFAULT_WORLD } from "./worlds.ts";

export type State = {
  readonly bodies: Bodies;
  /** Where bodies and database are kept. */
  readonly dataDir: string;
  /** Undefined when there is no such world. */
  world(name: string): World | undefined;
  /** All of them, in no order. */
  worlds(): readonly World[];
  /** Makes an empty world with the settings that the server was started with. Throws `WorldExistsError`, `TooManyError`. */
  createWorld(options: NewWorld): Promise<World>;
  /** Makes a world that starts as `fromWorld` is, or as one of its snapshots was. Throws what `forkWorld` throws. */
  fork(options: NewWorld & { fromWorld: World; fromSnapshot?: string }): Promise<World>;
  /** Deletes a world, not the default one, with its snapshots. Throws `WorldGoneError` if it is being deleted already. */
  deleteWorld(world: World): Promise<void>;
  /**
   * Takes away at once, and not in the background, every layer and body that nothing leads to, and files that a crash left; and
   * flattens deep stacks.
   */
  settle(): Promise<Collected>;
  /** Says what is wrong with the store, as it is at one instant; see doctor/check-running.ts. */
  check(createHasher: CreateHasher): AsyncIterable<Finding>;
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
  /** How deep a stack of layers may be before it is flattened, and how long views live; tests shorten both. */
  readonly layering?: { readonly stackLayersMax: number; readonly viewsEndedMs: number };
};

const SEED_BYTES = 32;
const randomSeed = ({ random }: Platform): string => random.bytes(SEED_BYTES).toString("hex");

export const openState = async (options: StateOptions): Promise<State> => {
  const { engine, bodiesDir, durability, platform, files = systemFiles } = options;
  await checkFormat(engine);
  const ids = await openInternalIds(engine);
  await beginBoot(engine, ids.bootId);
  const store = createBodyStore({ files, dir: bodiesDir, bootId: ids.bootId, durability });
  const bodies = createBodies({ store, newId: () => ids.next(), logger: platform.logger });
  const keeper = createLayerKeeper(() => host, { logger: platform.logger, ...options.layering });
  const host: WorldHost = {
    engine,
    bodies,
    layerStacks: new LayerStacks((top, depth) => keeper.resolved(top, depth)),
    newId: () => ids.next(),
    layersAbandoned: () => keeper.abandoned(),
    forgetStacks: () => {
      for (const world of worlds.values()) world.cache.dropStacks();
    },
  };
  // What a commit wrote that had failed may be there after all.
  engine.onSettled?.(async () => {
    host.layerStacks.forget();
    for (const world of worlds.values()) world.cache.dropAll();
    await renewWorlds(worlds, host);
    keeper.abandoned();
  });
  const defaults: WorldSettings = { ...INITIAL_SETTINGS, ...options.settings };
  const worlds = await loadWorlds(host);
  await deleteEphemeral(worlds);
  await prepareDefaultWorld(worlds, { ...options, host, defaults });
  await renewOverrides(worlds, options.settings?.accountOverride);

  // What an earlier run left behind.
  await forgetPins(engine);
  keeper.abandoned();
  const stopping = Promise.withResolvers<void>();
  const { dead } = bodies;
  const recovery = removeOrphans(engine, { store, dead, bootId: ids.bootId, stopped: stopping.promise }).catch(
    (error: unknown) => {
      platform.logger.error("looking for files that a crash left behind failed", { error });
    },
  );

  return {
    bodies,
    dataDir: dirname(bodiesDir),
    world: (name) => worlds.get(name),
    worlds: () => [...worlds.values()],
    createWorld: (wanted) =>
      createWorld(worlds, { ...wanted, host, defaults, seed: wanted.seed ?? randomSeed(platform) }),
    fork: ({ fromWorld, ...wanted }) => forkWorld(worlds, { ...wanted, from: fromWorld }),
    deleteWorld: (world) => deleteWorld(worlds, world),
    settle: async () => {
      await recovery;
      return await keeper.settle();
    },
    check: (createHasher) => check({ host, keeper, files, bodiesDir, bootId: ids.bootId, createHasher }),
    close: async () => {
      stopping.resolve();
      await keeper.close();
      const notLookedAt = await recovery;
      await dead.settle();
      if (dead.mayBeLeft) return;
      const others = notLookedAt === undefined ? [] : [...dead.boots].filter((bootId) => !notLookedAt.has(bootId));
      await endBoots(engine, [ids.bootId, ...others]);
    },
  };
};

/** Few servers are ever asked for it: it is loaded with the first question. */
async function* check(options: RunningOptions): AsyncGenerator<Finding> {
  const { checkRunning } = await import("./doctor/check-running.ts");
  yield* checkRunning(options);
}

/** Refuses a store that a newer program wrote, and one that is not ours; marks an empty one as ours. */
const checkFormat = async (engine: Engine): Promise<void> => {
  await engine.transact(async (tx) => {
    if ((await readFormat(tx)) === "empty") tx.put(catalog.format, String(RECORD_FORMAT));
  });
};

/** A seed as `--seed` takes it, spread over 32 bytes. */
export const seedFromNumber = (seed: number): string =>
  createHash("sha256").update(`standin-seed:${seed}`).digest("hex");

const prepareDefaultWorld = async (
  worlds: Map<string, World>,
  options: StateOptions & { host: WorldHost; defaults: WorldSettings },
): Promise<void> => {
  const { host, platform, settings = {}, defaults, seed } = options;
  const known = worlds.get(DEFAULT_WORLD);
  if (known !== undefined) {
    await known.updateRecord((record) => ({
      ...record,
      settings: mergeSettings(record.settings, settings),
      ...(seed === undefined ? {} : { seed: seedFromNumber(seed) }),
    }));
    worlds.set(DEFAULT_WORLD, new World({ name: DEFAULT_WORLD, host, record: known.record }));
    return;
  }
  await createWorld(worlds, {
    name: DEFAULT_WORLD,
    host,
    defaults,
    seed: seed === undefined ? randomSeed(platform) : seedFromNumber(seed),
  });
};

/** An override lives as long as the process that it was given to, like the variable it stands for. */
const renewOverrides = async (
  worlds: ReadonlyMap<string, World>,
  accountOverride: string | undefined,
): Promise<void> => {
  const stale = [...worlds.values()].filter(({ settings }) => settings.accountOverride !== accountOverride);
  await Promise.all(stale.map((world) => world.updateSettings({ accountOverride })));
};
