/** What the stand-ins' endpoints keep for as long as the server runs, apart for each world. */
import type { World } from "../../state/world.ts";

export type Transition = Readonly<Record<string, unknown>>;

export type CompatMemory = {
  /** moto's state transitions by its model's name. Kept and answered; nothing in S3 or STS waits for one. */
  readonly transitions: Map<string, Transition>;
  /** moto's user settings. Kept and answered; they steer services that are not here. */
  config: Readonly<Record<string, unknown>>;
  /** What `reset-auth` last set, as moto prints it. */
  noAuthActionCount: string;
};

/** Transitions kept for one world at most. */
export const TRANSITIONS_MAX = 1000;

const CONFIG_DEFAULT = { batch: { use_docker: true }, lambda: { use_docker: true } } as const;

const memories = new WeakMap<World, CompatMemory>();

/** The memory of `world`, made when first asked for. */
export const memoryOf = (world: World): CompatMemory => {
  const known = memories.get(world);
  if (known) return known;
  const memory: CompatMemory = { transitions: new Map(), config: CONFIG_DEFAULT, noAuthActionCount: "inf" };
  memories.set(world, memory);
  return memory;
};
