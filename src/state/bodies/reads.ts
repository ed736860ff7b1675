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
  let waiting: { epoch: number; fn: () => void }[] = [];

  const oldestAlive = (): number => {
    // Insertion order is epoch order: an epoch enters when its first read begins, and `retain` only re-enters a live one.
    for (const epoch of alive.keys()) return epoch;
    return current + 1;
  };

  const settle = (): void => {
    if (waiting.length === 0) return;
    const oldest = oldestAlive();
    const due = waiting.filter(({ epoch }) => epoch < oldest);
    if (due.length === 0) return;
    waiting = waiting.filter(({ epoch }) => epoch >= oldest);
    for (const { fn } of due) fn();
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
