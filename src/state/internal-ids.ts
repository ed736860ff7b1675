/**
 * Ids of layers, bodies, buckets and boots: 64 bits as 16 hex digits, never reused, never from a seed and never shown to a
 * client. The upper half is the boot's number, drawn from the store when it is opened; the lower half counts.
 */
import type { Engine } from "../engine/port.ts";
import { catalog } from "./keys.ts";

const COUNTER_MAX = 0xffff_ffff;
const HALF_DIGITS = 8;

const half = (value: number): string => value.toString(16).padStart(HALF_DIGITS, "0");

export type InternalIds = {
  /** Eight hex digits, the first half of every id of this boot. */
  readonly bootId: string;
  next(): string;
};

/** Takes the store's next boot number. */
export const openInternalIds = async (engine: Engine): Promise<InternalIds> => {
  const boot = await engine.transact(async (tx) => {
    const next = Number((await tx.get(catalog.boot)) ?? 0) + 1;
    tx.put(catalog.boot, String(next));
    return next;
  });
  const bootId = half(boot);
  let counter = 0;
  return {
    bootId,
    next: () => {
      if (counter >= COUNTER_MAX) throw new Error("this boot has used up its ids; start again");
      counter += 1;
      return bootId + half(counter);
    },
  };
};
