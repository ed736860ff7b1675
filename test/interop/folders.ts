/** Folders of files that clients bring up and down again. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ExecutionContext } from "ava";

const MIB = 1024 * 1024;

/** A folder for one test, gone when that ends. */
export const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), "standin-interop-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Names that are hard to write, an empty file, and one of 12 MiB, which is more than a part. */
export const fillTree = async (folder: string): Promise<void> => {
  const small = ["a.txt", "b/c.txt", "b/d/e f+g.txt", "ü/%20&x=y.txt", "b/empty"];
  for (const name of small) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), name.endsWith("empty") ? "" : `in ${name}`);
  }
  await writeFile(path.join(folder, "large.bin"), randomBytes(12 * MIB + 1));
};

/** Names and contents of all files below a folder; contents byte for byte. */
export const filesOf = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const read = files.map(async (file) => [path.relative(folder, file), await readFile(file, "latin1")] as const);
  return Object.fromEntries((await Promise.all(read)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
