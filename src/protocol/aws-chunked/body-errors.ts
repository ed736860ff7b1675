/** What S3 answers to a body that is not what its headers say. */
import { AwsError } from "../aws-error.ts";

const badRequest = (code: string, message: string, fields: Readonly<Record<string, string>> = {}): AwsError =>
  new AwsError(code, fields, { status: 400, message });

/** The connection ended, or an aws-chunked body did not decode to its announced length. */
export const incompleteBody = (): AwsError => badRequest("IncompleteBody", "The request body terminated unexpectedly");

export const wrongContentLength = (): AwsError =>
  badRequest("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header");

/** `chunk` counts from 1. */
export const invalidChunkSize = (options: { readonly chunk: number; readonly sizeBytes: number }): AwsError =>
  badRequest("InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes", {
    Chunk: String(options.chunk),
    BadChunkSize: String(options.sizeBytes),
  });

export const malformedTrailer = (): AwsError =>
  badRequest(
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  );

export const invalidRequest = (message: string): AwsError => badRequest("InvalidRequest", message);

/** What is said to more than one checksum. */
export const SEVERAL_CHECKSUMS = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";

export const missingContentLength = (): AwsError =>
  new AwsError(
    "MissingContentLength",
    {},
    {
      status: 411,
      message: "You must provide the Content-Length HTTP header.",
    },
  );

export const invalidDigest = (contentMd5: string): AwsError =>
  badRequest("InvalidDigest", "The Content-MD5 you specified was invalid.", { "Content-MD5": contentMd5 });

export const wrongContentMd5 = (options: { readonly expected: string; readonly calculated: string }): AwsError =>
  badRequest("BadDigest", "The Content-MD5 you specified did not match what we received.", {
    ExpectedDigest: options.expected,
    CalculatedDigest: options.calculated,
  });

export const wrongChecksum = (algorithm: string): AwsError =>
  badRequest("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);

export const wrongPayloadSha256 = (options: { readonly provided: string; readonly calculated: string }): AwsError =>
  badRequest(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: options.provided, S3ComputedContentSHA256: options.calculated },
  );

export const tooLong = (options: { readonly sizeBytesMax: number }): AwsError =>
  badRequest("MaxMessageLengthExceeded", "Your request was too big.", {
    MaxMessageLengthBytes: String(options.sizeBytesMax),
  });
