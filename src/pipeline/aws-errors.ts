/** What a client is told when a step of its request throws. */
import { AwsError } from "../protocol/aws-error.ts";
import { isPassing, WorldGoneError } from "../state/errors.ts";
import type { RequestScope } from "./scope.ts";

/** Nothing of AWS's: its requests name no world. */
export const noSuchWorld = (worldName: string): AwsError =>
  new AwsError(
    "NoSuchWorld",
    { World: worldName },
    { status: 404, message: `The specified world does not exist: ${JSON.stringify(worldName)}` },
  );

/** What each kind of service says when it cannot serve a request at the moment. */
const BUSY = {
  s3: { code: "SlowDown", message: "Please reduce your request rate." },
  query: { code: "ServiceUnavailable", message: "Service is unable to handle request." },
} as const;

/** The answer to an error of the moment, such as a full disk; undefined for any other. */
export const busyError = (error: unknown, family: keyof typeof BUSY): AwsError | undefined => {
  const { code, message } = BUSY[family];
  return isPassing(error) ? new AwsError(code, {}, { status: 503, message }) : undefined;
};

/** Any throw that is not an error of AWS's is a fault of ours: logged with its stack, answered without it. */
export const asAwsError = (
  { deps, request, draw }: RequestScope,
  error: unknown,
  { family }: { family: keyof typeof BUSY } = { family: "s3" },
): AwsError => {
  if (error instanceof AwsError) return error;
  if (error instanceof WorldGoneError) return noSuchWorld(error.worldName);
  if (request.body.destroyed && isBrokenOff(error)) {
    return new AwsError("RequestTimeout", {}, { status: 400, message: "The request was broken off." });
  }
  const { requestId } = draw;
  const busy = busyError(error, family);
  if (busy !== undefined) {
    deps.platform.logger.warn("a request could not be served for now", { requestId, reason: String(error) });
    return busy;
  }
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
