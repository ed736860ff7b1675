/**
 * The outside world, injectable: time, randomness and the log come from here and never from globals, so that a run can be
 * repeated exactly.
 */
import type { Logger } from "./logger.ts";

/** The real clock. Times of a world are derived from it by the world's own clock. */
export type Clock = {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
};

export type RandomSource = {
  /** `size` bytes fit for keys and ids. */
  bytes(size: number): Buffer;
};

export type Platform = {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
};
