/** One folder for everything that a run leaves on the disk; it goes when the run ends, whichever way. */
import { mkdtempSync, rmSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes a folder under `parent` (the system's folder for temporary files by default) and answers its path. */
export const createScratch = (parent: string = tmpdir()): string => {
  const path = mkdtempSync(join(parent, "standin-bench-"));
  process.on("exit", () => {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  });
  return path;
};

/** Bytes that may still be written in a folder. */
export const freeBytesIn = async (path: string): Promise<number> => {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
};
