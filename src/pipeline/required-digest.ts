/** Operations whose body must come with a digest, so that a document that was changed on its way is not obeyed. */
import { description } from "../protocol/generated/s3.ts";
import { DIGEST_OPTIONAL } from "../protocol/model/overlay.ts";
import type { Payload } from "../protocol/payload.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import { invalidRequest } from "../services/s3/errors.ts";
import { S3_OPERATIONS } from "../services/s3/handlers.ts";

const DEMANDING: ReadonlySet<S3OperationName> = new Set(
  S3_OPERATIONS.filter((name) => "checksumRequired" in description.operations[name] && !DIGEST_OPTIONAL.has(name)),
);

/** Errors: InvalidRequest. */
export const assertDigest = (operation: S3OperationName, payload: Payload): void => {
  if (payload.hasDigest || !DEMANDING.has(operation)) return;
  throw invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
};
