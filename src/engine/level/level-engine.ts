/** The embedded engine: one LevelDB database in a folder of its own, used by one process. */
import type { Logger } from "../../platform/logger.ts";
import { EngineClosedError } from "../errors.ts";
import { assertRange } from "../keys.ts";
import type { Engine } from "../port.ts";
import { openDisk, type Disk, type Durability } from "./disk.ts";
import { Executor } from "./executor.ts";
import { Pulse } from "./pulse.ts";
import { Views } from "./views.ts";

/**
 * How long a transaction may run before those behind it go on without it. It is there for one that awaits what never comes; the
 * largest that the state makes (10,000 accounts or parts at once) take one to two seconds, and several times that on a busy machine.
 */
const STALLED_MS_MAX = 5_000;
/** How many keys `drop` deletes at a time. */
export const DROP_SLICE_KEYS = 500;

export type LevelEngineOptions = {
  /** The database's folder, made if it is not there. */
  readonly location: string;
  readonly durability: Durability;
  readonly logger: Logger;
  /** How long a transaction may do nothing, in milliseconds; 5,000 if not given. Tests shorten it. */
  readonly stalledMsMax?: number;
  /** Opens the database beneath; tests put faults in its way. */
  readonly openDisk?: typeof openDisk;
};

/**
 * Opens the database in `location`. Throws `EngineLockedError` if another process or engine holds it, and `EngineOpenError` if
 * it cannot be opened; neither changes anything in it.
 */
export const openLevelEngine = async (options: LevelEngineOptions): Promise<Engine> => {
  const { location, durability, logger, stalledMsMax = STALLED_MS_MAX } = options;
  const disk = await (options.openDisk ?? openDisk)({ location, durability });
  return engineOn(disk, { logger, stalledMsMax });
};

const engineOn = (disk: Disk, { logger, stalledMsMax }: { logger: Logger; stalledMsMax: number }): Engine => {
  const pulse = new Pulse(() => {
    executor.expire();
    views.expire();
    return { isNeeded: executor.isBusy || views.areOpen };
  });
  const listeners: (() => Promise<void>)[] = [];
  const onSettled = async (): Promise<void> => {
    for (const listener of listeners) await listener();
  };
  const views = new Views({ disk, pulse, recover: () => executor.recover() });
  const executor = new Executor({ disk, views, pulse, logger, stalledMsMax, onSettled });
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    await executor.idle();
    await views.close();
    pulse.stop();
    await disk.close();
  };

  const transact: Executor["transact"] = (fn) =>
    closing === undefined ? executor.transact(fn) : Promise.reject(new EngineClosedError());

  return {
    transact,
    read: (fn) => (closing === undefined ? views.read(fn) : Promise.reject(new EngineClosedError())),
    drop: async (range) => {
      assertRange(range);
      let { start } = range;
      for (let dropped = 0; ;) {
        // A transaction of its own for each slice: ordered with the others, and they come in between.
        const slice = await transact((tx) => tx.deleteFirst({ start, end: range.end }, { limit: DROP_SLICE_KEYS }));
        dropped += slice.count;
        if (slice.last === undefined || slice.count < DROP_SLICE_KEYS) return dropped;
        // After the keys just deleted, over which LevelDB would have to step.
        start = `${slice.last}\0`;
      }
    },
    onSettled: (listener) => void listeners.push(listener),
    close: () => (closing ??= close()),
  };
};
