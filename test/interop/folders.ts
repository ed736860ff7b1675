/** Folders of files that clients bring up and down again. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
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

const HOUR_MS = 3_600_000;

/** Writes a file that is an hour old: of one from this very second the CLI cannot tell that what it put is not older. */
export const writeOldFile = async (file: string, content: string | Uint8Array): Promise<void> => {
  await writeFile(file, content);
  const time = new Date(Date.now() - HOUR_MS);
  await utimes(file, time, time);
};

/** Names that are hard to write, an empty file, and one of 12 MiB, which is more than a part. */
export const fillTree = async (folder: string): Promise<void> => {
  const small = ["a.txt", "b/c.txt", "b/d/e f+g.txt", "ü/%20&x=y.txt", "b/empty"];
  for (const name of small) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeOldFile(path.join(folder, name), name.endsWith("empty") ? "" : `in ${name}`);
  }
  await writeOldFile(path.join(folder, "large.bin"), randomBytes(12 * MIB + 1));
};

/** Names and contents of all files below a folder; contents byte for byte. */
export const filesOf = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const read = files.map(async (file) => [path.relative(folder, file), await readFile(file, "latin1")] as const);
  return Object.fromEntries((await Promise.all(read)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
