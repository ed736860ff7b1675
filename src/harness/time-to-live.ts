/**
 * Deletes worlds that nobody uses any more. One timer for all of them: worlds stand in the slot of the second in which they would
 * be due if nobody used them meanwhile, and only then is it looked whether somebody did.
 */
import type { Clock } from "../platform/platform.ts";
import type { World } from "../state/world.ts";

const SLOT_MS = 1_000;
/** The longest that the timer waits: Node's cannot wait for more than 24 days. */
const WAIT_MS_MAX = 3_600_000;

export type TimeToLive = {
  /** Looks after a world from now on, or differently, if its time to live was changed. */
  watch(world: World): void;
  forget(world: World): void;
  /** Ends the worlds that are due; resolves when they are gone. The timer calls it, and so may who has another clock. */
  sweep(): Promise<void>;
  /** Ends nothing from now on; resolves when what is being ended is gone. */
  close(): Promise<void>;
};

type Options = {
  /** The real clock. */
  readonly clock: Clock;
  readonly expire: (world: World) => Promise<void>;
  readonly onError: (error: unknown) => void;
};

export const createTimeToLive = ({ clock, expire, onError }: Options): TimeToLive => {
  const slots = new Map<number, Set<World>>();
  const slotOf = new Map<World, number>();
  let timer: { readonly slot: number; readonly handle: NodeJS.Timeout } | undefined;
  let sweeping: Promise<void> = Promise.resolve();
  let closed = false;

  const wait = (): void => {
    const slot = Math.min(...slots.keys());
    if (timer?.slot === slot) return;
    clearTimeout(timer?.handle);
    timer = undefined;
    if (closed || slots.size === 0) return;
    const waitMs = Math.min(Math.max(slot * SLOT_MS - clock.now(), 0), WAIT_MS_MAX);
    const handle = setTimeout(() => {
      timer = undefined;
      sweeping = sweep().catch(onError);
    }, waitMs);
    timer = { slot, handle: handle.unref() };
  };

  const forget = (world: World): void => {
    const slot = slotOf.get(world);
    if (slot === undefined) return;
    slotOf.delete(world);
    const worlds = slots.get(slot);
    worlds?.delete(world);
    if (worlds?.size === 0) slots.delete(slot);
  };

  const place = (world: World, dueMs: number): void => {
    const slot = Math.ceil(dueMs / SLOT_MS);
    slotOf.set(world, slot);
    const worlds = slots.get(slot) ?? new Set();
    slots.set(slot, worlds.add(world));
  };

  /** Undefined for a world that lives on whatever happens. */
  const dueMsOf = ({ record, activity }: World, nowMs: number): number | undefined => {
    if (record.timeToLiveMs === undefined) return undefined;
    // With requests under way its time has not begun.
    return (activity.requests > 0 ? nowMs : activity.lastMs) + record.timeToLiveMs;
  };

  const watch = (world: World): void => {
    forget(world);
    const dueMs = dueMsOf(world, clock.now());
    if (dueMs !== undefined) place(world, dueMs);
    wait();
  };

  const sweep = async (): Promise<void> => {
    const nowMs = clock.now();
    const reached = [...slots].filter(([slot]) => slot * SLOT_MS <= nowMs).flatMap(([, worlds]) => [...worlds]);
    const ending: Promise<void>[] = [];
    for (const world of reached) {
      forget(world);
      const dueMs = dueMsOf(world, nowMs);
      if (dueMs === undefined) continue;
      // It refuses all requests from this very moment: none can begin in between.
      if (dueMs <= nowMs) ending.push(expire(world));
      else place(world, dueMs);
    }
    wait();
    await Promise.all(ending);
  };

  return {
    watch,
    forget: (world) => {
      forget(world);
      wait();
    },
    sweep,
    close: () => {
      closed = true;
      clearTimeout(timer?.handle);
      return sweeping;
    },
  };
};
