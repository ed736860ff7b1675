/** A CPU profile of Standin under one load: where the time of its main thread goes, function by function. */
import { mkdtemp, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../cases/context.ts";
import type { LoadCase } from "../cases/load-cases.ts";
import { startPeer } from "../peers/peer.ts";
import { cpuMsByThread } from "../process/proc.ts";
import { standinPeer } from "../peers/table.ts";
import { functionTimes } from "./cpu-profile.ts";
import type { CpuProfile, FunctionTime, Window } from "./cpu-profile.ts";

const SAMPLING_INTERVAL_US = 200;
const SELF_ROWS_MAX = 40;
const TOTAL_ROWS_MAX = 40;
/** A thread that takes less is not told of. */
const SHOWN_US_MIN = 0.1;
/** Operations in the window, as a multiple of the warm-up. */
const WINDOW_FACTOR = 4;

export type ProfiledCase = {
  /** The greatest self times, then the greatest total times. */
  readonly text: string;
  /** The whole profile as Node wrote it, for other tools; it includes boot and warm-up. */
  readonly raw: string;
};

const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

const readProfile = async (folder: string): Promise<string> => {
  const name = (await readdir(folder)).find((file) => file.endsWith(".cpuprofile"));
  if (name === undefined) throw new Error("standin left no CPU profile");
  return readFile(join(folder, name), "utf8");
};

/** Warms up outside the window; answers the window. */
const applyLoad = async ({ loader }: Context, row: LoadCase, server: Parameters<LoadCase["job"]>[0]) => {
  const warm = { first: 0, count: row.warmUp };
  const span = { first: row.warmUp, count: Math.min(row.roundMax, WINDOW_FACTOR * row.warmUp) };
  for (const job of [...row.seed(server), ...row.prepare(server, warm), row.job(server, warm)]) await loader.run(job);
  for (const job of row.prepare(server, span)) await loader.run(job);
  const before = cpuMsByThread(server.pid);
  const fromUs = nowUs();
  await loader.run(row.job(server, span));
  const toUs = nowUs();
  const threads = [...cpuMsByThread(server.pid)]
    .map(([name, ms]) => ({ name, us: (1000 * (ms - (before.get(name) ?? 0))) / span.count }))
    .filter(({ us }) => us >= SHOWN_US_MIN)
    .map(({ name, us }) => `${name} ${us.toFixed(1)}`);
  const cpu = `CPU us each by thread, the profiler's own included: ${threads.join(", ")}`;
  return { fromUs, toUs, operations: span.count, cpu };
};

const format = (times: readonly FunctionTime[], operations: number): string => {
  const allUs = times.reduce((sum, { selfUs }) => sum + selfUs, 0);
  const perOperation = (us: number): string => (us / operations).toFixed(2).padStart(9);
  const line = ({ where, selfUs, totalUs }: FunctionTime): string =>
    `${((100 * selfUs) / allUs).toFixed(1).padStart(5)}% ${perOperation(selfUs)} ${perOperation(totalUs)}  ${where}`;
  const head = "  self  us/op self    total  function";
  return [
    `${operations} operations, ${(allUs / operations).toFixed(1)} us of samples each`,
    head,
    ...times
      .toSorted((a, b) => b.selfUs - a.selfUs)
      .slice(0, SELF_ROWS_MAX)
      .map(line),
    "",
    "by total",
    head,
    ...times
      .toSorted((a, b) => b.totalUs - a.totalUs)
      .slice(0, TOTAL_ROWS_MAX)
      .map(line),
  ].join("\n");
};

/** Profiles Standin under the load of a case, the warm-up left out. */
export const profileCase = async (context: Context, row: LoadCase, program: string): Promise<ProfiledCase> => {
  const folder = await mkdtemp(join(context.scratch, "profile-"));
  const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${SAMPLING_INTERVAL_US}`];
  const server = await startPeer(standinPeer({ program, nodeFlags: flags }), context.scratch);
  let load: Window & { readonly operations: number; readonly cpu: string };
  try {
    load = await applyLoad(context, row, server);
  } finally {
    await server.stop();
  }
  const raw = await readProfile(folder);
  const times = functionTimes(JSON.parse(raw) as CpuProfile, load);
  return { text: [`${row.name}: ${row.operation}`, load.cpu, format(times, load.operations)].join("\n"), raw };
};
