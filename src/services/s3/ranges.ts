/** Which bytes of an object a read wants. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";
import type { ByteRange } from "../../state/bodies/bodies.ts";

const RANGE = /^bytes=(\d*)-(\d*)$/;
const COPY_RANGE = /^bytes=(\d+)-(\d+)$/;

/**
 * The bytes that a Range header names; undefined for one that S3 ignores (no `bytes=`, several ranges, first after last).
 * Errors: InvalidRange where it names none of the object's.
 */
export const parseRange = (header: string, sizeBytes: number): ByteRange | undefined => {
  const [, first = "", last = ""] = RANGE.exec(header) ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const lengthBytes = Math.min(Number(last), sizeBytes);
    if (lengthBytes === 0) throw unsatisfiable(header, sizeBytes);
    return { offsetBytes: sizeBytes - lengthBytes, lengthBytes };
  }
  const offsetBytes = Number(first);
  const end = last === "" ? sizeBytes - 1 : Number(last);
  if (last !== "" && end < offsetBytes) return undefined;
  if (offsetBytes >= sizeBytes) throw unsatisfiable(header, sizeBytes);
  return { offsetBytes, lengthBytes: Math.min(end, sizeBytes - 1) - offsetBytes + 1 };
};

const unsatisfiable = (header: string, sizeBytes: number): S3Error =>
  new S3Error("InvalidRange", { RangeRequested: header, ActualObjectSize: String(sizeBytes) });

/** The value of Content-Range. */
export const contentRange = ({ offsetBytes, lengthBytes }: ByteRange, sizeBytes: number): string =>
  `bytes ${offsetBytes}-${offsetBytes + lengthBytes - 1}/${sizeBytes}`;

const COPY_RANGE_FORM =
  "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";

/**
 * The bytes that `x-amz-copy-source-range` names. Unlike a Range it must lie wholly within the source.
 * Errors: InvalidArgument, InvalidRequest.
 */
export const parseCopyRange = (header: string, sizeBytes: number): ByteRange => {
  const argument = { name: "x-amz-copy-source-range", value: header };
  const [, first, last] = COPY_RANGE.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) {
    throw invalidArgument(COPY_RANGE_FORM, argument);
  }
  if (Number(first) >= sizeBytes) {
    throw invalidRequest("The specified copy range is invalid for the source object size");
  }
  if (Number(last) >= sizeBytes) {
    throw invalidArgument(`Range specified is not valid for source object of size: ${sizeBytes}`, argument);
  }
  return { offsetBytes: Number(first), lengthBytes: Number(last) - Number(first) + 1 };
};
