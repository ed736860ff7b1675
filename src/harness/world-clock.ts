/** A world's clock: the real one, until it is frozen, set or advanced. It is kept in the world's record. */
import type { Platform } from "../platform/platform.ts";
import { timeInRun } from "../state/clock-runs.ts";
import type { ClockRun } from "../state/model.ts";
import type { World } from "../state/world.ts";

/** What both clocks show at one instant, in milliseconds since 1970. */
export type ClockReading = {
  /** The world's time. */
  readonly nowMs: number;
  readonly realNowMs: number;
  readonly frozen: boolean;
  /** True while the world's clock does not go with the real one. */
  readonly moved: boolean;
  /** How the world's clock was moved. */
  readonly runs: readonly ClockRun[];
};

export type WorldClock = {
  /** The world's time in milliseconds since 1970. In memory: fit for every request. */
  nowMs(): number;
  read(): ClockReading;
};

/** The clock of `world` over the real one of `platform`. */
export const worldClock = (world: World, platform: Pick<Platform, "clock">): WorldClock => {
  const read = (): ClockReading => readClock(world, platform);
  return { read, nowMs: () => read().nowMs };
};

/** Reads both clocks at once. */
export const readClock = (world: World, { clock }: Pick<Platform, "clock">): ClockReading =>
  readingOf(world.record.clock ?? NEVER_MOVED, clock.now());

const NEVER_MOVED: readonly ClockRun[] = [];

/** What clocks show when the real one shows `realNowMs`, and the world's was moved as `runs` say. */
export const readingOf = (runs: readonly ClockRun[], realNowMs: number): ClockReading => {
  const run = runs.at(-1);
  if (run === undefined) return { nowMs: realNowMs, realNowMs, frozen: false, moved: false, runs };
  const frozen = run.frozen === true;
  return { nowMs: timeInRun(run, realNowMs), realNowMs, frozen, moved: frozen || run.worldMs !== run.realMs, runs };
};
