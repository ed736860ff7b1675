/** A state over a LevelDB of its own in a throw-away folder, for tests of `state/`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLevelEngine, type LevelEngineOptions } from "../../src/engine/level/level-engine.ts";
import type { Engine } from "../../src/engine/port.ts";
import type { Files } from "../../src/platform/files.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { openState, type State } from "../../src/state/state.ts";
import { runTwice } from "./run-twice-engine.ts";

export type OpenState = {
  readonly state: State;
  /** What is beneath the state, to look at what it stored. */
  readonly engine: Engine;
  close(): Promise<void>;
  /** Closes the database alone, as far as the store can tell a kill of the process. */
  crash(): Promise<void>;
};

type Options = {
  /** What stands between the state and its database. Every transaction runs twice unless told otherwise. */
  readonly wrap?: (engine: Engine) => Engine;
  readonly files?: Files;
  /** Opens the database itself; see planned-disk.ts. */
  readonly openDisk?: LevelEngineOptions["openDisk"];
  /** Where deep stacks begin, and how long flattening waits for views. */
  readonly layering?: { readonly stackLayersMax: number; readonly viewsEndedMs: number };
};

/** Opens the state that is kept in `dir`. */
export const openStateIn = async (
  dir: string,
  { wrap = runTwice, files, layering, openDisk }: Options = {},
): Promise<OpenState> => {
  const engine = await openLevelEngine({
    location: join(dir, "db"),
    durability: "process",
    logger: silentLogger,
    ...(openDisk && { openDisk }),
  });
  const opening = openState({
    engine: wrap(engine),
    bodiesDir: join(dir, "bodies"),
    durability: "process",
    seed: 1,
    platform: {
      clock: { now: () => 0 },
      random: { bytes: (size) => Buffer.alloc(size) },
      logger: silentLogger,
    },
    ...(files && { files }),
    ...(layering && { layering }),
  });
  opening.catch(() => engine.close());
  const state = await opening;
  return {
    state,
    engine,
    close: async () => {
      await state.close();
      await engine.close();
    },
    crash: () => engine.close(),
  };
};

/** Runs `use` with a throw-away folder. */
export const withFolder = async (use: (dir: string) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), "standin-state-test-"));
  try {
    await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/** Every transaction runs twice, so that one which does something beside its transaction is found out. */
export const withState = async (
  use: (state: State, dir: string, engine: Engine) => Promise<void>,
  options: Options = {},
): Promise<void> =>
  withFolder(async (dir) => {
    const opened = await openStateIn(dir, options);
    try {
      await use(opened.state, dir, opened.engine);
    } finally {
      await opened.close();
    }
  });
