/** What the headers of an S3 request say about its body: length, encoding, and the digests that it must have. */
import { AwsError } from "../aws-error.ts";
import { algorithmOfHeader, decodeChecksum, isChecksumAlgorithm } from "../checksums/algorithms.ts";
import type { ChecksumAlgorithm } from "../checksums/algorithms.ts";
import { invalidDigest, invalidRequest, missingContentLength, SEVERAL_CHECKSUMS } from "./body-errors.ts";

export type BodyFacts = {
  /** Bytes after decoding; undefined for a chunked transfer that does not say. */
  readonly sizeBytes: number | undefined;
  /** The payload hash in lower-case hex, where the client gave one. */
  readonly sha256: string | undefined;
  /** Content-MD5 as it was sent: canonical base64 of 16 bytes. */
  readonly contentMd5: string | undefined;
  /** The checksum header about the body: its value is base64 of the right length. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
  /** The checksum that will come in the trailer. */
  readonly trailer: ChecksumAlgorithm | undefined;
  /** The algorithm that the client chose for the body, wherever its value stands: for MD5 that may be Content-MD5. */
  readonly given: ChecksumAlgorithm | undefined;
  /** Present for an aws-chunked body. */
  readonly chunked: { readonly signed: boolean; readonly signedTrailer: boolean } | undefined;
};

type Headers = Readonly<Record<string, string>>;

const SHA256_HEX = /^[0-9a-f]{64}$/;
const DECIMAL = /^[0-9]{1,15}$/;
const CHECKSUM_PREFIX = "x-amz-checksum-";

/** Payload hashes that say how the body is encoded; true where it is aws-chunked. */
const PAYLOAD_FORMS: ReadonlyMap<string, { chunked: boolean; signed: boolean; signedTrailer: boolean }> = new Map([
  ["UNSIGNED-PAYLOAD", { chunked: false, signed: false, signedTrailer: false }],
  ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", { chunked: true, signed: false, signedTrailer: false }],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", { chunked: true, signed: true, signedTrailer: false }],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", { chunked: true, signed: true, signedTrailer: true }],
]);

const invalidPayloadHash = (value: string): AwsError =>
  new AwsError(
    "InvalidArgument",
    { ArgumentName: "x-amz-content-sha256", ArgumentValue: value },
    {
      status: 400,
      message:
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
    },
  );

const encodings = (headers: Headers): readonly string[] =>
  (headers["content-encoding"] ?? "").split(",").map((token) => token.trim());

const isAwsChunked = (token: string): boolean => token.toLowerCase() === "aws-chunked";

/** `aws-chunked,gzip` -> `gzip`: what an object keeps of its Content-Encoding. Undefined when nothing is left. */
export const storedContentEncoding = (contentEncoding: string): string | undefined => {
  const kept = contentEncoding
    .split(",")
    .map((token) => token.trim())
    .filter((token) => token !== "" && !isAwsChunked(token));
  return kept.length === 0 ? undefined : kept.join(",");
};

const readPayloadForm = (headers: Headers): Pick<BodyFacts, "sha256" | "chunked"> => {
  const payloadHash = headers["x-amz-content-sha256"];
  // A presigned or unsigned upload may be aws-chunked without a word in the payload hash.
  const announced =
    headers["x-amz-decoded-content-length"] !== undefined && encodings(headers).some((token) => isAwsChunked(token));
  const unsigned = announced ? { signed: false, signedTrailer: false } : undefined;
  if (payloadHash === undefined) return { sha256: undefined, chunked: unsigned };
  const form = PAYLOAD_FORMS.get(payloadHash);
  if (form !== undefined) return { sha256: undefined, chunked: form.chunked ? form : unsigned };
  if (payloadHash.startsWith("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")) {
    throw new AwsError(
      "NotImplemented",
      {},
      { status: 501, message: "Signature Version 4A (AWS4-ECDSA-P256-SHA256) is not implemented." },
    );
  }
  const sha256 = payloadHash.toLowerCase();
  if (!SHA256_HEX.test(sha256)) throw invalidPayloadHash(payloadHash);
  return { sha256, chunked: unsigned };
};

const readLength = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!DECIMAL.test(text)) throw missingContentLength();
  return Number(text);
};

const severalChecksums = (): AwsError => invalidRequest(SEVERAL_CHECKSUMS);

/** Headers that begin as those of checksums do and are none. */
const ABOUT_CHECKSUMS: ReadonlySet<string> = new Set(
  ["algorithm", "mode", "type"].map((name) => CHECKSUM_PREFIX + name),
);

const readChecksumHeader = (headers: Headers): BodyFacts["checksum"] => {
  let found: string | undefined;
  for (const name in headers) {
    if (!name.startsWith(CHECKSUM_PREFIX) || ABOUT_CHECKSUMS.has(name)) continue;
    if (found !== undefined) throw severalChecksums();
    found = name;
  }
  if (found === undefined) return undefined;
  const algorithm = algorithmOfHeader(found);
  if (algorithm === undefined) {
    throw invalidRequest("The algorithm type you specified in x-amz-checksum- header is invalid.");
  }
  const value = headers[found] ?? "";
  if (decodeChecksum(algorithm, value) === undefined) throw invalidRequest(`Value for ${found} header is invalid.`);
  return { algorithm, value };
};

/** The SDKs' name for the algorithm MD5, as a header and in the trailer. */
const CONTENT_MD5 = "content-md5";

/** `x-amz-checksum-crc32` -> `CRC32`, and MD5 under both its names. */
export const algorithmOfTrailer = (name: string): ChecksumAlgorithm | undefined =>
  name === CONTENT_MD5 ? "MD5" : algorithmOfHeader(name);

const readTrailer = (headers: Headers): ChecksumAlgorithm | undefined => {
  const trailer = headers["x-amz-trailer"]?.trim().toLowerCase();
  if (trailer === undefined || trailer === "") return undefined;
  if (trailer.includes(",")) throw severalChecksums();
  const algorithm = algorithmOfTrailer(trailer);
  if (algorithm === undefined) throw invalidRequest("The value specified in the x-amz-trailer header is not supported");
  return algorithm;
};

type Announced = Pick<BodyFacts, "checksum" | "trailer" | "contentMd5">;

/** The algorithm that the client chose. Errors: InvalidRequest where it announced another, or one whose value is not there. */
const readGiven = (headers: Headers, { checksum, trailer, contentMd5 }: Announced): ChecksumAlgorithm | undefined => {
  const given = checksum?.algorithm ?? trailer;
  const announced = headers["x-amz-sdk-checksum-algorithm"]?.toUpperCase();
  if (announced === undefined) return given;
  if (!isChecksumAlgorithm(announced) || (given !== undefined && given !== announced)) {
    throw invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  if (given !== undefined) return given;
  // The SDKs send the algorithm MD5 as Content-MD5.
  if (announced === "MD5" && contentMd5 !== undefined) return announced;
  throw invalidRequest(
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
  );
};

/**
 * Reads the headers of an S3 request. `checksumHeader: "object"` leaves checksum headers alone where they are about an object
 * and not the body (CompleteMultipartUpload). Errors: InvalidDigest, InvalidRequest, InvalidArgument, MissingContentLength, NotImplemented.
 */
export const readBodyFacts = (headers: Headers, options: { readonly checksumHeader: "body" | "object" }): BodyFacts => {
  const { sha256, chunked } = readPayloadForm(headers);
  const length = chunked === undefined ? "content-length" : "x-amz-decoded-content-length";
  const sizeBytes = readLength(headers[length]);
  if (chunked !== undefined && sizeBytes === undefined) throw missingContentLength();
  const contentMd5 = headers["content-md5"];
  if (contentMd5 !== undefined && decodeChecksum("MD5", contentMd5) === undefined) throw invalidDigest(contentMd5);
  const aboutBody = options.checksumHeader === "body";
  const checksum = aboutBody ? readChecksumHeader(headers) : undefined;
  const trailer = aboutBody && chunked !== undefined ? readTrailer(headers) : undefined;
  if (checksum !== undefined && trailer !== undefined) throw severalChecksums();
  const given = aboutBody ? readGiven(headers, { checksum, trailer, contentMd5 }) : undefined;
  return { sizeBytes, sha256, contentMd5, checksum, trailer, given, chunked };
};
