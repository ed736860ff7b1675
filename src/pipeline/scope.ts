/** What the steps of a request know before they begin: the request, its world, its place in the world's id stream, the time. */
import type { ServerKey } from "../identity/server-key.ts";
import type { SigningClock } from "../identity/amz-time.ts";
import type { Platform } from "../platform/platform.ts";
import type { HostAddress } from "../protocol/addressing.ts";
import type { WireRequest } from "../protocol/wire.ts";
import type { Draw } from "../state/id-stream.ts";
import type { State } from "../state/state.ts";
import type { World } from "../state/world.ts";

/** What all requests share. */
export type PipelineDeps = {
  readonly state: State;
  readonly serverKey: ServerKey;
  readonly platform: Platform;
  readonly addressing: (host: string) => HostAddress;
};

export type RequestScope = {
  readonly deps: PipelineDeps;
  readonly request: WireRequest;
  readonly address: HostAddress;
  readonly world: World;
  readonly draw: Draw;
  /** The world's time, drawn once. */
  readonly nowMs: number;
};

/** The world's clock runs with the real one until a world can move it. */
export const signingClock = ({ nowMs }: RequestScope): SigningClock => ({
  nowMs,
  toWorldMs: (signedAtMs) => signedAtMs,
});
