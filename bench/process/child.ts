/** Processes that never outlive the benchmark. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** How long a process may take to end after SIGTERM before SIGKILL. */
const STOP_MS_MAX = 15_000;
/** So much of what a process says is kept, to be shown when it fails. */
const SAID_CHARACTERS_MAX = 4000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(130));
}

export type Child = {
  readonly pid: number;
  /** The last of what it wrote to both outputs. */
  said(): string;
  /** Calls `onText` with all that is written from now on; returns how to stop that. */
  listen(onText: (text: string) => void): () => void;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  /** Ends it in order, by force after 15 seconds. */
  stop(): Promise<void>;
};

export type Command = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** Starts a process. Throws when the command is not there. */
export const startChild = async ({ command, args, env = {}, cwd }: Command): Promise<Child> => {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    // Peers that are scripts run on the same Node as the rest.
    env: { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      running.delete(child);
      resolve();
    });
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      said = (said + text).slice(-SAID_CHARACTERS_MAX);
    });
  }
  await once(child, "spawn");
  if (child.pid === undefined) throw new Error(`${command} has no process id`);
  return {
    pid: child.pid,
    said: () => said,
    listen(onText) {
      child.stdout.on("data", onText);
      child.stderr.on("data", onText);
      return () => {
        child.stdout.off("data", onText);
        child.stderr.off("data", onText);
      };
    },
    ended,
    async stop() {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
      await ended;
      clearTimeout(force);
    },
  };
};

/** Is a command of this name on the path? */
export const isInstalled = (command: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)));
