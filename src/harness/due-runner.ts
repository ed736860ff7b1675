/**
 * Does the work of worlds when it falls due: by a timer while a world's clock runs on, and in one sweep when the clock is moved.
 * Work that was left over from before a restart is done when the server starts again.
 */
import type { Platform } from "../platform/platform.ts";
import { DUE_SLICE_MAX } from "../platform/limits.ts";
import type { Bodies } from "../state/bodies/bodies.ts";
import { firstDues, listDue, type Due } from "../state/due.ts";
import type { DueReader, FirstDue } from "../state/due-times.ts";
import { AccountChangedError, WorldGoneError } from "../state/errors.ts";
import { readHeads } from "../state/snapshots.ts";
import type { World } from "../state/world.ts";
import type { DueHandlers } from "./due-handler.ts";
import { registerDueWork, runDueWork, TooMuchDueError, type DoneWork } from "./due-work.ts";
import { readClock } from "./world-clock.ts";

export type DueRunner = {
  /** Does the world's work from now on, what is due already at once. */
  watch(world: World): void;
  /** Begins nothing more of the world's. */
  forget(world: World): void;
  /** Begins nothing more; resolves when what is under way has ended. */
  close(): Promise<void>;
};

type Options = {
  readonly platform: Platform;
  readonly bodies: Bodies;
  readonly handlers: DueHandlers;
};

/** The longest that a timer waits: Node's cannot wait for more than 24 days, and the system's clock may be set. */
const WAIT_MS_MAX = 3_600_000;
/** How long it takes until it is looked at what a reset, a restore or a fork left: many come one after another, and few leave work. */
const SOON_MS = 10;
/** How long work that failed waits, in real time: doubled with each failure. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 300_000;

/** Work that failed, by kind and account. */
type Held = { readonly failures: number; readonly untilRealMs: number };

export const createDueRunner = ({ platform, bodies, handlers }: Options): DueRunner => {
  const watched = new Map<World, { stop(): Promise<void> }>();
  return {
    watch: (world) => {
      if (!watched.has(world)) watched.set(world, watchWorld(world, { platform, bodies, handlers }));
    },
    forget: (world) => {
      void watched.get(world)?.stop();
      watched.delete(world);
    },
    close: async () => {
      await Promise.all([...watched.values()].map((watch) => watch.stop()));
      watched.clear();
    },
  };
};

const readerOf = (world: World): DueReader => ({
  accountIds: () => world.read(async (view) => (await readHeads(view)).keys()),
  firstDues: (accountIds) =>
    world.read(async (view) => {
      const found = [];
      for (const accountId of accountIds) found.push(await firstDues(view, accountId));
      return found;
    }),
});

const watchWorld = (world: World, { platform, bodies, handlers }: Options): { stop(): Promise<void> } => {
  const { clock, logger } = platform;
  const { dueTimes } = world.cache;
  const reader = readerOf(world);
  const held = new Map<string, Held>();
  /** The last of a full slice that was done. */
  const reached = new Map<string, Due>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  /** What the timer began. */
  let underWay: Promise<void> = Promise.resolve();
  let looking = false;
  let lookAgain = false;
  /** Whether the timer does not wait for what falls due, but was set by a change. */
  let isChanged = false;

  const isHeld = (due: FirstDue): boolean => (held.get(placeOf(due))?.untilRealMs ?? 0) > clock.now();
  const first = async (): Promise<FirstDue | undefined> =>
    stopped || world.isGone ? undefined : dueTimes.first(reader, (due) => !isHeld(due));

  const run = async (dueAtMs: number): Promise<readonly DoneWork[]> => {
    const due = await first();
    if (due === undefined || due.dueAtMs > dueAtMs) return [];
    try {
      return await runSlice(due);
    } catch (error) {
      forget(due);
      if (error instanceof WorldGoneError) return [];
      // A reset or a restore came in between: what is due is to be read anew.
      if (!(error instanceof AccountChangedError)) hold(due, error);
      return [];
    }
  };

  /** What is due of the account is to be read anew. */
  const forget = (due: FirstDue): void => {
    reached.delete(placeOf(due));
    dueTimes.forget([due.accountId]);
  };

  const hold = (due: FirstDue, error: unknown): void => {
    const { kind, accountId } = due;
    const failures = (held.get(placeOf(due))?.failures ?? 0) + 1;
    const waitMs = Math.min(RETRY_MS_MIN * 2 ** (failures - 1), RETRY_MS_MAX);
    held.set(placeOf(due), { failures, untilRealMs: clock.now() + waitMs });
    logger.error("work that fell due failed", { world: world.name, account: accountId, kind, waitMs, error });
  };

  /** A slice of what falls due at that instant. */
  const runSlice = async (due: FirstDue): Promise<readonly DoneWork[]> => {
    const { kind, accountId } = due;
    const listed = await listSlice(due);
    const dues = listed.filter(({ dueAtMs }) => dueAtMs === listed[0]?.dueAtMs);
    const last = dues.at(-1);
    if (last === undefined) {
      forget(due);
      return [];
    }
    const [{ id, document } = last] = dues;
    const draw = world.ids.drawFor(JSON.stringify([accountId, kind, last.dueAtMs, id, document]));
    dueTimes.takeForemost(due);
    const done = await handlers[kind]({ world, bodies, nowMs: last.dueAtMs, draw, platform }, accountId, dues);
    held.delete(placeOf(due));
    const foremost = dueTimes.takeForemost(due);
    if (dues.length < DUE_SLICE_MAX) forget(due);
    // What came to stand before the end of the slice is next.
    else if (foremost !== undefined && foremost <= last.id) reached.delete(placeOf(due));
    else reached.set(placeOf(due), last);
    return done;
  };

  /** After a full slice it goes on where that ended: what was done lies before it and would have to be stepped over. */
  const listSlice = async (due: FirstDue): Promise<readonly Due[]> => {
    const { kind, accountId, dueAtMs } = due;
    const after = reached.get(placeOf(due));
    return world.read(async (view) => {
      const slice = { kind, untilMs: dueAtMs, limit: DUE_SLICE_MAX };
      const rest = after === undefined ? [] : await listDue(view, accountId, { ...slice, after });
      return rest.length > 0 ? rest : listDue(view, accountId, slice);
    });
  };

  const sweep = async (): Promise<void> => {
    try {
      await runDueWork(world, { untilMs: readClock(world, platform).nowMs });
    } catch (error) {
      if (stopped || error instanceof WorldGoneError) return;
      // There is more of it: the timer comes again.
      if (!(error instanceof TooMuchDueError)) throw error;
    }
  };

  /** How long until there is something to do; undefined: until something changes. */
  const untilDue = async (): Promise<number | undefined> => {
    const due = await first();
    const waits: number[] = [];
    const { nowMs, frozen } = readClock(world, platform);
    if (due !== undefined && (!frozen || due.dueAtMs <= nowMs)) waits.push(Math.max(due.dueAtMs - nowMs, 0));
    for (const { untilRealMs } of held.values()) {
      const waitMs = untilRealMs - clock.now();
      if (waitMs > 0) waits.push(waitMs);
    }
    return waits.length === 0 ? undefined : Math.min(...waits, WAIT_MS_MAX);
  };

  const wait = (waitMs: number): void => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      isChanged = false;
      underWay = underWay.then(look);
    }, waitMs).unref();
  };

  /** Does what is due, and has the timer wait for the rest. */
  const look = async (): Promise<void> => {
    if (stopped) return;
    looking = true;
    lookAgain = false;
    try {
      await sweep();
      const waitMs = await untilDue();
      if (waitMs !== undefined) wait(waitMs);
    } catch (error) {
      if (stopped || world.isGone) return;
      // It is being deleted; should that fail, there is more to be done.
      if (!(error instanceof WorldGoneError))
        logger.error("it could not be found out what falls due", { world: world.name, error });
      wait(RETRY_MS_MIN);
    } finally {
      looking = false;
      if (lookAgain) wait(0);
    }
  };

  const changed = (when: "now" | "soon"): void => {
    // What is being looked at may have changed again: once it is over, it is looked at once more.
    if (looking) lookAgain = true;
    // Many changes one after another must not put it off for ever.
    else if (!isChanged) {
      isChanged = true;
      wait(when === "now" ? 0 : SOON_MS);
    }
  };

  const takeBack = registerDueWork(world, { next: async () => (await first())?.dueAtMs, run });
  dueTimes.listen(changed);
  wait(0);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      dueTimes.listen(undefined);
      takeBack();
      // An advance of the clock may be at it too.
      await underWay;
      await runDueWork(world, { untilMs: Number.NEGATIVE_INFINITY });
    },
  };
};

const placeOf = ({ kind, accountId }: FirstDue): string => `${kind}/${accountId}`;
