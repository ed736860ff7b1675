/** The errors that a world answered of late, by the ids of their requests: what ExplainRequest tells beside the decisions. Not stored. */
import type { World } from "../state/world.ts";

/** Errors of one world that are remembered; the oldest is forgotten first. */
export const REFUSALS_MAX = 5_000;

export type Refusal = {
  /** By AWS's name; absent where the request was refused before it was known. */
  readonly operation?: string | undefined;
  readonly status: number;
  readonly code: string;
  readonly message: string;
};

/** A ring, as a map that lost its first entries takes long to find the first that it has. */
type Kept = { readonly byId: Map<string, Refusal>; readonly ring: string[]; at: number };

const keptIn = new WeakMap<World, Kept>();

/** Remembers what a request was answered. */
export const keepRefusal = (world: World, requestId: string, refusal: Refusal): void => {
  let kept = keptIn.get(world);
  if (kept === undefined) keptIn.set(world, (kept = { byId: new Map(), ring: [], at: 0 }));
  const { byId, ring, at } = kept;
  const oldest = ring[at];
  if (oldest !== undefined && oldest !== requestId) byId.delete(oldest);
  byId.set(requestId, refusal);
  ring[at] = requestId;
  kept.at = (at + 1) % REFUSALS_MAX;
};

/** The error that a request was answered; undefined where it was none, or long ago. */
export const refusalOf = (world: World, requestId: string): Refusal | undefined =>
  keptIn.get(world)?.byId.get(requestId);

/** Begins anew, as after a reset. */
export const forgetRefusals = (world: World): void => {
  keptIn.delete(world);
};
