/** The time of a world. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { durationFromMs, durationMs, timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { runDueWork, TooMuchDueError, type DoneWork } from "../../harness/due-work.ts";
import {
  advance,
  freeze,
  moveClock,
  resume,
  resumeRealTime,
  set,
  WorldTimeError,
  type ClockMove,
} from "../../harness/move-clock.ts";
import { readClock, type ClockReading } from "../../harness/world-clock.ts";
import type { Platform } from "../../platform/platform.ts";
import type { State } from "../../state/state.ts";
import type { World } from "../../state/world.ts";
import { invalidField } from "../errors.ts";
import { readWorld } from "../fields.ts";
import type { ClockSchema, ClockService } from "../generated/standin/v1/clock_pb.ts";
import { DONE_WORK_MAX } from "../limits.ts";

type Options = { readonly state: State; readonly platform: Platform };

export const createClockService = ({ state, platform }: Options): ServiceImpl<typeof ClockService> => ({
  getClock: (request) => ({ clock: clockMessage(readClock(readWorld(state, request.world), platform)) }),

  freezeClock: async ({ at, atOnce, ...request }) => {
    const move = freeze(at === undefined ? undefined : timestampMs(at));
    const world = readWorld(state, request.world);
    const clock = await moveTo(world, { move, field: "at", atOnce, platform });
    await runDue(world, platform);
    return { clock };
  },

  setClock: async ({ at, atOnce, ...request }) => {
    const world = readWorld(state, request.world);
    const move = set(timestampMs(required(at, "at")));
    const clock = await moveTo(world, { move, field: "at", atOnce, platform });
    await runDue(world, platform);
    return { clock };
  },

  advanceClock: async (request) => {
    const world = readWorld(state, request.world);
    const move = advance(forward(required(request.by, "by")));
    const clock = await moveTo(world, { move, field: "by", atOnce: request.atOnce, platform });
    const done = await runDue(world, platform);
    return { clock, done: done.slice(0, DONE_WORK_MAX).map(doneMessage), doneCount: done.length };
  },

  resumeClock: async ({ world, realTime, atOnce }) => {
    const move = realTime ? resumeRealTime : resume;
    return { clock: await moveTo(readWorld(state, world), { move, field: "realTime", atOnce, platform }) };
  },
});

const moveTo = async (
  world: World,
  options: { move: ClockMove; field: string; atOnce: boolean; platform: Platform },
): Promise<MessageInitShape<typeof ClockSchema>> => {
  const { move, field, atOnce, platform } = options;
  try {
    return clockMessage(await moveClock(world, move, { platform, atOnce }));
  } catch (error) {
    if (error instanceof WorldTimeError) throw invalidField(field, error.reason);
    throw error;
  }
};

const runDue = async (world: World, platform: Platform): Promise<DoneWork[]> => {
  try {
    return await runDueWork(world, { untilMs: readClock(world, platform).nowMs });
  } catch (error) {
    if (error instanceof TooMuchDueError) throw new ConnectError(error.message, Code.ResourceExhausted);
    throw error;
  }
};

const required = <T extends Duration | Timestamp>(value: T | undefined, field: string): T => {
  if (value === undefined) throw invalidField(field, "must be given");
  return value;
};

/** AWS's time never goes back by itself. */
const forward = (by: Duration): number => {
  const byMs = durationMs(by);
  if (byMs < 0) throw invalidField("by", "must not be negative; SetClock goes back");
  return byMs;
};

const clockMessage = ({ nowMs, realNowMs, frozen }: ClockReading): MessageInitShape<typeof ClockSchema> => ({
  now: timestampFromMs(nowMs),
  realNow: timestampFromMs(realNowMs),
  offset: durationFromMs(nowMs - realNowMs),
  frozen,
});

const doneMessage = ({ kind, dueAtMs, what }: DoneWork) => ({
  kind,
  dueAt: timestampFromMs(dueAtMs),
  description: what,
});
