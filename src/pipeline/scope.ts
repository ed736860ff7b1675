/** What the steps of a request know before they begin: the request, its world, its place in the world's id stream, the time. */
import { firstUseMs } from "../harness/first-uses.ts";
import type { SigningClocks } from "../harness/signing-time.ts";
import type { ClockReading } from "../harness/world-clock.ts";
import type { ServerKey } from "../identity/server-key.ts";
import type { LateAnswerTimes } from "../platform/limits.ts";
import type { Platform } from "../platform/platform.ts";
import type { HostAddress } from "../protocol/addressing.ts";
import type { WireRequest } from "../protocol/wire.ts";
import type { Draw } from "../state/id-stream.ts";
import type { State } from "../state/state.ts";
import type { World } from "../state/world.ts";
import type { Trail } from "./trail.ts";

/** What all requests share. */
export type PipelineDeps = {
  readonly state: State;
  readonly serverKey: ServerKey;
  readonly platform: Platform;
  readonly addressing: (host: string) => HostAddress;
  /** Others than {@link LATE_ANSWER}. */
  readonly lateAnswer?: LateAnswerTimes | undefined;
};

export type RequestScope = {
  readonly deps: PipelineDeps;
  readonly request: WireRequest;
  readonly address: HostAddress;
  readonly world: World;
  readonly draw: Draw;
  /** The world's time, read once. */
  readonly nowMs: number;
  readonly clock: ClockReading;
  readonly trail: Trail;
};

/** What `verify` judges signing times by. */
export const signingTimes = (scope: RequestScope) => ({
  clocks: signingClocks(scope),
  firstUseMs: (signature: string) => firstUseMs(scope.world, { signature, realNowMs: scope.clock.realNowMs }),
});

/** What signing times are read by. */
const signingClocks = ({ clock, world }: RequestScope): SigningClocks => ({
  nowMs: clock.nowMs,
  realNowMs: clock.realNowMs,
  runs: clock.runs,
  clientClock: world.settings.clientClock ?? "either",
});
