/** Forks of one base: how soon a new one answers, and what many that live at the same time cost. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { judge } from "../figures.ts";
import type { CaseResult, Figure } from "../figures.ts";
import { createControl } from "../load/control.ts";
import { residentMibOf } from "../process/proc.ts";
import { medianOf, spreadOf } from "../statistics.ts";
import type { Context } from "./context.ts";
import { awaitRest } from "./rounds.ts";
import { BUCKET, expectStatus, FIRST, forkWorld, startSeeded, timed } from "./seeded.ts";
import type { Seeded } from "./seeded.ts";

const FIRST_ANSWER_MS_MAX = 15;
const WORLD_MEMORY_KIB_MAX = 100;
const WORLD_DISK_KIB_MAX = 50;
const WARM_UP_FORKS = 50;
const KIB_PER_MIB = 1024;
const BYTES_PER_KIB = 1024;

/** A worker's first steps, on connections of its own: a world, and a GET on the world's endpoint. */
const forkAndRead = async ({ server, control }: Seeded, name: string): Promise<number> => {
  if (server.control === undefined) throw new Error("standin did not say where its control plane is");
  const own = createControl(server.control);
  try {
    return await timed(async () => {
      const endpoint = await forkWorld(own, { name });
      await expectStatus(server, endpoint, { method: "GET", target: FIRST, expected: 200 });
    });
  } finally {
    own.close();
    await control.call("WorldService/DeleteWorld", { name });
  }
};

const measureFirstAnswers = async (seeded: Seeded, rounds: number): Promise<readonly number[]> => {
  const samples: number[] = [];
  for (let round = -WARM_UP_FORKS; round < rounds; round++) {
    const ms = await forkAndRead(seeded, `first-${round + WARM_UP_FORKS}`);
    if (round >= 0) samples.push(ms);
  }
  return samples;
};

const bytesIn = async (folder: string): Promise<number> => {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    // LevelDB may remove a file meanwhile.
    .map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};

/** Worlds that are in use: each has answered a GET and taken an object of 1 KiB. */
const makeLiveWorlds = async ({ server, control }: Seeded, { prefix, count }: { prefix: string; count: number }) => {
  for (let number = 0; number < count; number++) {
    const endpoint = await forkWorld(control, { name: `${prefix}-${number}` });
    await expectStatus(server, endpoint, { method: "GET", target: FIRST, expected: 200 });
    await expectStatus(server, endpoint, { method: "PUT", target: `/${BUCKET}/own`, expected: 200 });
  }
};

const measureSizes = async ({ server, dataDir }: Seeded, pauseMs: number) => {
  await sleep(pauseMs);
  await awaitRest(server.pid);
  return { memoryKib: residentMibOf(server.pid) * KIB_PER_MIB, diskKib: (await bytesIn(dataDir)) / BYTES_PER_KIB };
};

/** What each of `count` live worlds adds. Those before them grow what grows once. */
const measureLiveWorlds = async (context: Context, seeded: Seeded) => {
  const { liveWorlds: count, memoryPauseMs } = context.settings;
  await makeLiveWorlds(seeded, { prefix: "before", count: WARM_UP_FORKS });
  const before = await measureSizes(seeded, memoryPauseMs);
  await makeLiveWorlds(seeded, { prefix: "live", count });
  const after = await measureSizes(seeded, memoryPauseMs);
  return {
    memoryKib: (after.memoryKib - before.memoryKib) / count,
    diskKib: (after.diskKib - before.diskKib) / count,
  };
};

const figure = (quantity: string, rounds: readonly number[], note: string): Figure => ({
  case: "worlds",
  peer: "standin",
  quantity,
  median: medianOf(rounds),
  spread: spreadOf(rounds),
  rounds,
  reference: undefined,
  ratio: undefined,
  note,
});

/** Measures one server: first what a single fork takes, then many at once. */
export const runWorldsCase = async (context: Context): Promise<CaseResult> => {
  const { baseObjects, firstAnswers, liveWorlds } = context.settings;
  const seeded = await startSeeded(context, baseObjects);
  try {
    const answers = await measureFirstAnswers(seeded, firstAnswers);
    const each = await measureLiveWorlds(context, seeded);
    const ofBase = `base of ${baseObjects} objects`;
    const ofLive = `${liveWorlds} live worlds, ${ofBase}`;
    return {
      figures: [
        figure("fork to first answer ms", answers, `${answers.length} rounds, ${ofBase}`),
        figure("memory KiB a world", [each.memoryKib], ofLive),
        figure("disk KiB a world", [each.diskKib], ofLive),
      ],
      verdicts: [
        judge(
          "worlds",
          {
            what: "fork and first answer from the new endpoint",
            sense: "at most",
            bound: FIRST_ANSWER_MS_MAX,
            unit: "ms",
          },
          medianOf(answers),
        ),
        judge(
          "worlds",
          {
            what: `memory of each of ${liveWorlds} live worlds`,
            sense: "at most",
            bound: WORLD_MEMORY_KIB_MAX,
            unit: "KiB",
          },
          each.memoryKib,
        ),
        judge(
          "worlds",
          {
            what: `disk of each of ${liveWorlds} live worlds`,
            sense: "at most",
            bound: WORLD_DISK_KIB_MAX,
            unit: "KiB",
          },
          each.diskKib,
        ),
      ],
      remarks: [],
    };
  } finally {
    await seeded.stop();
  }
};
