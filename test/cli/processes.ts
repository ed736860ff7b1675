/** Commands as processes, as a user starts them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { buffer, text } from "node:stream/consumers";
import type { ExecutionContext } from "ava";

const ROOT = path.resolve(import.meta.dirname, "../..");
const MAIN = path.join(ROOT, "src/main.ts");

export type Ended = { readonly code: number | null; readonly output: Buffer; readonly error: string };

type Settings = { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly input?: Uint8Array };

const spawnMain = (t: ExecutionContext, args: readonly string[], { env = {}, cwd = ROOT }: Settings): ChildProcess => {
  const clean = Object.entries(process.env).filter(([name]) => !/^(STANDIN|MOTO|AWS)_/.test(name));
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...Object.fromEntries(clean), ...env },
    stdio: "pipe",
  });
  t.teardown(() => void child.kill("SIGKILL"));
  return child;
};

/** Runs a command to its end. */
export const run = async (t: ExecutionContext, args: readonly string[], settings: Settings = {}): Promise<Ended> => {
  const child = spawnMain(t, args, settings);
  child.stdin?.on("error", () => {});
  child.stdin?.end(settings.input);
  const [[code], output, error] = await Promise.all([
    once(child, "exit") as Promise<[number | null]>,
    buffer(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, output, error };
};

export type Served = { readonly dataUrl: string; readonly controlUrl: string; stop(): Promise<Ended["code"]> };

/** A server of its own process, on free ports and thrown-away state unless told otherwise. */
export const serve = async (t: ExecutionContext, args: readonly string[]): Promise<Served> => {
  const child = spawnMain(t, ["--port", "0", "--control-port", "0", "--json", ...args], {});
  const failed = once(child, "exit").then(async () => {
    throw new Error(await text(child.stderr!));
  });
  const [line] = (await Promise.race([once(child.stdout!, "data"), failed])) as [Buffer];
  failed.catch(() => undefined);
  const { dataUrl, controlUrl } = JSON.parse(String(line)) as { dataUrl: string; controlUrl: string };
  return {
    dataUrl,
    controlUrl,
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    },
  };
};

export const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "standin-cli-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Writes files into `folder`, by their paths in it. */
export const writeFiles = async (
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
};
