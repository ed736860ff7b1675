/**
 * Which reads are under way, so that a body's bytes outlive every read that began before its death. Reads are counted by
 * epochs: a death ends the current epoch and waits until no read of that epoch or an earlier one is left.
 */

export type ReadTracker = {
  /** Begins a read; returns its epoch, to be given to `end`. */
  begin(): number;
  /** One more read that sees what the read of `epoch`, still alive, sees. */
  retain(epoch: number): void;
  end(epoch: number): void;
  /** Runs `fn` once every read that is alive now has ended. */
  afterPresentReads(fn: () => void): void;
};

export const createReadTracker = (): ReadTracker => {
  let current = 0;
  const alive = new Map<number, number>();
  /** In the order of their epochs. */
  const waiting: { epoch: number; fn: () => void }[] = [];

  const oldestAlive = (): number => {
    // Insertion order is epoch order: an epoch enters when its first read begins, and `retain` only re-enters a live one.
    for (const epoch of alive.keys()) return epoch;
    return current + 1;
  };

  const settle = (): void => {
    const [first] = waiting;
    const oldest = oldestAlive();
    // One long read may keep thousands waiting: they are gone through only when some of them are due.
    if (first === undefined || first.epoch >= oldest) return;
    const notDue = waiting.findIndex(({ epoch }) => epoch >= oldest);
    for (const { fn } of waiting.splice(0, notDue < 0 ? waiting.length : notDue)) fn();
  };

  const retain = (epoch: number): void => {
    alive.set(epoch, (alive.get(epoch) ?? 0) + 1);
  };

  return {
    begin: () => {
      retain(current);
      return current;
    },
    retain,
    end: (epoch) => {
      const left = (alive.get(epoch) ?? 0) - 1;
      if (left > 0) {
        alive.set(epoch, left);
        return;
      }
      alive.delete(epoch);
      settle();
    },
    afterPresentReads: (fn) => {
      waiting.push({ epoch: current, fn });
      current += 1;
      settle();
    },
  };
};
