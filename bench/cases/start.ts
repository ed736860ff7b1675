/** Boot to first answer, and idle memory: both beside a bare `node` hello server on the same Node. */
import { setTimeout as sleep } from "node:timers/promises";

import { judge } from "../figures.ts";
import type { CaseResult, Figure } from "../figures.ts";
import type { PeerName } from "../peers/peer.ts";
import { residentMibOf, threadCpuMsOf } from "../process/proc.ts";
import type { Settings } from "../settings.ts";
import { medianOf, spreadOf } from "../statistics.ts";
import { withPeer, withPeers } from "./context.ts";
import type { Context } from "./context.ts";

const BOOT_RATIO_MAX = 1.8;
const MEMORY_RATIO_MAX = 1.4;
/** Starts of a server that takes seconds to boot, so that it does not hold up the rest. */
const SLOW_STARTS = 3;

type Samples = Map<PeerName, number[]>;

const add = (samples: Samples, name: PeerName, value: number): void => {
  samples.set(name, [...(samples.get(name) ?? []), value]);
};

const figuresOf = (name: "boot" | "memory", quantity: string, samples: Samples): readonly Figure[] => {
  const hello = medianOf(samples.get("hello") ?? []);
  return [...samples].map(([peer, rounds]) => ({
    case: name,
    peer,
    quantity,
    median: medianOf(rounds),
    spread: spreadOf(rounds),
    rounds,
    reference: peer === "hello" ? undefined : "hello",
    ratio: peer === "hello" ? undefined : medianOf(rounds) / hello,
    note: `${rounds.length} starts`,
  }));
};

const ratioOf = (figures: readonly Figure[]): number => figures.find(({ peer }) => peer === "standin")?.ratio ?? NaN;

const namesOf = (context: Context): readonly PeerName[] => [
  "hello",
  "standin",
  ...(["baseline", "moto", "s3rver"] as const).filter((name) => context.wanted.includes(name)),
];

const isSteady = (wall: Samples, { spreadMax }: Settings): boolean =>
  (["standin", "hello"] as const).every((name) => spreadOf(wall.get(name) ?? []) <= spreadMax);

/**
 * From spawning the process to the end of its first HTTP answer, and the CPU time of that. While the starts lie apart, there
 * are more of them, up to twice as many.
 */
export const runBootCase = async (context: Context): Promise<CaseResult> => {
  const { settings } = context;
  const wall: Samples = new Map();
  const cpu: Samples = new Map();
  const remarks = new Set<string>();
  // The first start of each reads its files into the page cache and does not count.
  for (let start = -1; start < 2 * settings.boots; start++) {
    if (start >= settings.boots && isSteady(wall, settings)) break;
    const names = namesOf(context).filter((name) => context.peers[name].share === 1 || start < SLOW_STARTS);
    for (const name of names) {
      await withPeers(context, [name], async (servers, missing) => {
        for (const remark of missing) remarks.add(remark);
        for (const { bootMs, pid } of servers) {
          if (start < 0) continue;
          add(wall, name, bootMs);
          add(cpu, name, threadCpuMsOf(pid));
        }
      });
    }
  }
  const figures = figuresOf("boot", "boot ms", wall);
  const target = {
    what: "boot to first answer of standin over that of hello",
    sense: "at most",
    bound: BOOT_RATIO_MAX,
    unit: "",
  } as const;
  return {
    figures: [...figures, ...figuresOf("boot", "boot CPU ms", cpu)],
    verdicts: [judge("boot", target, ratioOf(figures))],
    remarks: [...remarks],
  };
};

/** Resident memory after boot and one answer: at once, and after a pause. */
export const runMemoryCase = async (context: Context): Promise<CaseResult> => {
  const atOnce: Samples = new Map();
  const later: Samples = new Map();
  const remarks = new Set<string>();
  const { memoryStarts, memoryPauseMs } = context.settings;
  const measure = (name: PeerName): Promise<void> =>
    withPeer(context, name, async ({ pid }) => {
      add(atOnce, name, residentMibOf(pid));
      await sleep(memoryPauseMs);
      add(later, name, residentMibOf(pid));
    });
  for (let start = 0; start < memoryStarts; start++) {
    for (const name of namesOf(context)) {
      if (context.peers[name].share < 1 && start > 0) continue;
      try {
        await measure(name);
      } catch (error) {
        if (name === "standin" || name === "hello") throw error;
        remarks.add(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  const idle = figuresOf("memory", "idle MiB", later);
  const target = {
    what: "idle memory of standin over that of hello",
    sense: "at most",
    bound: MEMORY_RATIO_MAX,
    unit: "",
  } as const;
  return {
    figures: [...figuresOf("memory", "MiB at once", atOnce), ...idle],
    verdicts: [judge("memory", target, ratioOf(idle))],
    remarks: [...remarks],
  };
};
