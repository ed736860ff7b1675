/** The npm package's declarations: those that `src/index.ts` shows, and none of the rest of the program. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const ROOT = path.resolve(import.meta.dirname, "../..");
const TSC = path.join(ROOT, "node_modules/.bin/tsc");

/** What a declaration imports of its own package. tsc leaves the sources' endings, which older compilers do not follow. */
const RELATIVE = /(\bfrom |\bimport\()"(\.{1,2}\/[^"]+)\.ts"/g;

/** Writes `index.d.ts` and what it imports into `folder`, in place of what is there. */
export const emitTypes = async (folder: string): Promise<void> => {
  await mkdir(path.dirname(folder), { recursive: true });
  const emitted = await mkdtemp(`${folder}-`);
  try {
    await promisify(execFile)(TSC, ["--project", path.join(ROOT, "tsconfig.build.json"), "--outDir", emitted]);
    await rm(folder, { recursive: true, force: true });
    for (const [file, text] of await reachable(emitted)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), text);
    }
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
};

/** Each file that is to be shipped, with its text. */
const reachable = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  const waiting = ["index.d.ts"];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    const text = await readFile(path.join(folder, file), "utf8");
    found.set(file, text.replaceAll(RELATIVE, '$1"$2.js"'));
    for (const [, , target = ""] of text.matchAll(RELATIVE))
      waiting.push(path.join(path.dirname(file), `${target}.d.ts`));
  }
  return found;
};
