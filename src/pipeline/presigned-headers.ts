/**
 * The headers that a presigned URL carries in its query. Whoever makes one has no say in the headers that its user sends, so the
 * SDKs sign `x-amz-*` headers as parameters, and S3 takes them for headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { algorithmOfHeader, encodeChecksum } from "../protocol/checksums/algorithms.ts";
import { digestOf } from "../protocol/checksums/hasher.ts";
import { asHeaderText } from "../protocol/header-text.ts";
import { parseParameters } from "../protocol/query-string.ts";
import type { WireRequest } from "../protocol/wire.ts";

/** What a presigned URL has in its query, unless some of that is escaped. */
const MAY_BE_PRESIGNED = /Signature=|%/;
const SIGNATURES = ["X-Amz-Signature", "Signature"];
const PREFIX = "x-amz-";
const ANNOUNCED = "x-amz-sdk-checksum-algorithm";
const NO_BYTES = new Uint8Array(0);

/**
 * AWS's JavaScript SDK signs the checksum of the body that it has, which is none: it says nothing of the body that somebody
 * sends later.
 */
const isOfNothing = (name: string, value: string): boolean => {
  const algorithm = algorithmOfHeader(name);
  // It takes no XXHASH unless it is asked for one, and those would have to be loaded first.
  if (algorithm === undefined || algorithm.startsWith("XXHASH")) return false;
  return encodeChecksum(digestOf(algorithm, NO_BYTES)) === value;
};

/** The request's headers, and those of a presigned URL that it does not repeat. Errors: InvalidArgument for what no header can carry. */
export const presignedHeaders = ({ headers, rawQuery }: WireRequest): WireRequest["headers"] => {
  if (rawQuery === "" || !MAY_BE_PRESIGNED.test(rawQuery)) return headers;
  const parameters = parseParameters(rawQuery);
  if (!SIGNATURES.some((name) => parameters.has(name))) return headers;
  const carried: Record<string, string> = {};
  let emptyChecksum = false;
  for (const [parameter, value] of parameters) {
    const name = parameter.toLowerCase();
    if (!name.startsWith(PREFIX)) continue;
    if (isOfNothing(name, value)) emptyChecksum = true;
    else carried[name] = asHeaderText(name, value);
  }
  if (emptyChecksum) delete carried[ANNOUNCED];
  return { ...carried, ...headers };
};
