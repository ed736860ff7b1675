/** Files and a disk that fail at random calls, as a seed says: full, out of file handles, broken, writes cut short. */
import type { Disk, openDisk as OpenDisk } from "../../src/engine/level/disk.ts";
import { openDisk } from "../../src/engine/level/disk.ts";
import { systemFiles, type Files, type OpenFile } from "../../src/platform/files.ts";

const CODES = ["ENOSPC", "EMFILE", "EIO"] as const;
type FaultCode = (typeof CODES)[number];

const WORDS: Record<FaultCode, string> = {
  ENOSPC: "No space left on device",
  EMFILE: "Too many open files",
  EIO: "Input/output error",
};

export class Faults {
  /** How many of a thousand calls fail. */
  perMille = 0;
  /** How many were made to fail. */
  count = 0;
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number below `end`; Mulberry32. */
  pick(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  }

  /** What this call fails with, if it does. */
  next(codes: readonly FaultCode[] = CODES): FaultCode | undefined {
    if (this.pick(1_000) >= this.perMille) return undefined;
    this.count += 1;
    return codes[this.pick(codes.length)];
  }
}

const fileError = (code: FaultCode): Error => Object.assign(new Error(`${code}: ${WORDS[code]} (injected)`), { code });

const levelError = (code: FaultCode): Error =>
  Object.assign(new Error(`IO error: db/000123.log: ${WORDS[code]}`), { code: "LEVEL_IO_ERROR" });

const failMaybe = (faults: Faults): void => {
  const code = faults.next();
  if (code !== undefined) throw fileError(code);
};

const faultyFile = (file: OpenFile, faults: Faults): OpenFile => ({
  append: async (chunks) => {
    const code = faults.next();
    if (code === undefined) return file.append(chunks);
    // Some of it is written.
    const [first] = chunks;
    if (first !== undefined) await file.append([first.subarray(0, first.byteLength >>> 1)]);
    throw fileError(code);
  },
  read: async (into, offset) => {
    failMaybe(faults);
    return file.read(into, offset);
  },
  sync: async () => {
    failMaybe(faults);
    await file.sync();
  },
  close: async () => {
    await file.close();
    failMaybe(faults);
  },
});

export const faultyFiles = (faults: Faults): Files => {
  const before = <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      failMaybe(faults);
      return call(...args);
    };
  };
  return {
    create: before(async (path) => faultyFile(await systemFiles.create(path), faults)),
    open: before(async (path) => faultyFile(await systemFiles.open(path), faults)),
    size: before((path: string) => systemFiles.size(path)),
    remove: before((path: string) => systemFiles.remove(path)),
    makeFolder: before((path: string) => systemFiles.makeFolder(path)),
    list: before((path: string) => systemFiles.list(path)),
    removeFolder: before((path: string) => systemFiles.removeFolder(path)),
    syncFolder: before((path: string) => systemFiles.syncFolder(path)),
  };
};

/**
 * A failed batch is not there, there at once, or there once the database has been opened again: LevelDB's log may hold what it
 * said could not be written. No batch is written between a failed one and the next opening.
 */
export const faultyDisk =
  (faults: Faults): typeof OpenDisk =>
  async (options) => {
    const disk = await openDisk(options);
    let late: Parameters<Disk["write"]>[0] | undefined;
    let isBroken = false;
    const failReadMaybe = (): void => {
      // Reads open files: now and then there is none to be had.
      const code = faults.pick(20) === 0 ? faults.next(["EMFILE", "EIO"]) : undefined;
      if (code !== undefined) throw levelError(code);
    };
    return {
      ...disk,
      get: (key, snapshot) => {
        failReadMaybe();
        return disk.get(key, snapshot);
      },
      getBytes: (key, snapshot) => {
        failReadMaybe();
        return disk.getBytes(key, snapshot);
      },
      scan: async (scan) => {
        failReadMaybe();
        return disk.scan(scan);
      },
      write: async (writes) => {
        if (isBroken) throw new Error("a batch was written after one that failed");
        const code = faults.next(["ENOSPC", "EIO"]);
        if (code === undefined) return disk.write(writes);
        isBroken = true;
        const fate = faults.pick(3);
        if (fate === 0) late = new Map(writes);
        if (fate === 1) await disk.write(writes);
        throw levelError(code);
      },
      probe: async () => {
        const code = faults.pick(3) === 0 ? "ENOSPC" : undefined;
        if (code !== undefined && faults.perMille > 0) throw fileError(code);
        await disk.probe();
      },
      reopen: async () => {
        await disk.reopen();
        if (late !== undefined) await disk.write(late);
        late = undefined;
        isBroken = false;
      },
    };
  };
