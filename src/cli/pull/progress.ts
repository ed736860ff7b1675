/** What is told of a pull while it goes on: one line that is drawn anew on a terminal, else a line for each bucket. */

export type Progress = {
  bucket(name: string): void;
  copied(bytes: number): void;
  /** Ends the bucket's line. */
  done(): void;
};

const MIB = 1024 * 1024;
const REDRAWN_MS = 100;

type Output = {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
};

export const createProgress = ({ isTerminal, write, nowMs }: Output): Progress => {
  let name = "";
  let objects = 0;
  let bytes = 0;
  let drawnMs = 0;
  const line = (): string =>
    `${name}: ${objects} ${objects === 1 ? "object" : "objects"}, ${(bytes / MIB).toFixed(1)} MiB`;
  return {
    bucket: (next) => {
      [name, objects, bytes] = [next, 0, 0];
    },
    copied: (added) => {
      objects += 1;
      bytes += added;
      if (!isTerminal || nowMs() - drawnMs < REDRAWN_MS) return;
      drawnMs = nowMs();
      write(`\r\u001b[K${line()}`);
    },
    done: () => write(`${isTerminal ? "\r\u001b[K" : ""}${line()}\n`),
  };
};
