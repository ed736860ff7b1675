/** The way of a request, from wire to wire. */
import { Readable } from "node:stream";
import { readClock } from "../harness/world-clock.ts";
import type { Platform } from "../platform/platform.ts";
import type { AwsError } from "../protocol/aws-error.ts";
import type { HostAddress } from "../protocol/addressing.ts";
import { queryErrorDocument, s3ControlErrorDocument, s3ErrorDocument } from "../protocol/codec/errors.ts";
import type { QueryService } from "../protocol/model/overlay.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import { WorldGoneError } from "../state/errors.ts";
import type { World } from "../state/world.ts";
import { DEFAULT_WORLD } from "../state/state.ts";
import { asAwsError, busyError, noSuchWorld } from "./aws-errors.ts";
import { answerCompat, isCompatPath, type CompatDeps } from "./compat/compat.ts";
import { answerOpenId, isOpenIdPath } from "./openid.ts";
import { finishAnswer } from "./finish.ts";
import { answerQueryError, runQueryRequest } from "./query-request.ts";
import { answerS3Error, runS3Request } from "./s3-request.ts";
import type { PipelineDeps, RequestScope } from "./scope.ts";
import { selectService } from "./select-service.ts";
import { Trail } from "./trail.ts";
import { websiteOfHost } from "./website-host.ts";

export type PipelineOptions = PipelineDeps & {
  /** What moto's and LocalStack's endpoints need beside the world. */
  readonly compat: Omit<CompatDeps, "world" | "reseed"> & {
    readonly reseed: (world: World, seed: number) => Promise<void>;
  };
};

/** Answers one request. It never throws: what a client got wrong is AWS's error, a fault of ours is logged and `InternalError`. */
export type Pipeline = (request: WireRequest) => Promise<WireResponse>;

/** A request before it has a world. */
type Arrival = { readonly request: WireRequest; readonly address: HostAddress };

const WORLD_HEADER = "x-standin-world";

export const createPipeline = ({ compat, ...deps }: PipelineOptions): Pipeline => {
  const { state, addressing, platform } = deps;
  return async (request) => {
    const address = addressing(request.host);
    const worldName = request.headers[WORLD_HEADER] ?? address.world ?? request.world ?? DEFAULT_WORLD;
    const world = state.world(worldName);
    if (world === undefined) return unknownWorld(worldName, { request, address });
    return inWorld(world, { request, address, platform }, async () => {
      if (isOpenIdPath(request) && address.bucket === undefined) return answerOpenId(request, { world, ...deps });
      if (isCompatPath(request.rawPath) && address.bucket === undefined) {
        return answerCompat(request, { ...compat, world, reseed: (seed) => compat.reseed(world, seed) });
      }
      const draw = await world.draw();
      const clock = readClock(world, platform);
      const { nowMs } = clock;
      const trail = new Trail();
      const scope: RequestScope = { deps, request, address, world, draw, nowMs, clock, trail };
      const finished = finishAnswer(scope, await run(scope));
      const answer = finished instanceof Promise ? await finished : finished;
      const { signedHost } = trail.facts;
      const warned = signedHost === undefined ? answer : withHostWarning(answer, signedHost);
      return clock.moved ? atWorldTime(warned, nowMs) : warned;
    });
  };
};

/** Counts the request as one of its world's until its answer is read, so that the world outlives it. */
const inWorld = async (
  world: World,
  { request, address, platform: { clock } }: Arrival & { readonly platform: Platform },
  answer: () => Promise<WireResponse>,
): Promise<WireResponse> => {
  const end = (): void => world.activity.end(clock.now());
  world.activity.begin(clock.now());
  try {
    const answered = await answer();
    if (answered.body instanceof Readable) answered.body.once("close", end);
    else end();
    return answered;
  } catch (error) {
    end();
    // It was deleted since it was looked up.
    if (error instanceof WorldGoneError) return await unknownWorld(world.name, { request, address });
    const busy = busyError(error, "s3");
    if (busy !== undefined) return answerWithoutIds(busy);
    throw error;
  }
};

/** An answer with the world's Date. With an Age beside it no client takes it for the time: the JS SDK would sign by it. */
const atWorldTime = (answer: WireResponse, nowMs: number): WireResponse => ({
  ...answer,
  headers: { ...answer.headers, Date: new Date(nowMs).toUTCString(), Age: "0" },
});

/** AWS knows no host that counts as another: who relies on the setting is told. */
const withHostWarning = (answer: WireResponse, signedHost: string): WireResponse => ({
  ...answer,
  headers: {
    ...answer.headers,
    "x-standin-warning": `signed for the host ${signedHost}, an equivalent host of this one`,
  },
});

const run = async (scope: RequestScope): Promise<WireResponse> => {
  let answerError = (error: unknown): WireResponse | Promise<WireResponse> =>
    answerS3Error(scope, asAwsError(scope, error));
  try {
    const website = websiteOfHost(scope);
    const name = website instanceof Promise ? await website : website;
    // What few requests are for is loaded with the first of them.
    if (name !== undefined) return await (await import("./website.ts")).runWebsiteRequest(scope, name);
    const selected = await selectService(scope.request, scope.address);
    if (selected.service === "s3") return await runS3Request(scope, selected);
    if (selected.service === "s3-control") {
      return await (await import("./s3-control-request.ts")).runS3ControlRequest(scope);
    }
    answerError = (error) => answerQueryError(scope, selected.service, asAwsError(scope, error, { family: "query" }));
    return await runQueryRequest(scope, selected);
  } catch (error) {
    return answerError(error);
  }
};

/** In the words of the service that was meant: its clients look for the code where that has it. */
const unknownWorld = async (worldName: string, { request, address }: Arrival): Promise<WireResponse> => {
  const error = noSuchWorld(worldName);
  // What is wrong with the request beside its world is not told.
  const service = await serviceOf(request, address).catch(() => "s3" as const);
  if (service === "s3" || service === "s3-control") return answerWithoutIds(error, service);
  const { code, message, status = 404 } = error;
  const body = queryErrorDocument(service, { code, message, type: "Sender", requestId: "" });
  return { status, headers: { "Content-Type": "text/xml" }, body };
};

const serviceOf = async (...arrival: Parameters<typeof selectService>): Promise<"s3" | "s3-control" | QueryService> =>
  (await selectService(...arrival)).service;

/** Where no world drew any. */
const answerWithoutIds = (
  { code, message, fields, status = 500 }: AwsError,
  service: "s3" | "s3-control" = "s3",
): WireResponse => {
  const document = service === "s3" ? s3ErrorDocument : s3ControlErrorDocument;
  return {
    status,
    headers: { "Content-Type": "application/xml" },
    body: document({ code, message, fields, requestId: "", hostId: "" }),
  };
};
