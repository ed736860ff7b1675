/** One object of 5 GiB in and out, and the most memory that the server ever held meanwhile. */
import { judge } from "../figures.ts";
import type { CaseResult, Figure } from "../figures.ts";
import type { StreamJob } from "../load/jobs.ts";
import type { PeerName, Server } from "../peers/peer.ts";
import { cpuMsOf, peakResidentMibOf } from "../process/proc.ts";
import { freeBytesIn } from "../process/scratch.ts";
import { withPeer } from "./context.ts";
import type { Context } from "./context.ts";

const PEAK_MIB_MAX = 150;
const MIB = 1024 * 1024;
/** Room beyond the object's own bytes that the folder must have. */
const SPARE_BYTES = 1024 * MIB;
const BUCKET = "bench";

type Outcome = { readonly peakMib: number; readonly note: string };

const perSecond = (sizeBytes: number, wallMs: number): string =>
  `${Math.round(sizeBytes / MIB / (wallMs / 1000))} MiB/s`;

const createBucket = (context: Context, { data, peer }: Server): Promise<unknown> =>
  context.loader.run({
    kind: "requests",
    method: "PUT",
    target: `/${BUCKET}`,
    address: data,
    credentials: peer.credentials,
    connections: 1,
    first: 0,
    count: 1,
  });

/** In, and out again where the server keeps what it is given. */
const moveObject = async (context: Context, server: Server, sizeBytes: number): Promise<Outcome> => {
  const { data, peer, pid } = server;
  if (peer.speaksS3) await createBucket(context, server);
  const common = { kind: "stream", address: data, credentials: peer.credentials, sizeBytes } as const;
  const put: StreamJob = { ...common, method: "PUT", target: `/${BUCKET}/enormous` };
  const cpuBefore = cpuMsOf(pid);
  const up = await context.loader.run(put);
  const notes = [`${Math.round(sizeBytes / MIB)} MiB, in at ${perSecond(sizeBytes, up.wallMs)}`];
  const peakInMib = peakResidentMibOf(pid);
  if (peer.keepsBodies) {
    const down = await context.loader.run({ ...put, method: "GET" });
    notes.push(`out at ${perSecond(sizeBytes, down.wallMs)}`, `peak in ${Math.round(peakInMib)} MiB`);
  }
  notes.push(`CPU ${((cpuMsOf(pid) - cpuBefore) / 1000).toFixed(1)} s`);
  return { peakMib: peakResidentMibOf(pid), note: notes.join(", ") };
};

const figureOf = (peer: PeerName, { peakMib, note }: Outcome, referenceMib: number | undefined): Figure => {
  const isReference = peer === "koa-null";
  return {
    case: "five-gib",
    peer,
    quantity: "peak MiB",
    median: peakMib,
    spread: 0,
    rounds: [peakMib],
    reference: isReference || referenceMib === undefined ? undefined : "koa-null",
    ratio: isReference || referenceMib === undefined ? undefined : peakMib / referenceMib,
    note,
  };
};

/** Standin and bare Koa (which only reads) with the whole size; moto, which holds it in memory, with a part of it. */
export const runFiveGibCase = async (context: Context): Promise<CaseResult> => {
  const { largeBytes, largeBytesSlow } = context.settings;
  if ((await freeBytesIn(context.scratch)) < largeBytes + SPARE_BYTES) {
    const remark = `needs ${(largeBytes + SPARE_BYTES) / MIB} MiB free in ${context.scratch}: say --scratch FOLDER`;
    return { figures: [], verdicts: [], remarks: [remark] };
  }
  const outcomes = new Map<PeerName, Outcome>();
  const remarks: string[] = [];
  for (const name of (["koa-null", "standin", "moto"] as const).filter((peer) => context.wanted.includes(peer))) {
    const sizeBytes = context.peers[name].share === 1 ? largeBytes : largeBytesSlow;
    try {
      outcomes.set(name, await withPeer(context, name, (server) => moveObject(context, server, sizeBytes)));
    } catch (error) {
      if (name === "standin") throw error;
      remarks.push(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const referenceMib = outcomes.get("koa-null")?.peakMib;
  const target = {
    what: `peak resident memory with an object of ${largeBytes / MIB} MiB in and out`,
    sense: "at most",
    bound: PEAK_MIB_MAX,
    unit: "MiB",
  } as const;
  return {
    figures: [...outcomes].map(([peer, outcome]) => figureOf(peer, outcome, referenceMib)),
    verdicts: [judge("five-gib", target, outcomes.get("standin")?.peakMib ?? NaN)],
    remarks,
  };
};
