/** The control plane's client for harnesses in JavaScript and TypeScript. */
import { createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { AccessService } from "./generated/standin/v1/access_pb.ts";
import { AccountService } from "./generated/standin/v1/account_pb.ts";
import { ClockService } from "./generated/standin/v1/clock_pb.ts";
import { DoctorService } from "./generated/standin/v1/doctor_pb.ts";
import { EventService } from "./generated/standin/v1/event_pb.ts";
import { IdentityService } from "./generated/standin/v1/identity_pb.ts";
import { InspectService } from "./generated/standin/v1/inspect_pb.ts";
import { StateService } from "./generated/standin/v1/state_pb.ts";
import { WorldService } from "./generated/standin/v1/world_pb.ts";

/** What a failed call rejects with, and what its `code` is one of. */
export { Code, ConnectError } from "@connectrpc/connect";

/** The control plane's times and durations from JavaScript's, and back. */
export { durationFromMs, durationMs, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";

/** What a decision followed from, and who would ask. */
export { AccessLayer, SimulatedCaller_Kind as SimulatedCallerKind } from "./generated/standin/v1/access_pb.ts";

/** Which requests SetDefaultAccount is about. */
export { SetDefaultAccountRequest_DefaultAccountMode as DefaultAccountMode } from "./generated/standin/v1/account_pb.ts";

/** What became of an event at the world's webhook. */
export { Webhook_State as WebhookState } from "./generated/standin/v1/event_pb.ts";

/** What DiffState says of a difference, and how ExportState compresses. */
export {
  Difference_Change as DifferenceChange,
  Difference_Kind as DifferenceKind,
  ExportStateRequest_Compression as ExportCompression,
} from "./generated/standin/v1/state_pb.ts";

/** Choices among a world's settings. */
export { AuthMode, BucketNamespace, ClientClock, NewBuckets } from "./generated/standin/v1/world_pb.ts";

/** One typed client for each service; a method for each RPC. Failed calls reject with a `ConnectError`. */
export type ControlClient = {
  readonly accounts: Client<typeof AccountService>;
  readonly clock: Client<typeof ClockService>;
  readonly state: Client<typeof StateService>;
  readonly worlds: Client<typeof WorldService>;
  readonly inspect: Client<typeof InspectService>;
  readonly doctor: Client<typeof DoctorService>;
  readonly events: Client<typeof EventService>;
  readonly identities: Client<typeof IdentityService>;
  readonly access: Client<typeof AccessService>;
};

/** `baseUrl`: where the control plane listens, `http://127.0.0.1:5001`. `token`: what it was started with, if anything. */
export const createControlClient = (options: {
  readonly baseUrl: string;
  readonly token?: string | undefined;
}): ControlClient => {
  const { baseUrl, token } = options;
  const transport = createConnectTransport({
    httpVersion: "1.1",
    baseUrl,
    interceptors: token === undefined ? [] : [presentToken(token)],
  });
  return {
    accounts: createClient(AccountService, transport),
    clock: createClient(ClockService, transport),
    state: createClient(StateService, transport),
    worlds: createClient(WorldService, transport),
    inspect: createClient(InspectService, transport),
    identities: createClient(IdentityService, transport),
    access: createClient(AccessService, transport),
    doctor: createClient(DoctorService, transport),
    events: createClient(EventService, transport),
  };
};

const presentToken =
  (token: string): Interceptor =>
  (next) =>
  (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
