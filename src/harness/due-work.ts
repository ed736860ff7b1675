/**
 * Work that falls due as a world's time goes by. Who has such work registers it; advancing the clock runs what falls due, in the
 * order in which it does.
 */
import type { World } from "../state/world.ts";
import { afterAnswers } from "./after-answers.ts";

/** One thing that was done because its time had come. */
export type DoneWork = {
  /** What kind of work: `lifecycle`. */
  readonly kind: string;
  /** World time at which it fell due, in milliseconds since 1970. */
  readonly dueAtMs: number;
  /** What was done, in words: `expired s3://photos/a.jpg`. */
  readonly what: string;
};

export type DueWork = {
  /** When the next of it falls due, in world time; undefined while nothing waits. */
  next(): Promise<number | undefined>;
  /**
   * Does what falls due up to `dueAtMs`, as if it were that time, and answers what it did. Afterwards `next` must answer a later time,
   * or the same one only while more is left of it.
   */
  run(dueAtMs: number): Promise<readonly DoneWork[]>;
};

/** Times that work is run in one advance at most: a registrant that never ends must not hold the server up for ever. */
export const DUE_RUNS_MAX = 10_000;

/** More fell due than is run at once; what was run stays done. */
export class TooMuchDueError extends Error {
  constructor() {
    super(`more than ${DUE_RUNS_MAX} pieces of work fell due; advance by less, or once more by nothing`);
  }
}

const registered = new WeakMap<World, Set<DueWork>>();

/** Has `work` run whenever its time comes. Of what falls due at one instant, what was registered first runs first. Answers what takes it back. */
export const registerDueWork = (world: World, work: DueWork): (() => void) => {
  const works = registered.get(world) ?? new Set();
  registered.set(world, works.add(work));
  return () => void works.delete(work);
};

const underWay = new WeakMap<World, Promise<unknown>>();

/** Runs all that falls due up to `untilMs` of world time, in order; one call after another. Throws `TooMuchDueError`. */
export const runDueWork = (world: World, { untilMs }: { readonly untilMs: number }): Promise<DoneWork[]> => {
  // Two at once would do the same piece twice.
  const before = underWay.get(world) ?? Promise.resolve();
  const work = before.then(() => afterAnswers(world)).then(() => runAll(world, untilMs));
  underWay.set(
    world,
    work.catch(() => undefined),
  );
  return work;
};

const runAll = async (world: World, untilMs: number): Promise<DoneWork[]> => {
  const done: DoneWork[] = [];
  for (let runs = 0; runs < DUE_RUNS_MAX; runs += 1) {
    const first = await firstDue(world, untilMs);
    if (first === undefined) return done;
    done.push(...(await first.work.run(first.dueAtMs)));
  }
  throw new TooMuchDueError();
};

const firstDue = async (
  world: World,
  untilMs: number,
): Promise<{ readonly work: DueWork; readonly dueAtMs: number } | undefined> => {
  let first: { work: DueWork; dueAtMs: number } | undefined;
  for (const work of registered.get(world) ?? []) {
    const dueAtMs = await work.next();
    if (dueAtMs === undefined || dueAtMs > untilMs) continue;
    if (first === undefined || dueAtMs < first.dueAtMs) first = { work, dueAtMs };
  }
  return first;
};
