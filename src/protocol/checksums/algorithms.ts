/**
 * The checksum algorithms of S3 as a table: header, length, and which checksum types a multipart upload may have.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
import { AwsError } from "../aws-error.ts";

export const CHECKSUM_ALGORITHMS = [
  "CRC32",
  "CRC32C",
  "CRC64NVME",
  "SHA1",
  "SHA256",
  "SHA512",
  "MD5",
  "XXHASH64",
  "XXHASH3",
  "XXHASH128",
] as const;

/** As the S3 model names them. */
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

/** What S3 gives an object whose uploader named no algorithm. */
export const DEFAULT_CHECKSUM_ALGORITHM = "CRC64NVME" satisfies ChecksumAlgorithm;

type ChecksumRow = {
  readonly digestBytes: number;
  readonly header: `x-amz-checksum-${string}`;
  /** Types that a multipart upload may have; the first is the default. */
  readonly types: readonly [ChecksumType, ...ChecksumType[]];
};

// Only CRCs can be combined from those of the parts, so only they know FULL_OBJECT.
const ROWS: Readonly<Record<ChecksumAlgorithm, ChecksumRow>> = {
  CRC32: { digestBytes: 4, header: "x-amz-checksum-crc32", types: ["COMPOSITE", "FULL_OBJECT"] },
  CRC32C: { digestBytes: 4, header: "x-amz-checksum-crc32c", types: ["COMPOSITE", "FULL_OBJECT"] },
  CRC64NVME: { digestBytes: 8, header: "x-amz-checksum-crc64nvme", types: ["FULL_OBJECT"] },
  SHA1: { digestBytes: 20, header: "x-amz-checksum-sha1", types: ["COMPOSITE"] },
  SHA256: { digestBytes: 32, header: "x-amz-checksum-sha256", types: ["COMPOSITE"] },
  SHA512: { digestBytes: 64, header: "x-amz-checksum-sha512", types: ["COMPOSITE"] },
  MD5: { digestBytes: 16, header: "x-amz-checksum-md5", types: ["COMPOSITE"] },
  XXHASH64: { digestBytes: 8, header: "x-amz-checksum-xxhash64", types: ["COMPOSITE"] },
  XXHASH3: { digestBytes: 8, header: "x-amz-checksum-xxhash3", types: ["COMPOSITE"] },
  XXHASH128: { digestBytes: 16, header: "x-amz-checksum-xxhash128", types: ["COMPOSITE"] },
};

const ALGORITHM_OF_HEADER: ReadonlyMap<string, ChecksumAlgorithm> = new Map(
  CHECKSUM_ALGORITHMS.map((algorithm) => [ROWS[algorithm].header, algorithm]),
);

/** True for a name as the S3 model has it; case matters. */
export const isChecksumAlgorithm = (name: string): name is ChecksumAlgorithm => Object.hasOwn(ROWS, name);

/** `CRC32` -> `x-amz-checksum-crc32`. */
export const checksumHeader = (algorithm: ChecksumAlgorithm): string => ROWS[algorithm].header;

/** `x-amz-checksum-crc32` -> `CRC32`; undefined for `x-amz-checksum-type` and the like. The name is in lower case. */
export const algorithmOfHeader = (header: string): ChecksumAlgorithm | undefined => ALGORITHM_OF_HEADER.get(header);

/** Reads a checksum in base64; undefined unless it is canonical base64 of the right length. */
export const decodeChecksum = (algorithm: ChecksumAlgorithm, text: string): Buffer | undefined => {
  const digest = Buffer.from(text, "base64");
  // Node's decoder skips what it does not know, so only a text that it would write itself is taken.
  return digest.length === ROWS[algorithm].digestBytes && digest.toString("base64") === text ? digest : undefined;
};

/** The base64 text of a digest, as headers and XML carry it. */
export const encodeChecksum = (digest: Uint8Array): string =>
  Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString("base64");

const invalidRequest = (message: string): AwsError => new AwsError("InvalidRequest", {}, { status: 400, message });

/** AWS's texts name these five, although it knows more by now. */
const NAMED_IN_ERRORS = "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]";

/**
 * Reads `x-amz-checksum-algorithm` or `x-amz-sdk-checksum-algorithm`, in any case.
 * Errors: InvalidRequest for one that S3 does not know.
 */
export const parseChecksumAlgorithm = (text: string): ChecksumAlgorithm => {
  const name = text.toUpperCase();
  if (isChecksumAlgorithm(name)) return name;
  throw invalidRequest(
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: ${NAMED_IN_ERRORS}`,
  );
};

/** Reads `x-amz-checksum-type`, in any case. Errors: InvalidRequest for one that is none. */
export const parseChecksumType = (text: string): ChecksumType => {
  const type = text.toUpperCase();
  if (type === "COMPOSITE" || type === "FULL_OBJECT") return type;
  throw invalidRequest("Value for x-amz-checksum-type header is invalid.");
};

/**
 * Which algorithm and type a multipart upload has, from what CreateMultipartUpload named; undefined when it named none
 * (any part checksum is then accepted, and the object gets CRC64NVME).
 * Errors: InvalidRequest for an unknown name, a type without algorithm, or a pair that S3 does not allow.
 */
export const resolveUploadChecksum = (options: {
  readonly algorithm: string | undefined;
  readonly type: string | undefined;
}): { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined => {
  if (options.algorithm === undefined) {
    if (options.type === undefined) return undefined;
    throw invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  const algorithm = parseChecksumAlgorithm(options.algorithm);
  const { types } = ROWS[algorithm];
  if (options.type === undefined) return { algorithm, type: types[0] };
  const type = parseChecksumType(options.type);
  if (types.includes(type)) return { algorithm, type };
  throw invalidRequest(
    `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
};
