/** Multipart uploads: which parts make the object, and what its digests are. */
import { hash } from "node:crypto";
import type { ChecksumAlgorithm } from "../../protocol/checksums/algorithms.ts";
import {
  checksumHeader,
  decodeChecksum,
  DEFAULT_CHECKSUM_ALGORITHM,
  encodeChecksum,
  isChecksumAlgorithm,
} from "../../protocol/checksums/algorithms.ts";
import { SEVERAL_CHECKSUMS } from "../../protocol/aws-chunked/body-errors.ts";
import { combineCrcs, isCrc } from "../../protocol/checksums/combine.ts";
import { digestOf } from "../../protocol/checksums/hasher.ts";
import type { Draw } from "../../state/id-stream.ts";
import type { Bucket, Checksum, Part, Upload } from "../../state/model.ts";
import type { Tx, View } from "../../state/view.ts";
import { findUpload } from "../../state/uploads.ts";
import {
  givenChecksums,
  rawDigest,
  withoutPartCount,
  type ChecksumValues,
  type NamedChecksum,
} from "./checksum-members.ts";
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";
import { unquoteEtag } from "./etags.ts";
import { PART_BYTES_MIN, PART_NUMBER_MAX } from "./limits.ts";

const KEY_TAG_CHARS = 8;

const keyTag = (key: string): string => hash("sha256", `upload/${key}`, "base64url").slice(0, KEY_TAG_CHARS);

/** A new upload's id. It ends in a tag of its key, so that a list's markers can be checked after the upload is gone. */
export const newUploadId = (draw: Draw, key: string): string => draw.uploadId() + keyTag(key);

/** Whether an id can be that of an upload to `key`. */
export const uploadIdFits = (uploadId: string, key: string): boolean =>
  uploadId.length > KEY_TAG_CHARS && uploadId.endsWith(keyTag(key));

/** Errors: InvalidArgument for a number out of range. */
export const assertPartNumber = (partNumber: number | undefined): number => {
  if (partNumber !== undefined && Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= PART_NUMBER_MAX) {
    return partNumber;
  }
  throw invalidArgument(`Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`, {
    name: "partNumber",
    value: String(partNumber),
  });
};

/** The error for an upload that is not there: never begun, aborted or completed. */
export const noSuchUpload = (uploadId: string): S3Error => new S3Error("NoSuchUpload", { UploadId: uploadId });

/** An upload belongs to a key; under another key it does not exist. */
export type UploadName = { readonly key: string; readonly uploadId: string };

/** Errors: NoSuchUpload. */
export const requireUpload = async (view: View | Tx, bucket: Bucket, name: UploadName): Promise<Upload> => {
  const upload = await findUpload(view, bucket, name);
  if (upload === undefined) throw noSuchUpload(name.uploadId);
  return upload;
};

/** The algorithm that an upload named. */
export const uploadAlgorithm = ({ checksumAlgorithm }: Upload): ChecksumAlgorithm | undefined =>
  checksumAlgorithm !== undefined && isChecksumAlgorithm(checksumAlgorithm) ? checksumAlgorithm : undefined;

/** The algorithm of an upload's parts, and of the object it becomes: CRC64NVME where it named none. */
export const partAlgorithm = (upload: Upload): ChecksumAlgorithm =>
  uploadAlgorithm(upload) ?? DEFAULT_CHECKSUM_ALGORITHM;

/** A part as a complete request lists it. */
export type ListedPart = ChecksumValues & {
  readonly PartNumber?: number | undefined;
  readonly ETag?: string | undefined;
};

/**
 * The parts that a complete request names, in its order, which must be that of their numbers.
 * Errors: MalformedXML, InvalidArgument, InvalidRequest, InvalidPartOrder, InvalidPart, EntityTooSmall, BadDigest.
 */
export const chooseParts = (
  listed: readonly ListedPart[],
  { upload, uploaded }: { readonly upload: Upload; readonly uploaded: readonly Part[] },
): Part[] => {
  if (!listed.every(isComplete)) throw new S3Error("MalformedXML");
  for (const { PartNumber: number } of listed) assertListedNumber(number);
  assertOrder(listed, upload);
  const byNumber = new Map(uploaded.map((part) => [part.partNumber, part]));
  const chosen: Part[] = [];
  for (const wanted of listed) {
    const part = byNumber.get(wanted.PartNumber);
    if (part === undefined || part.etag !== unquoteEtag(wanted.ETag)) throw invalidPart(upload, wanted);
    checkPartChecksum(wanted, { upload, part });
    chosen.push(part);
  }
  checkSizes(chosen);
  return chosen;
};

type CompletePart = ListedPart & { readonly PartNumber: number; readonly ETag: string };

const isComplete = (part: ListedPart): part is CompletePart => part.PartNumber !== undefined && part.ETag !== undefined;

/** A number above the highest is that of a part that is not there. Errors: InvalidArgument. */
const assertListedNumber = (number: number): void => {
  if (number >= 1) return;
  throw invalidArgument("PartNumber must be >= 1", { name: "PartNumber", value: String(number) });
};

/** Errors: InvalidPartOrder. */
const assertOrder = (listed: readonly CompletePart[], { uploadId }: Upload): void => {
  let lastNumber = 0;
  for (const { PartNumber: number } of listed) {
    if (number <= lastNumber) throw new S3Error("InvalidPartOrder", { UploadId: uploadId });
    lastNumber = number;
  }
};

const invalidPart = ({ uploadId }: Upload, { PartNumber: number, ETag: etag }: CompletePart): S3Error =>
  new S3Error("InvalidPart", { UploadId: uploadId, PartNumber: String(number), ETag: unquoteEtag(etag) });

const checkPartChecksum = (wanted: CompletePart, { upload, part }: { upload: Upload; part: Part }): void => {
  const algorithm = uploadAlgorithm(upload);
  const given = givenPartChecksum(wanted);
  if (given === undefined) {
    if (algorithm === undefined || upload.checksumType !== "COMPOSITE") return;
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.partNumber} in the request.`,
    );
  }
  if (given.algorithm === part.checksum.algorithm) {
    if (given.value !== part.checksum.value) throw invalidPart(upload, wanted);
  } else if (algorithm !== undefined) {
    // Without an algorithm of its own an upload takes any; what came with the part was verified then.
    throw new S3Error(
      "BadDigest",
      {},
      {
        message: `The ${given.algorithm.toLowerCase()} you specified for part ${part.partNumber} did not match what we received.`,
      },
    );
  }
};

/** Errors: InvalidArgument for more than one, and for one that is malformed. */
const givenPartChecksum = (wanted: CompletePart): NamedChecksum | undefined => {
  const [given, ...others] = givenChecksums(wanted);
  if (given === undefined) return undefined;
  if (others.length === 0 && decodeChecksum(given.algorithm, given.value) !== undefined) return given;
  const all = [given, ...others].map(({ algorithm, value }) => `${algorithm}:${value};`).join("");
  throw invalidArgument("Invalid Base64 or multiple checksums present in request", {
    name: "Checksum",
    value: others.length === 0 ? given.value : all,
  });
};

const checkSizes = (chosen: readonly Part[]): void => {
  for (const { etag, partNumber, sizeBytes } of chosen.slice(0, -1)) {
    if (sizeBytes >= PART_BYTES_MIN) continue;
    throw new S3Error("EntityTooSmall", {
      ETag: etag,
      PartNumber: String(partNumber),
      ProposedSize: String(sizeBytes),
      MinSizeAllowed: String(PART_BYTES_MIN),
    });
  }
};

/** Bytes of all parts together. */
export const sizeOfParts = (parts: readonly Part[]): number => parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/**
 * The checksum of the object that parts become: combined from theirs, no byte is read.
 * The hashers of the upload's algorithm must have been loaded.
 */
export const checksumOfParts = (upload: Upload, parts: readonly Part[]): Checksum => {
  const algorithm = partAlgorithm(upload);
  const digests = parts.map(({ checksum }) => rawDigest(algorithm, checksum.value));
  if (upload.checksumType === "COMPOSITE") {
    const digest = digestOf(algorithm, Buffer.concat(digests));
    return { algorithm, type: "COMPOSITE", value: `${encodeChecksum(digest)}-${parts.length}` };
  }
  if (!isCrc(algorithm)) throw new Error(`${algorithm} knows no checksum of the whole object`);
  const runs = parts.map(({ sizeBytes }, index) => ({ sizeBytes, digest: digests[index] ?? Buffer.alloc(0) }));
  return { algorithm, type: "FULL_OBJECT", value: encodeChecksum(combineCrcs(algorithm, runs)) };
};

/**
 * Holds what a complete request says of the whole object against what it is.
 * Errors: InvalidRequest for another mode, for more than one checksum and for one that is malformed, BadDigest.
 */
export const checkWholeChecksum = (
  input: ChecksumValues & { readonly ChecksumType?: string | undefined },
  { upload, computed }: { readonly upload: Upload; readonly computed: Checksum },
): void => {
  const { ChecksumType: type } = input;
  if (type !== undefined && type !== upload.checksumType) {
    throw invalidRequest(
      `The upload was created using the ${upload.checksumType ?? "null"} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const [given, ...others] = givenChecksums(input);
  if (given === undefined) return;
  if (others.length > 0) throw invalidRequest(SEVERAL_CHECKSUMS);
  const { algorithm, value } = given;
  if (decodeChecksum(algorithm, withoutPartCount(value)) === undefined) {
    throw invalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
  // The number of parts may be left out of a composite one.
  const same = value === computed.value || value === withoutPartCount(computed.value);
  if (algorithm === computed.algorithm && same) return;
  throw new S3Error(
    "BadDigest",
    {},
    { message: `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.` },
  );
};
