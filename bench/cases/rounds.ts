/** Interleaved rounds of a load: A, B, C, A, B, C ..., each as long as its server needs for a steady figure. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Loader } from "../load/loader.ts";
import type { Job } from "../load/jobs.ts";
import type { Server } from "../peers/peer.ts";
import { cpuMsOf, tickMs } from "../process/proc.ts";
import type { Settings } from "../settings.ts";
import { spreadOf } from "../statistics.ts";
import type { LoadCase, Span } from "./load-cases.ts";

/** A server is at rest when it used no more than a tick of CPU time in so long. */
const REST_MS = 60;
/** Work in the background, a compaction say, is waited for no longer than this. */
const REST_MS_MAX = 3000;
/** No round takes longer, so that a slow server does not hold up the rest. */
const ROUND_WALL_MS_MAX = 3000;
/** Share of the warm-up that the length of a round is told from. */
const PROBE_SHARE = 0.2;
/** A guess that was wrong by more than this factor is made again, so many times at most. */
const PROBE_FACTOR = 2;
const PROBES_MAX = 4;
/** What keeps nothing needs nothing prepared, and may do as many as fill a round. */
const NULL_ROUND_MAX = 50_000;

export type Round = { readonly cpuMsPerOperation: number; readonly operationsPerSecond: number };

export type Contender = {
  readonly server: Server;
  readonly operations: number;
  readonly rounds: Round[];
  /** The first number that is not yet used. */
  next: number;
};

const runAll = async (loader: Loader, jobs: readonly Job[]): Promise<void> => {
  for (const job of jobs) await loader.run(job);
};

/** Waits until a server does nothing, for `REST_MS_MAX` at most. */
export const awaitRest = async (pid: number): Promise<void> => {
  const begun = performance.now();
  while (performance.now() - begun < REST_MS_MAX) {
    const before = cpuMsOf(pid);
    await sleep(REST_MS);
    if (cpuMsOf(pid) - before <= tickMs()) return;
  }
};

const runRound = async (loader: Loader, row: LoadCase, options: { server: Server; span: Span }): Promise<Round> => {
  const { server, span } = options;
  await runAll(loader, row.prepare(server, span));
  await awaitRest(server.pid);
  const before = cpuMsOf(server.pid);
  const { wallMs } = await loader.run(row.job(server, span));
  // A round too short for the kernel's clock counts as half a tick, so that no ratio is without a bound.
  const cpuMs = Math.max(cpuMsOf(server.pid) - before, tickMs() / 2);
  return { cpuMsPerOperation: cpuMs / span.count, operationsPerSecond: (1000 * span.count) / wallMs };
};

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, Math.round(value)));

type Bench = { readonly loader: Loader; readonly settings: Settings };

/** How many operations use up the CPU time, or the wall time, that a round has. */
const operationsFor = (round: Round, row: LoadCase, { server, share }: { server: Server; share: number }): number => {
  const byCpu = (row.roundCpuMs * share) / round.cpuMsPerOperation;
  const byWall = (round.operationsPerSecond * ROUND_WALL_MS_MAX * share) / 1000;
  const most = server.peer.keepsBodies ? Math.max(1, Math.round(row.roundMax * server.peer.share)) : NULL_ROUND_MAX;
  return clamp(Math.min(byCpu, byWall), Math.min(row.roundMin, most), most);
};

/**
 * Seeds and warms a server up, and finds how many operations make a round. The first guess is made from few operations by code
 * that is not warm, so it is tried and corrected.
 */
const prepareContender = async ({ loader, settings }: Bench, row: LoadCase, server: Server): Promise<Contender> => {
  await runAll(loader, row.seed(server));
  const warmUp = Math.max(2, Math.round(row.warmUp * server.peer.share));
  const probe = Math.max(1, Math.round(warmUp * PROBE_SHARE));
  const warm = { first: 0, count: warmUp - probe };
  await runAll(loader, [...row.prepare(server, warm), row.job(server, warm)]);
  let next = warm.count;
  let operations = probe;
  for (let attempt = 0; attempt < PROBES_MAX; attempt++) {
    const round = await runRound(loader, row, { server, span: { first: next, count: operations } });
    next += operations;
    const better = operationsFor(round, row, { server, share: settings.share });
    const isClose = better < operations * PROBE_FACTOR;
    operations = better;
    if (isClose) break;
  }
  return { server, operations, rounds: [], next };
};

const addRound = async (loader: Loader, row: LoadCase, contender: Contender): Promise<void> => {
  const { server, operations } = contender;
  const span = { first: contender.next, count: operations };
  contender.next += operations;
  contender.rounds.push(await runRound(loader, row, { server, span }));
};

const hasRatioTarget = (row: LoadCase): boolean => row.targets.some(({ value }) => value === "reference / standin");

const isUnsteady = (contenders: readonly Contender[], row: LoadCase, settings: Settings): boolean =>
  contenders
    .filter(({ server: { peer } }) => peer.name === "standin" || (peer.name === row.reference && hasRatioTarget(row)))
    .some(({ rounds }) => spreadOf(rounds.map((round) => round.cpuMsPerOperation)) > settings.spreadMax);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Measures `servers` under one load. A server that refuses the load, at once or later, is left out with a remark, but Standin's
 * refusal is an error.
 */
export const measureLoad = async (
  bench: Bench,
  row: LoadCase,
  servers: readonly Server[],
): Promise<{ contenders: readonly Contender[]; remarks: readonly string[] }> => {
  let contenders: Contender[] = [];
  const remarks: string[] = [];
  const attempt = async ({ peer }: Server, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (peer.name === "standin") throw error;
      remarks.push(`${peer.name} is left out: ${messageOf(error)}`);
      contenders = contenders.filter(({ server }) => server.peer !== peer);
    }
  };
  for (const server of servers) {
    await attempt(server, async () => void contenders.push(await prepareContender(bench, row, server)));
  }
  const { rounds, extraRoundsMax } = bench.settings;
  for (let round = 0; round < rounds + extraRoundsMax; round++) {
    if (round >= rounds && !isUnsteady(contenders, row, bench.settings)) break;
    for (const contender of contenders) await attempt(contender.server, () => addRound(bench.loader, row, contender));
  }
  return { contenders, remarks };
};
