/** Requests that must not say how an object is encrypted: only what makes an object can. */
import type { WireRequest } from "../protocol/wire.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import { invalidArgument } from "../services/s3/errors.ts";

const ENCRYPTION = "x-amz-server-side-encryption";

/** Parts are encrypted as their upload says, and nothing is encrypted by reading it. */
const WITHOUT_ENCRYPTION: ReadonlySet<S3OperationName> = new Set([
  "CompleteMultipartUpload",
  "GetObject",
  "HeadObject",
  "ListObjects",
  "ListObjectsV2",
  "UploadPart",
  "UploadPartCopy",
]);

/** Errors: InvalidArgument. https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-s3-encryption.html */
export const assertEncryptionHeader = (operation: S3OperationName, headers: WireRequest["headers"]): void => {
  const encryption = headers[ENCRYPTION];
  if (encryption === undefined || !WITHOUT_ENCRYPTION.has(operation)) return;
  throw invalidArgument(`${ENCRYPTION} header is not supported for this operation.`, {
    name: ENCRYPTION,
    value: encryption,
  });
};
