/** What GetObject and HeadObject share: which version, which of its bytes, and what the answer says of both. */
import type { ByteRange } from "../../state/bodies/bodies.ts";
import type { Bucket, Checksum, ManifestPart, ObjectVersion } from "../../state/model.ts";
import { readManifest } from "../../state/objects.ts";
import type { View } from "../../state/view.ts";
import { checksumMembers } from "./checksum-members.ts";
import { failedReadCondition, preconditionFailed } from "./conditions.ts";
import { bucketOf, type S3Context } from "./context.ts";
import type { Operations } from "../../protocol/generated/s3.ts";
import { assertCustomerKey, encryptionMembers, readCustomerKey } from "./encryption.ts";
import { invalidRequest, S3Error } from "./errors.ts";
import { quoteEtag } from "./etags.ts";
import { expirationMember, expirationOfVersion } from "./lifecycle/shown.ts";
import { assertPartNumber } from "./multipart.ts";
import { objectHeaderMembers, overrideMembers } from "./object-headers.ts";
import { lockMembers } from "./object-lock.ts";
import { contentRange, parseRange } from "./ranges.ts";
import { restoreHeader } from "./restore.ts";
import { readStoredVersion } from "./stored-version.ts";
import { shownStorageClass } from "./storage-class.ts";
import { shownVersionId } from "./version-id.ts";

type ReadInput = Operations["GetObject"]["input"] | Operations["HeadObject"]["input"];

/** The bytes that an answer covers. */
type Portion = {
  readonly range: ByteRange;
  /** Set when the answer is partial (206), even if the part is all there is. */
  readonly contentRange?: string;
  readonly partsCount?: number;
  /** The checksum of exactly these bytes, where one is known. */
  readonly checksum?: Checksum | undefined;
};

/** An object that may be answered, and how much of it. */
export type Reading = {
  readonly bucket: Bucket;
  readonly object: ObjectVersion;
  readonly portion: Portion;
  /** When it was read: what is said of locks and restores depends on it. */
  readonly nowMs: number;
  /** What is said of the rule that will end it. */
  readonly expiration: Awaited<ReturnType<typeof expirationMember>>;
};

/** Checks that need no state. Errors: InvalidRequest, InvalidArgument. */
export const assertReadRequest = ({ caller }: S3Context, input: ReadInput): void => {
  const { PartNumber: partNumber, Range: range } = input;
  if (partNumber !== undefined) {
    if (range !== undefined) throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
    assertPartNumber(partNumber);
  }
  if (caller.principal.kind === "Anonymous" && overrideMembers(input) !== undefined) {
    throw invalidRequest("Request specific response headers cannot be used for anonymous GET requests.");
  }
};

/**
 * Finds what a read asks for.
 * Errors: NoSuchKey and its kin, PreconditionFailed, NotModified, InvalidRange, InvalidPartNumber, those of SSE-C.
 */
export const readObject = async (
  view: View,
  context: S3Context,
  { input, method }: { readonly input: ReadInput; readonly method: "GET" | "HEAD" },
): Promise<Reading> => {
  const bucket = bucketOf(context);
  const object = await readStoredVersion(view, bucket, { key: input.Key, versionId: input.VersionId, method });
  assertCustomerKey(object.attributes.encryption, readCustomerKey(input));
  checkConditions(object, { input, context, bucket });
  const { Range: range, PartNumber: partNumber } = input;
  const { nowMs } = context;
  const told = (input.VersionId === undefined ? expirationMember : expirationOfVersion)(view, bucket, object);
  const expiration = told === undefined ? undefined : await told;
  if (partNumber !== undefined)
    return { bucket, object, nowMs, expiration, portion: await portionOfPart(view, { bucket, object, partNumber }) };
  return { bucket, object, nowMs, expiration, portion: portionOfRange(object, range) };
};

const checkConditions = (
  object: ObjectVersion,
  { input, context, bucket }: { input: ReadInput; context: S3Context; bucket: Bucket },
): void => {
  const { IfMatch: ifMatch, IfNoneMatch: ifNoneMatch, IfModifiedSince: ifModifiedSince } = input;
  const conditions = { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince: input.IfUnmodifiedSince };
  const failed = failedReadCondition(object, { conditions, nowMs: context.nowMs });
  if (failed === undefined) return;
  if (failed === "If-Match" || failed === "If-Unmodified-Since") throw preconditionFailed(failed);
  const versionId = shownVersionId(bucket, object.versionId);
  const headers = {
    ETag: quoteEtag(object.etag),
    "Last-Modified": new Date(object.lastModifiedMs).toUTCString(),
    ...(versionId === undefined ? {} : { "x-amz-version-id": versionId }),
  };
  throw new S3Error("NotModified", {}, { headers });
};

const wholePortion = (object: ObjectVersion): Portion => ({
  range: { offsetBytes: 0, lengthBytes: object.sizeBytes },
  checksum: object.checksum,
});

const portionOfRange = (object: ObjectVersion, header: string | undefined): Portion => {
  const range = header === undefined ? undefined : parseRange(header, object.sizeBytes);
  if (range === undefined) return wholePortion(object);
  const whole = range.lengthBytes === object.sizeBytes;
  return {
    range,
    contentRange: contentRange(range, object.sizeBytes),
    ...(whole ? { checksum: object.checksum } : {}),
  };
};

const portionOfPart = async (
  view: View,
  { bucket, object, partNumber }: { bucket: Bucket; object: ObjectVersion; partNumber: number },
): Promise<Portion> => {
  // A plain object counts as one part.
  if (object.partCount === 0) {
    if (partNumber > 1) throw invalidPartNumber(partNumber, 1);
    return withContentRange(wholePortion(object), object);
  }
  let offsetBytes = 0;
  for (const part of await readManifest(view, bucket, object)) {
    if (part.partNumber === partNumber) {
      const range = { offsetBytes, lengthBytes: part.sizeBytes };
      const checksum = checksumOfPart(object, part);
      return { ...withContentRange({ range }, object), partsCount: object.partCount, checksum };
    }
    offsetBytes += part.sizeBytes;
  }
  throw invalidPartNumber(partNumber, object.partCount);
};

const invalidPartNumber = (requested: number, actualCount: number): S3Error =>
  new S3Error("InvalidPartNumber", { PartNumberRequested: String(requested), ActualPartCount: String(actualCount) });

/** An empty part has no Content-Range that could be written. */
const withContentRange = (portion: Portion, { sizeBytes }: ObjectVersion): Portion =>
  portion.range.lengthBytes === 0 ? portion : { ...portion, contentRange: contentRange(portion.range, sizeBytes) };

const checksumOfPart = ({ checksum, partCount }: ObjectVersion, part: ManifestPart): Checksum | undefined => {
  if (checksum?.type !== "COMPOSITE") return partCount === 1 ? checksum : undefined;
  return part.checksum === undefined ? undefined : { ...checksum, value: part.checksum };
};

/** The members that GetObject and HeadObject answer alike. */
export const readingMembers = ({ bucket, object, portion, nowMs, expiration }: Reading, input: ReadInput) => {
  const { attributes } = object;
  const storageClass = shownStorageClass(object);
  const versionId = shownVersionId(bucket, object.versionId);
  const { replication, restore, tags } = attributes;
  return {
    ...objectHeaderMembers(attributes),
    ...overrideMembers(input),
    ...encryptionMembers(attributes.encryption),
    ...(input.ChecksumMode === "ENABLED" ? checksumMembers(portion.checksum) : undefined),
    ...lockMembers(attributes.lock, nowMs),
    ...(replication === undefined ? undefined : { ReplicationStatus: replication.status }),
    ...expiration,
    AcceptRanges: "bytes",
    LastModified: new Date(object.lastModifiedMs),
    ContentLength: portion.range.lengthBytes,
    ETag: quoteEtag(object.etag),
    ContentRange: portion.contentRange,
    PartsCount: portion.partsCount,
    VersionId: versionId,
    StorageClass: storageClass,
    TagCount: tags?.length,
    Restore: restore && restoreHeader(restore, nowMs),
  };
};
