/**
 * Lines that a request leaves beside its own: one for each key of a DeleteObjects, and one in the log of the bucket that a copy
 * is made from.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
 */
import type { DeleteObjectsOutput } from "../../../protocol/generated/s3.ts";
import { parseCopySource } from "../copy-source.ts";
import { S3_ERRORS, type S3ErrorCode } from "../errors.ts";
import type { AccessLine } from "./line.ts";

/** What such a line says otherwise than the request's own. */
export type FurtherLine = Partial<AccessLine> & Pick<AccessLine, "operation">;

/** Such a line tells nothing of the request's own way. */
const NOT_ITS_OWN = { requestUri: undefined, bytesSent: undefined, objectBytes: undefined } as const;

const statusOf = (code: string): number =>
  Object.hasOwn(S3_ERRORS, code) ? S3_ERRORS[code as S3ErrorCode].status : 400;

/** A line for each key that was to be deleted. */
export const batchLines = ({ Deleted = [], Errors = [] }: DeleteObjectsOutput): FurtherLine[] => [
  ...Deleted.map(({ Key, VersionId, DeleteMarkerVersionId }) => ({
    ...NOT_ITS_OWN,
    operation: "BATCH.DELETE.OBJECT",
    key: Key,
    status: 204,
    errorCode: undefined,
    versionId: VersionId ?? DeleteMarkerVersionId,
  })),
  ...Errors.map(({ Key, VersionId, Code = "InternalError" }) => ({
    ...NOT_ITS_OWN,
    operation: "BATCH.DELETE.OBJECT",
    key: Key,
    status: statusOf(Code),
    errorCode: Code,
    versionId: VersionId,
  })),
];

/** The line in the source's log; `header` is `x-amz-copy-source`, which was read before. */
export const copySourceLine = (
  header: string,
  { operation }: { readonly operation: string | undefined },
): FurtherLine => {
  const { key, versionId } = parseCopySource(header);
  return {
    ...NOT_ITS_OWN,
    operation: operation === "UploadPartCopy" ? "REST.COPY.PART_GET" : "REST.COPY.OBJECT_GET",
    key,
    versionId,
  };
};
