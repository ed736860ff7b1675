/** Durations in requests. */
import { durationMs, type Duration } from "@bufbuild/protobuf/wkt";
import { invalidField } from "./errors.ts";

type Bounds = { readonly field: string; readonly msMin: number; readonly msMax: number };

/** Milliseconds within the bounds; undefined where there is none. */
export const readDuration = (duration: Duration | undefined, { field, msMin, msMax }: Bounds): number | undefined => {
  if (duration === undefined) return undefined;
  const ms = durationMs(duration);
  if (ms >= msMin && ms <= msMax) return ms;
  throw invalidField(field, `must be ${msMin / 1_000} to ${msMax / 1_000} seconds`);
};
