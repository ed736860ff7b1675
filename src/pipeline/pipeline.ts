/** The way of a request, from wire to wire. */
import { AwsError } from "../protocol/aws-error.ts";
import { s3ErrorDocument } from "../protocol/codec/errors.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import type { World } from "../state/world.ts";
import { DEFAULT_WORLD } from "../state/state.ts";
import { answerCompat, isCompatPath, type CompatDeps } from "./compat/compat.ts";
import { answerQueryError, runQueryRequest } from "./query-request.ts";
import { answerS3Error, runS3Request } from "./s3-request.ts";
import type { PipelineDeps, RequestScope } from "./scope.ts";
import { selectService } from "./select-service.ts";

export type PipelineOptions = PipelineDeps & {
  /** What moto's and LocalStack's endpoints need beside the world. */
  readonly compat: Omit<CompatDeps, "world" | "reseed"> & {
    readonly reseed: (world: World, seed: number) => Promise<void>;
  };
};

/** Answers one request. It never throws: what a client got wrong is AWS's error, a fault of ours is logged and `InternalError`. */
export type Pipeline = (request: WireRequest) => Promise<WireResponse>;

const WORLD_HEADER = "x-standin-world";

export const createPipeline = ({ compat, ...deps }: PipelineOptions): Pipeline => {
  const { state, addressing, platform } = deps;
  return async (request) => {
    const address = addressing(request.host);
    const worldName = request.headers[WORLD_HEADER] ?? address.world ?? DEFAULT_WORLD;
    const world = state.world(worldName);
    if (world === undefined) return noSuchWorld(worldName);
    if (isCompatPath(request.rawPath) && address.bucket === undefined) {
      return answerCompat(request, { ...compat, world, reseed: (seed) => compat.reseed(world, seed) });
    }
    const draw = await world.draw();
    return await run({ deps, request, address, world, draw, nowMs: platform.clock.now() });
  };
};

const run = async (scope: RequestScope): Promise<WireResponse> => {
  let answerError = (error: AwsError): WireResponse => answerS3Error(scope, error);
  try {
    const selected = await selectService(scope.request, scope.address);
    if (selected.service === "s3") return await runS3Request(scope, selected);
    answerError = (error) => answerQueryError(scope, selected.service, error);
    return await runQueryRequest(scope, selected);
  } catch (error) {
    return answerError(asAwsError(scope, error));
  }
};

/** Any throw that is not an error of AWS's is a fault of ours: logged with its stack, answered without it. */
const asAwsError = ({ deps, request, draw }: RequestScope, error: unknown): AwsError => {
  if (error instanceof AwsError) return error;
  if (request.body.destroyed && isBrokenOff(error)) {
    return new AwsError("RequestTimeout", {}, { status: 400, message: "The request was broken off." });
  }
  const { requestId } = draw;
  deps.platform.logger.error("internal error", { requestId, method: request.method, path: request.rawPath, error });
  return new AwsError(
    "InternalError",
    {},
    { status: 500, message: "We encountered an internal error. Please try again." },
  );
};

const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "ECONNRESET" || error.code === "ERR_STREAM_PREMATURE_CLOSE");

const noSuchWorld = (worldName: string): WireResponse => ({
  status: 404,
  headers: { "Content-Type": "application/xml" },
  body: s3ErrorDocument({
    code: "NoSuchWorld",
    message: "The specified world does not exist",
    fields: { World: worldName },
    requestId: "",
    hostId: "",
  }),
});
