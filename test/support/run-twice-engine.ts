/** An engine that runs every transaction's function twice and discards the first run, as an engine that retries may do. */
import { EngineClosedError } from "../../src/engine/errors.ts";
import type { Engine, Transaction } from "../../src/engine/port.ts";

class FirstRunDiscarded extends Error {}

/** Finds functions that cannot bear a second run: those that change what is outside, or draw an id or a time within. */
export const runTwice = (engine: Engine): Engine => {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const twice = async <T>(fn: (tx: Transaction) => Promise<T>): Promise<T> => {
    try {
      await engine.transact(async (tx) => {
        await fn(tx);
        throw new FirstRunDiscarded();
      });
    } catch {
      // Whatever the first run came to, it counts for nothing.
    }
    return engine.transact(fn);
  };

  const close = async (): Promise<void> => {
    // A second run is still to come for those whose first one is under way.
    await Promise.allSettled(underWay);
    await engine.close();
  };

  const ifOpen = async <T>(run: () => Promise<T>): Promise<T> => {
    if (closing !== undefined) throw new EngineClosedError();
    return run();
  };

  return {
    transact: (fn) =>
      ifOpen(async () => {
        const running = twice(fn);
        underWay.add(running);
        try {
          return await running;
        } finally {
          underWay.delete(running);
        }
      }),
    read: (fn) => ifOpen(() => engine.read(fn)),
    drop: (range) => ifOpen(() => engine.drop(range)),
    onSettled: (listener) => engine.onSettled?.(listener),
    close: () => (closing ??= close()),
  };
};
