/** A state over a LevelDB of its own in a throw-away folder, for tests of `state/`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { openState, type State } from "../../src/state/state.ts";
import { runTwice } from "./run-twice-engine.ts";

/** Every transaction runs twice, so that one which does something beside its transaction is found out. */
export const withState = async (use: (state: State, dir: string) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), "standin-state-test-"));
  const engine = await openLevelEngine({ location: join(dir, "db"), durability: "process", logger: silentLogger });
  const state = await openState({
    engine: runTwice(engine),
    bodiesDir: join(dir, "bodies"),
    durability: "process",
    seed: 1,
    platform: {
      clock: { now: () => 0 },
      random: { bytes: (size) => Buffer.alloc(size) },
      logger: silentLogger,
    },
  });
  try {
    await use(state, dir);
  } finally {
    await state.close();
    await engine.close();
    await rm(dir, { recursive: true, force: true });
  }
};
