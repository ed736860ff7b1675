/** The control plane: what a test harness in any language steers and inspects the server by. */
import type { DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import type { SimulateAccess } from "../access/simulation.ts";
import type { ServerKey } from "../identity/server-key.ts";
import type { WorldKeeper } from "../harness/world-keeper.ts";
import type { Platform } from "../platform/platform.ts";
import type { State } from "../state/state.ts";
import { createArchiveHandler } from "./archive-http.ts";
import { answerError, answerText, type ControlRequest, type ControlResponse } from "./exchange.ts";
import { Health } from "./generated/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "./generated/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "./generated/grpc/reflection/v1alpha/reflection_pb.ts";
import { AccessService } from "./generated/standin/v1/access_pb.ts";
import { AccountService } from "./generated/standin/v1/account_pb.ts";
import { ClockService } from "./generated/standin/v1/clock_pb.ts";
import { DoctorService } from "./generated/standin/v1/doctor_pb.ts";
import { EventService } from "./generated/standin/v1/event_pb.ts";
import { IdentityService } from "./generated/standin/v1/identity_pb.ts";
import { InspectService } from "./generated/standin/v1/inspect_pb.ts";
import { StateService } from "./generated/standin/v1/state_pb.ts";
import { WorldService } from "./generated/standin/v1/world_pb.ts";
import { refusalOf } from "./guard.ts";
import { holdWorlds } from "./hold-worlds.ts";
import { createRpcHandler, describeServices } from "./rpc.ts";
import { createAccessService } from "./services/access-service.ts";
import { createAccountService } from "./services/account-service.ts";
import { createClockService } from "./services/clock-service.ts";
import { createDoctorService } from "./services/doctor-service.ts";
import { createEventService } from "./services/event-service.ts";
import { createHealth } from "./services/health.ts";
import { createIdentityService } from "./services/identity-service.ts";
import { createInspectService } from "./services/inspect-service.ts";
import { createReflection } from "./services/reflection.ts";
import { createStateService } from "./services/state-service.ts";
import { createWorldService } from "./services/world-service.ts";

export type ControlHandlerOptions = {
  readonly state: State;
  /** Secrets of generated access keys are derived with it. */
  readonly serverKey: ServerKey;
  readonly platform: Platform;
  readonly worlds: WorldKeeper;
  /** Decides without a request, by what the data plane decides by. */
  readonly simulateAccess: SimulateAccess;
  /** What callers must present as `Authorization: Bearer`; without one anybody may call. */
  readonly token?: string | undefined;
  /** Host names under which the port is known, beside `localhost` and all IP addresses. Names below them count too. */
  readonly allowedHosts?: readonly string[];
  /** Fires when the server begins to stop: calls that stream for long are ended then. */
  readonly shutdownSignal?: AbortSignal;
};

/** Serves requests of both versions of HTTP; it never throws and always answers. */
export type ControlHandler = (request: ControlRequest, response: ControlResponse) => void;

const OWN_SERVICES: readonly DescService[] = [
  AccountService,
  ClockService,
  StateService,
  WorldService,
  InspectService,
  DoctorService,
  EventService,
  IdentityService,
  AccessService,
];
const SERVICES: readonly DescService[] = [...OWN_SERVICES, Health, ServerReflection, ServerReflectionAlpha];

export const createControlHandler = (options: ControlHandlerOptions): ControlHandler => {
  const { platform, shutdownSignal, token, allowedHosts = [] } = options;
  const guard = { token, allowedHosts: allowedHosts.map((host) => host.toLowerCase()) };
  const serveRpc = createRpcHandler({
    routes: routesOf(options),
    services: OWN_SERVICES,
    logger: platform.logger,
    interceptors: [holdWorlds({ state: options.state, clock: platform.clock })],
    shutdownSignal,
  });
  const serveArchive = createArchiveHandler(options);
  const index = describeServices(SERVICES);

  return (request, response) => {
    // A connection that breaks while we answer is no fault of ours; the call hears of it by its own signal.
    response.on("error", (error: unknown) => platform.logger.debug("a control connection broke", { error }));
    const refusal = refusalOf(request, guard);
    if (refusal !== undefined) return answerError(response, refusal);
    if (request.url === "/" && (request.method === "GET" || request.method === "HEAD")) {
      return answerText(response, { status: 200, contentType: "text/plain; charset=utf-8", text: index });
    }
    if (serveRpc(request, response) || serveArchive(request, response)) return undefined;
    const message = "there is no such RPC; GET / lists them";
    return answerError(response, { status: 404, code: "unimplemented", message });
  };
};

const routesOf =
  ({ state, serverKey, platform, worlds, simulateAccess, shutdownSignal }: ControlHandlerOptions) =>
  (router: ConnectRouter): void => {
    const reflection = createReflection(SERVICES);
    const serviceNames = SERVICES.map(({ typeName }) => typeName);
    router
      .service(AccountService, createAccountService({ state, serverKey, platform }))
      .service(ClockService, createClockService({ state, platform }))
      .service(StateService, createStateService({ state, platform }))
      .service(WorldService, createWorldService({ state, worlds }))
      .service(InspectService, createInspectService({ state }))
      .service(DoctorService, createDoctorService({ state }))
      .service(EventService, createEventService({ state }))
      .service(IdentityService, createIdentityService({ state, platform }))
      .service(AccessService, createAccessService({ state, platform, simulateAccess }))
      .service(Health, createHealth({ serviceNames, shutdownSignal }))
      .service(ServerReflection, reflection.v1)
      .service(ServerReflectionAlpha, reflection.v1alpha);
  };
