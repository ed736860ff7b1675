/**
 * When signatures were first used that do not say when they were made. boto3 signs URLs and forms so unless told otherwise. A URL
 * that was used before the world's clock was moved is then known to be from before.
 */
import type { World } from "../state/world.ts";

/** Signatures remembered for one world; the oldest is forgotten first. */
export const FIRST_USES_MAX = 1_000;

const firstUses = new WeakMap<World, Map<string, number>>();

/** When `signature` was first used in the world, by the real clock; it is now if it never was. */
export const firstUseMs = (
  world: World,
  { signature, realNowMs }: { readonly signature: string; readonly realNowMs: number },
): number => {
  let uses = firstUses.get(world);
  if (uses === undefined) firstUses.set(world, (uses = new Map()));
  const known = uses.get(signature);
  if (known !== undefined) return known;
  if (uses.size >= FIRST_USES_MAX) for (const oldest of uses.keys()) if (uses.delete(oldest)) break;
  uses.set(signature, realNowMs);
  return realNowMs;
};
