/** The file system as the state uses it: a port, so that faults can be put in its way. */
import { constants } from "node:fs";
import * as fs from "node:fs/promises";

/** An open file. Offsets and sizes in bytes. */
export type OpenFile = {
  /** Appends all of `chunks`, in order. */
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Fills `into` from `offset` on; answers how many bytes there were: fewer only at the end of the file. */
  read(into: Uint8Array, offset: number): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
};

export type Files = {
  /** Creates `path`, which must not exist. */
  create(path: string): Promise<OpenFile>;
  open(path: string): Promise<OpenFile>;
  /** Bytes of a file; undefined when it is not there. */
  size(path: string): Promise<number | undefined>;
  /** Removes `path`; one that is not there is no error. */
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Names in a folder; none when it is not there. */
  list(path: string): Promise<string[]>;
  removeFolder(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
};

const appendAll = async (handle: fs.FileHandle, chunks: readonly Uint8Array[]): Promise<void> => {
  let pending = chunks.filter((chunk) => chunk.byteLength > 0);
  while (pending.length > 0) {
    let { bytesWritten } = await handle.writev(pending);
    const rest: Uint8Array[] = [];
    for (const chunk of pending) {
      if (bytesWritten < chunk.byteLength) rest.push(chunk.subarray(bytesWritten));
      bytesWritten = Math.max(0, bytesWritten - chunk.byteLength);
    }
    pending = rest;
  }
};

const fileOf = (handle: fs.FileHandle): OpenFile => ({
  append: (chunks) => appendAll(handle, chunks),
  read: async (into, offset) => {
    const { bytesRead } = await handle.read(into, 0, into.byteLength, offset);
    return bytesRead;
  },
  sync: () => handle.datasync(),
  close: () => handle.close(),
});

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

export const systemFiles: Files = {
  create: async (path) => fileOf(await fs.open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)),
  open: async (path) => fileOf(await fs.open(path, constants.O_RDONLY)),
  size: async (path) => {
    try {
      return (await fs.stat(path)).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  remove: async (path) => fs.rm(path, { force: true }),
  makeFolder: async (path) => {
    await fs.mkdir(path, { recursive: true, mode: 0o700 });
  },
  list: async (path) => {
    try {
      return await fs.readdir(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  removeFolder: async (path) => fs.rm(path, { recursive: true, force: true }),
  syncFolder: async (path) => {
    const handle = await fs.open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
