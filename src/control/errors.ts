/** Errors of the control plane: what a service throws becomes a code with its details here and nowhere else. */
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { NoFreePortError, PortUnavailableError } from "../harness/world-ports.ts";
import type { Logger } from "../platform/logger.ts";
import { ArchiveError } from "../state/archive/format.ts";
import {
  AccountChangedError,
  EngineClosedError,
  isPassing,
  NamespaceConflictError,
  SnapshotExistsError,
  SnapshotNotFoundError,
  storageFaultOf,
  TooManyError,
  WorldExistsError,
  WorldGoneError,
} from "../state/errors.ts";
import { DEFAULT_WORLD } from "../state/state.ts";
import { BucketConflictSchema, InvalidFieldSchema, NamedResourceSchema } from "./generated/standin/v1/errors_pb.ts";

/** INVALID_ARGUMENT. `field` is the JSON name; `reason` goes on after it: `must be twelve digits`. */
export const invalidField = (field: string, reason: string): ConnectError =>
  new ConnectError(`${field} ${reason}`, Code.InvalidArgument, undefined, [
    { desc: InvalidFieldSchema, value: { field, reason } },
  ]);

type ResourceType =
  | "world"
  | "account"
  | "bucket"
  | "object"
  | "snapshot"
  | "accessKey"
  | "user"
  | "role"
  | "policy"
  | "oidcProvider"
  | "samlProvider"
  | "request";

/** What a request names. `world` is absent for a world itself. */
export type Resource = { readonly type: ResourceType; readonly name: string; readonly world?: string };

const WORDS: Record<ResourceType, string> = {
  world: "world",
  account: "account",
  bucket: "bucket",
  object: "object",
  snapshot: "snapshot",
  accessKey: "access key",
  user: "user",
  role: "role",
  policy: "policy",
  oidcProvider: "OpenID Connect provider",
  samlProvider: "SAML provider",
  request: "request that is remembered by the id",
};

const describe = ({ type, name, world }: Resource): string =>
  `${WORDS[type]} ${JSON.stringify(name)}${world === undefined ? "" : ` in world ${world}`}`;

const details = (resource: Resource) => [{ desc: NamedResourceSchema, value: { ...resource } }];

export const notFound = (resource: Resource): ConnectError =>
  new ConnectError(`there is no ${describe(resource)}`, Code.NotFound, undefined, details(resource));

export const alreadyExists = (resource: Resource): ConnectError =>
  new ConnectError(`there is a ${describe(resource)} already`, Code.AlreadyExists, undefined, details(resource));

const conflict = ({ bucketName, ownerAccountId, accountId }: NamespaceConflictError): ConnectError =>
  new ConnectError(
    `bucket ${JSON.stringify(bucketName)} belongs to account ${ownerAccountId}, and account ${accountId} would have one of that name too; nothing was changed`,
    Code.FailedPrecondition,
    undefined,
    [{ desc: BucketConflictSchema, value: { bucket: bucketName, ownerAccountId, accountId } }],
  );

const portUnavailable = ({ message, reason }: PortUnavailableError): ConnectError =>
  new ConnectError(`${message}; nothing was changed`, Code.FailedPrecondition, undefined, [
    { desc: InvalidFieldSchema, value: { field: "port", reason } },
  ]);

const aborted = ({ accountId }: AccountChangedError): ConnectError =>
  new ConnectError(`account ${accountId} was reset or restored meanwhile; try again`, Code.Aborted);

/** The answer to an error that the state threw; undefined for a fault of ours. */
const answerOf = (error: unknown, world: string): ConnectError | undefined => {
  if (error instanceof ConnectError) return error;
  if (error instanceof SnapshotNotFoundError)
    return notFound({ type: "snapshot", name: error.snapshotName, world: error.worldName ?? world });
  if (error instanceof SnapshotExistsError)
    return alreadyExists({ type: "snapshot", name: error.snapshotName, world: error.worldName });
  if (error instanceof AccountChangedError) return aborted(error);
  if (error instanceof ArchiveError)
    return new ConnectError(error.message, error.kind === "damaged" ? Code.DataLoss : Code.InvalidArgument);
  if (error instanceof WorldGoneError) return notFound({ type: "world", name: error.worldName });
  if (error instanceof WorldExistsError) return alreadyExists({ type: "world", name: error.worldName });
  if (error instanceof PortUnavailableError) return portUnavailable(error);
  if (error instanceof NoFreePortError) return new ConnectError(error.message, Code.ResourceExhausted);
  if (error instanceof TooManyError) return new ConnectError(error.message, Code.ResourceExhausted);
  if (error instanceof EngineClosedError) return new ConnectError("the server is stopping", Code.Unavailable);
  if (isPassing(error)) return passing(error);
  if (storageFaultOf(error) === "damaged") return new ConnectError("the database is damaged", Code.DataLoss);
  return error instanceof NamespaceConflictError ? conflict(error) : undefined;
};

const passing = (error: unknown): ConnectError => {
  const fault = storageFaultOf(error);
  if (fault === "full") return new ConnectError("there is no room on the disk", Code.ResourceExhausted);
  if (fault === "tooManyFiles") return new ConnectError("too many files are open", Code.ResourceExhausted);
  return new ConnectError("the server is too busy; try again", Code.Unavailable);
};

const worldNamedBy = (message: object): string =>
  "world" in message && typeof message.world === "string" && message.world !== "" ? message.world : DEFAULT_WORLD;

/** What is answered to an error of a call. A fault of ours is logged with its stack and answered without saying more. */
export const answerFor = (logger: Logger, error: unknown, call: { rpc: string; world: string }): ConnectError => {
  const answer = answerOf(error, call.world);
  if (answer !== undefined) return answer;
  logger.error("a call of the control plane failed", { ...call, error });
  return new ConnectError("internal error; the server's log says more", Code.Internal);
};

/** Turns what services throw into answers. */
export const translateErrors = (logger: Logger): Interceptor => {
  const toAnswer = (error: unknown, call: { rpc: string; world: string }): ConnectError =>
    answerFor(logger, error, call);
  return (next) => async (request) => {
    const { method } = request;
    const rpc = `${method.parent.typeName}/${method.name}`;
    const call = { rpc, world: request.stream ? DEFAULT_WORLD : worldNamedBy(request.message) };
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: guarded(response.message, (error) => toAnswer(error, call)) };
    } catch (error) {
      throw toAnswer(error, call);
    }
  };
};

async function* guarded<T>(messages: AsyncIterable<T>, toAnswer: (error: unknown) => ConnectError): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw toAnswer(error);
  }
}
