/**
 * Reads times that clients wrote into signatures. A client may have gone by the real clock, as most do, or by the world's, which
 * it knows from answers or was told by its test. Where both readings make sense, the one closer to the world's present counts.
 */
import { worldTimeAt } from "../state/clock-runs.ts";
import type { ClientClock } from "../state/model.ts";
import type { ClockReading } from "./world-clock.ts";

/** How far a signing time may be from now, either way. */
export const SKEW_MS_MAX = 15 * 60 * 1000;

/**
 * How much later than it says a request may have been signed: signing times are whole seconds, and the JS SDK goes by a clock
 * that is up to a second behind, since the Date of an answer is whole seconds too.
 */
const HEADER_LAG_MS = 2_000;

/** Farther ahead on the real clock than this, an end is taken for the world's time: AWS's URLs last a week at most. */
const END_AHEAD_MS_MAX = 7 * 24 * 60 * 60 * 1000;

/** What there is to read signing times by. */
export type SigningClocks = Pick<ClockReading, "nowMs" | "realNowMs" | "runs"> & {
  readonly clientClock: ClientClock;
};

/** A real time as world time. What lies ahead on the real clock lies as far ahead on the world's. */
const toWorld = (realMs: number, { nowMs, realNowMs, runs }: SigningClocks): number =>
  realMs > realNowMs ? nowMs + realMs - realNowMs : worldTimeAt(runs, realMs);

/** The reading that is closest to the world's present; the first of two that are equally close. */
const closest = (readings: readonly number[], { nowMs }: SigningClocks): number | undefined =>
  readings.reduce<number | undefined>(
    (best, reading) => (best === undefined || Math.abs(reading - nowMs) < Math.abs(best - nowMs) ? reading : best),
    undefined,
  );

/**
 * When a request was signed that is sent at once, as world time. A time that is more than {@link SKEW_MS_MAX} off by either clock
 * comes out as far off.
 */
export const requestTimeInWorld = (timeMs: number, clocks: SigningClocks): number => {
  const { nowMs, realNowMs, runs, clientClock } = clocks;
  if (runs.length === 0 || clientClock === "world") return timeMs;
  const near = Math.abs(timeMs - realNowMs) <= SKEW_MS_MAX;
  const asReal = near
    ? toWorld(Math.max(timeMs, Math.min(timeMs + HEADER_LAG_MS, realNowMs)), clocks)
    : nowMs + timeMs - realNowMs;
  if (clientClock === "real") return asReal;
  return closest(near ? [timeMs, asReal] : [timeMs], clocks) ?? timeMs;
};

/** When something was signed that may be used long after, as world time: a presigned URL, a POST form. */
export const signingTimeInWorld = (timeMs: number, clocks: SigningClocks): number => {
  const { nowMs, realNowMs, runs, clientClock } = clocks;
  if (runs.length === 0 || clientClock === "world") return timeMs;
  if (clientClock === "real") return toWorld(timeMs, clocks);
  const readings: number[] = [];
  if (timeMs <= nowMs + SKEW_MS_MAX) readings.push(timeMs);
  if (timeMs <= realNowMs + SKEW_MS_MAX) readings.push(toWorld(timeMs, clocks));
  return closest(readings, clocks) ?? timeMs;
};

/** When something ends that a client was given or made, in milliseconds since 1970. */
export type SignedEnd = {
  readonly endsAtMs: number;
  /** When it was signed; left out where it does not say. */
  readonly signedAtMs?: number | undefined;
  /** When it was first used, by the real clock; left out where this is the first time. */
  readonly usedAtMs?: number | undefined;
};

/**
 * An end as world time: as long after the signing time as it says. What does not say when it was signed (Signature Version 2)
 * is taken for signed when it was first used.
 */
export const endInWorld = ({ endsAtMs, signedAtMs, usedAtMs }: SignedEnd, clocks: SigningClocks): number => {
  const { realNowMs, runs, clientClock } = clocks;
  if (runs.length === 0 || clientClock === "world") return endsAtMs;
  if (signedAtMs !== undefined) return signingTimeInWorld(signedAtMs, clocks) + endsAtMs - signedAtMs;
  if (clientClock === "either" && endsAtMs > realNowMs + END_AHEAD_MS_MAX) return endsAtMs;
  if (usedAtMs === undefined || usedAtMs > endsAtMs) return toWorld(endsAtMs, clocks);
  return worldTimeAt(runs, usedAtMs) + endsAtMs - usedAtMs;
};
