/** Freezes, sets, advances and resumes a world's clock. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Platform } from "../platform/platform.ts";
import { withClockRun } from "../state/clock-runs.ts";
import type { ClockRun } from "../state/model.ts";
import type { World } from "../state/world.ts";
import { readClock, readingOf, type ClockReading } from "./world-clock.ts";

/** What a world can be set to, in milliseconds since 1970. A year has four digits in AWS's answers, so some is left to run on. */
const WORLD_TIME_MS_MIN = 0;
const WORLD_TIME_MS_MAX = Date.UTC(9998, 11, 31);

/** A world's clock shall go where no form of a time reaches. */
export class WorldTimeError extends Error {
  /** What goes on after the name of what was asked for. */
  readonly reason = "must leave the clock within the years 1970 to 9998";
  constructor(timeMs: number) {
    super(`a world's clock cannot show ${timeMs} ms since 1970`);
  }
}

/** What a clock shall show from now on, if it shows `reading` now. */
export type ClockMove = (reading: ClockReading) => { readonly worldMs: number; readonly frozen: boolean };

/** Stands still at `atMs`, or where it is. */
export const freeze =
  (atMs: number | undefined): ClockMove =>
  ({ nowMs }) => ({ worldMs: atMs ?? nowMs, frozen: true });

/** Shows `atMs`, and stands still or runs on as before. */
export const set =
  (atMs: number): ClockMove =>
  ({ frozen }) => ({ worldMs: atMs, frozen });

/** Shows a time that is `byMs` later, and stands still or runs on as before. */
export const advance =
  (byMs: number): ClockMove =>
  ({ nowMs, frozen }) => ({ worldMs: nowMs + byMs, frozen });

/** Runs on from where it is. */
export const resume: ClockMove = ({ nowMs }) => ({ worldMs: nowMs, frozen: false });

/** Goes with the real clock again. */
export const resumeRealTime: ClockMove = ({ realNowMs }) => ({ worldMs: realNowMs, frozen: false });

export type MoveOptions = {
  readonly platform: Pick<Platform, "clock">;
  /** Do not wait: what is signed in the same second of real time may be taken for signed before the clock was moved, or after. */
  readonly atOnce: boolean;
};

const SECOND_MS = 1_000;
/** Timers may fire a little early. */
const TIMER_MS = 2;

/**
 * Moves the clock of `world` and answers what it shows then. Signing times are whole seconds, so a jump waits for the next
 * second of real time: what was signed before it and what is signed after can then be told apart.
 * Throws `WorldTimeError`, with nothing changed, for a time out of range.
 */
export const moveClock = async (
  world: World,
  move: ClockMove,
  { platform, atOnce }: MoveOptions,
): Promise<ClockReading> => {
  const before = readClock(world, platform);
  const passedMs = before.realNowMs % SECOND_MS;
  if (!atOnce && passedMs > 0 && world.settings.clientClock !== "world" && jumps(before, move)) {
    await sleep(SECOND_MS - passedMs + TIMER_MS);
  }
  const realNowMs = platform.clock.now();
  await world.updateRecord((record) => {
    const reading = readingOf(record.clock ?? [], realNowMs);
    return withClockRun(record, runOf(checked(move(reading)), realNowMs));
  });
  return readClock(world, platform);
};

/** It begins with its second, since the times that are looked up in it are whole ones. */
const runOf = ({ worldMs, frozen }: ReturnType<ClockMove>, realNowMs: number): ClockRun => {
  const passedMs = realNowMs % SECOND_MS;
  const realMs = realNowMs - passedMs;
  return frozen ? { realMs, worldMs, frozen } : { realMs, worldMs: worldMs - passedMs };
};

const checked = (moved: ReturnType<ClockMove>): ReturnType<ClockMove> => {
  const { worldMs } = moved;
  if (worldMs < WORLD_TIME_MS_MIN || worldMs > WORLD_TIME_MS_MAX) throw new WorldTimeError(worldMs);
  return moved;
};

/** True if somebody who looks at the clock sees it go otherwise than by itself. */
const jumps = (before: ClockReading, move: ClockMove): boolean =>
  Math.abs(checked(move(before)).worldMs - before.nowMs) >= SECOND_MS;
