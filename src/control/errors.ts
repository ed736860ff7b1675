/** Errors of the control plane: what a service throws becomes a code with its details here and nowhere else. */
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Logger } from "../platform/logger.ts";
import {
  AccountChangedError,
  NamespaceConflictError,
  SnapshotExistsError,
  SnapshotNotFoundError,
  TooManyError,
} from "../state/errors.ts";
import { DEFAULT_WORLD } from "../state/state.ts";
import { BucketConflictSchema, InvalidFieldSchema, NamedResourceSchema } from "./generated/standin/v1/errors_pb.ts";

/** INVALID_ARGUMENT. `field` is the JSON name; `reason` goes on after it: `must be twelve digits`. */
export const invalidField = (field: string, reason: string): ConnectError =>
  new ConnectError(`${field} ${reason}`, Code.InvalidArgument, undefined, [
    { desc: InvalidFieldSchema, value: { field, reason } },
  ]);

type ResourceType = "world" | "account" | "bucket" | "object" | "snapshot" | "accessKey";

/** What a request names. `world` is absent for a world itself. */
export type Resource = { readonly type: ResourceType; readonly name: string; readonly world?: string };

const WORDS: Record<ResourceType, string> = {
  world: "world",
  account: "account",
  bucket: "bucket",
  object: "object",
  snapshot: "snapshot",
  accessKey: "access key",
};

const describe = ({ type, name, world }: Resource): string =>
  `${WORDS[type]} ${JSON.stringify(name)}${world === undefined ? "" : ` in world ${world}`}`;

const details = (resource: Resource) => [{ desc: NamedResourceSchema, value: { ...resource } }];

export const notFound = (resource: Resource): ConnectError =>
  new ConnectError(`there is no ${describe(resource)}`, Code.NotFound, undefined, details(resource));

export const alreadyExists = (resource: Resource): ConnectError =>
  new ConnectError(`there is a ${describe(resource)} already`, Code.AlreadyExists, undefined, details(resource));

const conflict = ({ bucketName, ownerAccountId }: NamespaceConflictError): ConnectError =>
  new ConnectError(
    `bucket ${JSON.stringify(bucketName)} belongs to account ${ownerAccountId} now; nothing was changed`,
    Code.FailedPrecondition,
    undefined,
    [{ desc: BucketConflictSchema, value: { bucket: bucketName, ownerAccountId } }],
  );

const aborted = ({ accountId }: AccountChangedError): ConnectError =>
  new ConnectError(`account ${accountId} was reset or restored meanwhile; try again`, Code.Aborted);

/** The answer to an error that the state threw; undefined for a fault of ours. */
const answerOf = (error: unknown, world: string): ConnectError | undefined => {
  if (error instanceof ConnectError) return error;
  if (error instanceof SnapshotNotFoundError) return notFound({ type: "snapshot", name: error.snapshotName, world });
  if (error instanceof SnapshotExistsError) return alreadyExists({ type: "snapshot", name: error.snapshotName, world });
  if (error instanceof AccountChangedError) return aborted(error);
  if (error instanceof TooManyError) return new ConnectError(error.message, Code.ResourceExhausted);
  return error instanceof NamespaceConflictError ? conflict(error) : undefined;
};

const worldNamedBy = (message: object): string =>
  "world" in message && typeof message.world === "string" && message.world !== "" ? message.world : DEFAULT_WORLD;

/** Turns what services throw into answers. A fault of ours is logged with its stack and answered without saying more. */
export const translateErrors = (logger: Logger): Interceptor => {
  const toAnswer = (error: unknown, call: { rpc: string; world: string }): ConnectError => {
    const answer = answerOf(error, call.world);
    if (answer !== undefined) return answer;
    logger.error("a call of the control plane failed", { ...call, error });
    return new ConnectError("internal error; the server's log says more", Code.Internal);
  };
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
