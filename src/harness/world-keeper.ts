/** The worlds of a running server: made, changed and deleted together with the ports they listen on, and not kept for longer than asked. */
import type { Platform } from "../platform/platform.ts";
import { WorldExistsError, WorldGoneError } from "../state/errors.ts";
import type { WorldLife } from "../state/model.ts";
import { DEFAULT_WORLD, type State } from "../state/state.ts";
import type { SettingsChange, World } from "../state/world.ts";
import { updateWorld } from "../state/world-settings.ts";
import type { DueRunner } from "./due-runner.ts";
import { endFeed } from "./event-feed.ts";
import { createTimeToLive } from "./time-to-live.ts";
import { createWorldPorts, type OpenPort, type PortOpener, type PortRange } from "./world-ports.ts";

/** Where a world answers; `problem` says why it does not, and is empty where it does. */
export type WorldEndpoint = { readonly url: string; readonly port: number; readonly problem: string };

export type WantedWorld = {
  /** Absent: one is made up. */
  readonly name?: string | undefined;
  /** Absent: it begins empty. */
  readonly from?: { readonly world: World; readonly snapshot?: string | undefined } | undefined;
  /** 0: a free one. */
  readonly port: number;
  readonly ephemeral: boolean;
  readonly timeToLiveMs?: number | undefined;
  readonly settings: SettingsChange;
  /** 64 hex digits. */
  readonly seed?: string | undefined;
};

export type ChangedWorld = {
  readonly settings: SettingsChange;
  readonly life: { readonly [Name in keyof WorldLife]?: WorldLife[Name] | undefined };
  readonly seed?: string | undefined;
  /** 0: a free one. Absent: it stays. */
  readonly port?: number | undefined;
};

export type WorldKeeper = {
  /**
   * Makes a world and listens for it. Throws `WorldExistsError`, `SnapshotNotFoundError`, `NamespaceConflictError`,
   * `TooManyError`, `PortUnavailableError`, `NoFreePortError`; nothing is left of it then.
   */
  create(wanted: WantedWorld): Promise<World>;
  /** Throws as `create` does, with nothing changed. */
  update(world: World, change: ChangedWorld): Promise<void>;
  /** Deletes a world, not the default one. Its port is free again; requests under way on it may end. Throws `WorldGoneError`. */
  remove(world: World): Promise<void>;
  endpointOf(world: World): WorldEndpoint;
  /**
   * Listens again for all worlds that were there at the start, and goes on with their work. Ports that are taken are no failure.
   */
  reopen(): Promise<void>;
  /** Deletes the worlds whose time is over; a timer does so by itself. */
  sweep(): Promise<void>;
  /** Stops deleting worlds. The ports are their listener's to close. */
  close(): Promise<void>;
};

export type WorldKeeperOptions = {
  readonly state: State;
  readonly platform: Platform;
  readonly openPort: PortOpener;
  /** The default world's. */
  readonly mainPort: number;
  /** Where free ports come from; absent: any. */
  readonly range?: PortRange | undefined;
  readonly urlOf: (port: number) => string;
  /** Does each world's work when it falls due, as long as the world is there. */
  readonly dueRunner: Pick<DueRunner, "watch" | "forget">;
};

const NAME_BYTES = 4;
/** Names tried for a world without one. */
const NAMES_DRAWN_MAX = 8;

export const createWorldKeeper = (options: WorldKeeperOptions): WorldKeeper => {
  const { state, platform, openPort, mainPort, range, urlOf, dueRunner } = options;
  const { clock, random, logger } = platform;
  const problems = new WeakMap<World, string>();
  const ports = createWorldPorts({
    openPort,
    range,
    onCloseError: (error) => logger.error("a world's port could not be closed", { error }),
  });

  const remove = async (world: World): Promise<void> => {
    await state.deleteWorld(world);
    dueRunner.forget(world);
    timeToLive.forget(world);
    endFeed(world);
    ports.take(world);
  };
  const timeToLive = createTimeToLive({
    clock,
    expire: async (world) => {
      await remove(world).catch((error: unknown) => {
        if (!(error instanceof WorldGoneError)) throw error;
      });
      logger.info("a world that nobody used is deleted", { world: world.name });
    },
    onError: (error) => logger.error("worlds that nobody uses could not be deleted", { error }),
  });

  const freeName = (): string => {
    for (let draw = 0; draw < NAMES_DRAWN_MAX; draw += 1) {
      const name = `world-${random.bytes(NAME_BYTES).toString("hex")}`;
      if (state.world(name) === undefined) return name;
    }
    throw new Error(`no free name of a world in ${NAMES_DRAWN_MAX} draws`);
  };

  /** Opens a port for what `use` does; closes it again where that fails. */
  const withPort = async <T>(
    wanted: { port: number; world: string },
    use: (port: OpenPort) => Promise<T>,
  ): Promise<T> => {
    const port = await ports.open(wanted);
    try {
      return await use(port);
    } catch (error) {
      await port.close();
      throw error;
    }
  };

  const make = (wanted: WantedWorld, { name, port }: { name: string; port: number }): Promise<World> => {
    const { from, settings, seed, ephemeral, timeToLiveMs } = wanted;
    const life: WorldLife = {
      createdAtMs: clock.now(),
      port,
      ...(ephemeral ? { ephemeral } : undefined),
      ...(timeToLiveMs === undefined ? undefined : { timeToLiveMs }),
    };
    const made = { name, settings, life, ...(seed === undefined ? undefined : { seed }) };
    if (from === undefined) return state.createWorld(made);
    const { world: fromWorld, snapshot: fromSnapshot } = from;
    return state.fork({ ...made, fromWorld, ...(fromSnapshot === undefined ? undefined : { fromSnapshot }) });
  };

  /** It is the world's from now on, whose time begins. */
  const settle = (world: World, port: OpenPort): void => {
    problems.delete(world);
    ports.give(world, port);
    world.activity.touch(clock.now());
    timeToLive.watch(world);
  };

  const reopenOne = async (world: World): Promise<void> => {
    const { port = 0 } = world.record;
    try {
      const opened = await ports.open({ port, world: world.name });
      if (opened.port !== port) await updateWorld(world, { life: { port: opened.port } });
      settle(world, opened);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      logger.warn("a world is kept without its port", { world: world.name, problem });
      problems.set(world, problem);
      world.activity.touch(clock.now());
      timeToLive.watch(world);
    }
  };

  return {
    create: async (wanted) => {
      const { name = freeName(), port } = wanted;
      if (state.world(name) !== undefined) throw new WorldExistsError(name);
      return withPort({ port, world: name }, async (opened) => {
        const world = await make(wanted, { name, port: opened.port });
        settle(world, opened);
        dueRunner.watch(world);
        return world;
      });
    },
    update: async (world, { settings, life, seed, port }) => {
      const stays = port === undefined || (port !== 0 && port === ports.portOf(world));
      if (stays) await updateWorld(world, { settings, life });
      else {
        await withPort({ port, world: world.name }, async (opened) => {
          await updateWorld(world, { settings, life: { ...life, port: opened.port } });
          settle(world, opened);
        });
      }
      if (seed !== undefined) await world.reseed(seed);
      timeToLive.watch(world);
    },
    remove,
    endpointOf: (world) => {
      const port = world.name === DEFAULT_WORLD ? mainPort : ports.portOf(world);
      if (port !== undefined) return { url: urlOf(port), port, problem: "" };
      return { url: "", port: world.record.port ?? 0, problem: problems.get(world) ?? "it has no port" };
    },
    reopen: async () => {
      const others = state.worlds().filter(({ name }) => name !== DEFAULT_WORLD);
      await Promise.all(others.map(reopenOne));
      for (const world of state.worlds()) dueRunner.watch(world);
    },
    sweep: () => timeToLive.sweep(),
    close: () => timeToLive.close(),
  };
};
