/** When the long-lived keys of a world were last used, as IAM tells it. Kept in memory: a start forgets it. */
import type { World } from "../state/world.ts";

export type KeyUse = {
  /** By the world's clock. */
  readonly atMs: number;
  /** `s3`, `sts`, `iam`. */
  readonly service: string;
  readonly region: string;
};

/** The most keys of a world whose use is remembered. */
const USES_MAX = 10_000;

const uses = new WeakMap<World, Map<string, KeyUse>>();

/** Remembers that a key was used. */
export const noteKeyUse = (world: World, accessKeyId: string, use: KeyUse): void => {
  const known = uses.get(world) ?? new Map<string, KeyUse>();
  if (known.size >= USES_MAX && !known.has(accessKeyId)) known.clear();
  known.set(accessKeyId, use);
  uses.set(world, known);
};

/** The last use of a key; undefined where none is remembered. */
export const lastKeyUse = (world: World, accessKeyId: string): KeyUse | undefined => uses.get(world)?.get(accessKeyId);
