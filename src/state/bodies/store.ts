/**
 * Bodies that are files: immutable, named by their id in the folder of the boot that made them. A key never becomes a path.
 *
 * An id begins with its kind: `i` for a small body in the engine, `f` for a file; then come the boot's and its own number.
 */
import { dirname, join } from "node:path";
import type { Files, OpenFile } from "../../platform/files.ts";

const BOOT_DIGITS = 8;

/** The boot that made a body. */
export const bootOf = (bodyId: string): string => bodyId.slice(1, 1 + BOOT_DIGITS);

export const isInline = (bodyId: string): boolean => bodyId.startsWith("i");

export type BodyFile = {
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Closes it, durable as the store was opened to be. */
  finish(): Promise<void>;
  /** Closes and removes it. */
  discard(): Promise<void>;
};

export type BodyStore = {
  create(bodyId: string): Promise<BodyFile>;
  open(bodyId: string): Promise<OpenFile>;
  delete(bodyId: string): Promise<void>;
  /** Bodies of one boot. */
  list(bootId: string): Promise<string[]>;
};

export const createBodyStore = (options: {
  files: Files;
  dir: string;
  bootId: string;
  durability: "process" | "disk";
}): BodyStore => {
  const { files, dir, bootId, durability } = options;
  const folderOf = (boot: string): string => join(dir, boot);
  const pathOf = (bodyId: string): string => join(folderOf(bootOf(bodyId)), bodyId);
  let folderMade: Promise<void> | undefined;
  const makeFolder = async (): Promise<void> => {
    await files.makeFolder(folderOf(bootId));
    if (durability !== "disk") return;
    // The names of the folders themselves must be there too, after a loss of power.
    await files.syncFolder(dir);
    await files.syncFolder(dirname(dir));
  };

  return {
    create: async (bodyId) => {
      folderMade ??= makeFolder().catch((error: unknown) => {
        folderMade = undefined;
        throw error;
      });
      await folderMade;
      const file = await files.create(pathOf(bodyId));
      return {
        append: (chunks) => file.append(chunks),
        finish: async () => {
          try {
            if (durability === "disk") await file.sync();
          } finally {
            await file.close();
          }
          if (durability === "disk") await files.syncFolder(folderOf(bootId));
        },
        discard: async () => {
          // It may be closed already, when it was not to be had durable.
          await file.close().catch(() => undefined);
          await files.remove(pathOf(bodyId));
        },
      };
    },
    open: (bodyId) => files.open(pathOf(bodyId)),
    delete: (bodyId) => files.remove(pathOf(bodyId)),
    list: (boot) => files.list(folderOf(boot)),
  };
};
