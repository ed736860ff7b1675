/** What the changes of a world's clock make of real time. */
import type { ClockRun } from "./model.ts";
import type { WorldRecord } from "./records.ts";

/**
 * Changes of a clock that are kept. A fork copies them, so the record stays small; what came before them is read as if the
 * clock had been the real one.
 */
export const CLOCK_RUNS_MAX = 100;

/** What a clock shows that has been in `run` since it began, when the real one shows `realMs`. */
export const timeInRun = ({ realMs: sinceMs, worldMs, frozen }: ClockRun, realMs: number): number =>
  frozen === true ? worldMs : worldMs + realMs - sinceMs;

const runAt = (runs: readonly ClockRun[], realMs: number): ClockRun | undefined =>
  runs.findLast((run) => run.realMs <= realMs);

/** What a world's clock showed, or will show as it goes now, when the real one shows `realMs`. */
export const worldTimeAt = (runs: readonly ClockRun[], realMs: number): number => {
  const run = runAt(runs, realMs);
  return run === undefined ? realMs : timeInRun(run, realMs);
};

/** The record with `run` in force from now on. The run that a fork began with stays, however many follow. */
export const withClockRun = (record: WorldRecord, run: ClockRun): WorldRecord => {
  const runs = record.clock ?? [];
  // Of two changes at once the one that commits last holds.
  const realMs = Math.max(run.realMs, runs.at(-1)?.realMs ?? run.realMs);
  const clock = [...runs, { ...run, realMs }];
  if (clock.length <= CLOCK_RUNS_MAX) return { ...record, clock };
  const first = runAt(clock, record.createdAtMs ?? Number.NEGATIVE_INFINITY);
  const latest = clock.slice(clock.length - CLOCK_RUNS_MAX);
  const kept = first === undefined || latest.includes(first) ? latest : [first, ...latest.slice(1)];
  return { ...record, clock: kept };
};

/** The record with its clock as it was when the world was made: the real one, or what a fork copied. */
export const withFirstClock = ({ clock = [], ...record }: WorldRecord): WorldRecord => {
  const { createdAtMs } = record;
  const first = createdAtMs === undefined ? [] : clock.filter((run) => run.realMs <= createdAtMs);
  return first.length === 0 ? record : { ...record, clock: first };
};
