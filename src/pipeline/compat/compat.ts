/** The endpoints with which suites steer moto and LocalStack, answered on the data port so that they need no change. */
import type { Clock } from "../../platform/platform.ts";
import type { WireRequest, WireResponse } from "../../protocol/wire.ts";
import { AccountChangedError } from "../../state/errors.ts";
import type { World } from "../../state/world.ts";
import { CompatError, json } from "./exchange.ts";
import { refusal } from "./guard.ts";
import type { CompatGuard } from "./guard.ts";
import { answerLocalStack } from "./localstack.ts";
import { answerMoto } from "./moto.ts";

export type CompatDeps = {
  /** The world that the request selects. */
  readonly world: World;
  readonly guard: CompatGuard;
  /** This program's version. */
  readonly version: string;
  /** Unique to this run of the server. */
  readonly sessionId: string;
  /** When this run began, by `clock`. */
  readonly startedAtMs: number;
  /** The real clock. */
  readonly clock: Clock;
  /** Starts the world's id stream anew from a seed. */
  readonly reseed: (seed: number) => Promise<void>;
};

const MOTO = "/moto-api/";
const LOCALSTACK = "/_localstack/";

/**
 * True for a path that belongs to a foreign stand-in. Asked for every request. Neither is the path of a bucket, but both may
 * be keys: ask only where the host names no bucket.
 */
export const isCompatPath = (rawPath: string): boolean => rawPath.startsWith(MOTO) || rawPath.startsWith(LOCALSTACK);

/** Answers a request for which `isCompatPath` holds. Errors are `{"Error": message}` with a 4xx status, or 501 by name. */
export const answerCompat = async (request: WireRequest, deps: CompatDeps): Promise<WireResponse> => {
  const refused = refusal(request, deps.guard);
  if (refused !== undefined) return json(403, { Error: refused });
  try {
    return await (request.rawPath.startsWith(MOTO) ? answerMoto : answerLocalStack)(request, deps);
  } catch (error) {
    if (error instanceof CompatError) return json(error.status, { Error: error.message });
    if (error instanceof AccountChangedError) return json(409, { Error: error.message });
    throw error;
  }
};
