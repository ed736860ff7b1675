import type { Session } from "../../protocol/caller.ts";

/** Whole seconds that a session still has; STS counts from the whole second. */
export const sessionSecondsLeft = ({ expiresAtMs }: Session, { nowMs }: { readonly nowMs: number }): number =>
  Math.floor(expiresAtMs / 1000) - Math.floor(nowMs / 1000);
