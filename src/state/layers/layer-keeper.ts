/** The work on layers that nobody waits for: collecting those that nothing leads to, and flattening deep stacks. One thing at a time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../platform/logger.ts";
import type { WorldHost } from "../world.ts";
import { collectLayers, type Collected } from "./collect.ts";
import { flattenStack } from "./flatten.ts";
import type { Pace } from "./layer-work.ts";

/** Stacks deeper than this are flattened. */
const STACK_LAYERS_MAX = 8;
/** Quiet time before the work begins: a suite that resets after every test is not disturbed within it. */
const DELAY_MS = 500;
/** After work that failed: the disk may be full, or a record damaged. */
const FAILED_DELAY_MS = 10_000;
/** Of three parts of time the work leaves two to requests. */
const REST_FACTOR = 2;
const REST_MS_MIN = 1;
/** Deep stacks that are remembered. */
const DEEP_STACKS_MAX = 1_000;

export type Hold = {
  release(): void;
  /** Whether the keeper waits for the release, to be closed. */
  isEnding(): boolean;
};

export type LayerKeeper = {
  /** Says that there may be layers which nothing leads to. */
  abandoned(): void;
  /** Says how deep a stack is that somebody reads. */
  resolved(top: string, depth: number): void;
  /** Does what there is to do at once, and all of it. */
  settle(): Promise<Collected>;
  /** Waits until no work is under way, and holds all further work off until it is released. */
  hold(): Promise<Hold>;
  /** Ends the work where it stands. The next start goes on. */
  close(): Promise<void>;
};

export const createLayerKeeper = (
  host: () => WorldHost,
  {
    logger,
    stackLayersMax = STACK_LAYERS_MAX,
    viewsEndedMs,
  }: { logger: Logger; stackLayersMax?: number; viewsEndedMs?: number },
): LayerKeeper => {
  const deep = new Set<string>();
  /** Of those that hold the work off or wait for their turn to. */
  let holds = 0;
  let mayCollect = false;
  let isClosing = false;
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<unknown> = Promise.resolve();
  const stopped = new AbortController();

  const isClosed = (): boolean => isClosing;
  const atOnce: Pace = async () => !isClosed();
  const besideRequests = (): Pace => {
    let since = performance.now();
    return async () => {
      if (holds > 0) return false;
      const restMs = Math.max(REST_MS_MIN, (performance.now() - since) * REST_FACTOR);
      await sleep(restMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      since = performance.now();
      return !isClosed();
    };
  };

  const flattenDeep = async (pace: Pace): Promise<void> => {
    // Those that come meanwhile are the next run's, so that this one ends.
    const present = Array.from(deep);
    for (const top of present) {
      if (!(await pace())) return;
      deep.delete(top);
      const options = { top, stackLayersMax, pace, ...(viewsEndedMs === undefined ? {} : { viewsEndedMs }) };
      const flattened = await flattenStack(host(), options);
      if (flattened !== "nothingToMerge") mayCollect = true;
      if (flattened === "cutOff") deep.add(top);
    }
  };

  const run = async (pace: Pace): Promise<Collected> => {
    await flattenDeep(pace);
    if (!mayCollect || isClosed()) return { layers: 0, records: 0 };
    mayCollect = false;
    const { isDone, ...collected } = await collectLayers(host(), { pace });
    mayCollect ||= !isDone;
    return collected;
  };

  /** What failed may have left layers behind, and not got to others. */
  const runOrRetry = async (pace: Pace): Promise<Collected> => {
    try {
      return await run(pace);
    } catch (error) {
      mayCollect = true;
      throw error;
    }
  };

  /** One thing at a time: a flattening must not read layers that are being taken apart. */
  const enqueue = (makePace: () => Pace): Promise<Collected> => {
    const next = work.then(() => runOrRetry(makePace()));
    work = next.catch(() => undefined);
    return next;
  };

  const workBesideRequests = async (): Promise<void> => {
    try {
      await enqueue(besideRequests);
      if (deep.size > 0 || mayCollect) soon();
    } catch (error) {
      logger.error("work on layers failed", { error });
      soon(FAILED_DELAY_MS);
    }
  };

  const soon = (delayMs = DELAY_MS): void => {
    if (timer !== undefined || isClosing) return;
    timer = setTimeout(() => {
      timer = undefined;
      void workBesideRequests();
    }, delayMs);
    timer.unref();
  };

  return {
    abandoned: () => {
      mayCollect = true;
      soon();
    },
    resolved: (top, depth) => {
      // One that is left out is told of again: whenever layers got other parents all stacks are resolved anew.
      if (depth <= stackLayersMax || deep.size >= DEEP_STACKS_MAX) return;
      deep.add(top);
      soon();
    },
    settle: () => {
      mayCollect = true;
      return enqueue(() => atOnce);
    },
    hold: async () => {
      const released = Promise.withResolvers<void>();
      const before = work;
      work = before.then(() => released.promise);
      holds += 1;
      await before;
      const release = (): void => {
        holds -= 1;
        released.resolve();
      };
      return { release, isEnding: isClosed };
    },
    close: async () => {
      isClosing = true;
      clearTimeout(timer);
      stopped.abort();
      await work;
    },
  };
};
