import { parseChecksumType } from "../../../protocol/checksums/algorithms.ts";
import { loadHashers } from "../../../protocol/checksums/hasher.ts";
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Bucket, ObjectVersion, Upload } from "../../../state/model.ts";
import { currentObject } from "../../../state/objects.ts";
import { completeUpload, findCompletedUpload, findUpload, readParts } from "../../../state/uploads.ts";
import type { Tx } from "../../../state/view.ts";
import { checksumMembers } from "../checksum-members.ts";
import { checkWriteConditions, readWriteConditions, type WriteConditions } from "../conditions.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { assertUploadKey, encryptionMembers, readCustomerKey } from "../encryption.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { invalidRequest, S3Error } from "../errors.ts";
import { etagOfParts, quoteEtag } from "../etags.ts";
import { expirationMember, expirationOfVersion } from "../lifecycle/shown.ts";
import {
  checkWholeChecksum,
  checksumOfParts,
  chooseParts,
  noSuchUpload,
  partAlgorithm,
  sizeOfParts,
  type ListedPart,
} from "../multipart.ts";
import { latestBefore, noteObjectChange } from "../object-changes.ts";
import { objectUrl } from "../object-url.ts";
import { withDefaultLock } from "../object-lock-configuration.ts";
import { newVersionId, writtenVersionId } from "../version-id.ts";

type Input = Operations["CompleteMultipartUpload"]["input"];

/** Makes an object of an upload's parts. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const completeMultipartUpload: S3Handler<"CompleteMultipartUpload"> = async (context, input) => {
  const { world } = context;
  const name = { key: input.Key, uploadId: input.UploadId };
  const conditions = readWriteConditions(input);
  const keyMd5 = readCustomerKey(input);
  const listed = readListed(input);
  assertWhole(input);
  const begun = await world.read((view) => findUpload(view, bucketOf(context), name));
  if (begun !== undefined) await loadHashers([partAlgorithm(begun)]);
  const versionId = newVersionId(context.draw);

  const completed = await world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const upload = await findUpload(tx, bucket, name);
    if (upload === undefined) {
      // Clients that lost the answer ask again and get it again.
      const completed = await findCompletedUpload(tx, bucket, name);
      if (completed === undefined) throw noSuchUpload(name.uploadId);
      return { bucket, object: completed, expiration: await expirationOfVersion(tx, bucket, completed) };
    }
    assertUploadKey(upload.attributes.encryption, keyMd5);
    if (conditions !== undefined) await assertConditions(tx, { bucket, upload, conditions });
    const before = await latestBefore(tx, bucket, upload.key);
    const object = await complete(tx, { bucket, upload, listed, input, context, versionId: versionId(bucket) });
    const event = "ObjectCreated:CompleteMultipartUpload";
    await noteObjectChange(tx, context, bucket, { event, key: upload.key, version: object, before });
    return { bucket, object, expiration: await expirationMember(tx, bucket, object) };
  });
  return answer(context, completed);
};

/** Errors: InvalidRequest where there is no document, MalformedXML for one that lists no parts. */
const readListed = ({ MultipartUpload: document }: Input): readonly ListedPart[] => {
  if (document === undefined) throw invalidRequest("You must specify at least one part");
  const { Parts: listed = [] } = document;
  if (listed.length === 0) throw new S3Error("MalformedXML");
  return listed;
};

/** What is said of the whole object and cannot be true of any. Errors: InvalidRequest. */
const assertWhole = ({ ChecksumType: type, MpuObjectSize: sizeBytes }: Input): void => {
  if (type !== undefined) parseChecksumType(type);
  if (sizeBytes !== undefined && sizeBytes < 0) {
    throw invalidRequest(`Value for x-amz-mp-object-size header is less than zero: '${sizeBytes}'`);
  }
};

/** Errors: those of a conditional write, and ConditionalRequestConflict where the key was written to since the upload began. */
const assertConditions = async (
  tx: Tx,
  { bucket, upload, conditions }: { bucket: Bucket; upload: Upload; conditions: WriteConditions },
): Promise<void> => {
  checkWriteConditions(conditions, { key: upload.key, current: await currentObject(tx, bucket, upload.key) });
  if (!upload.keyChanged) return;
  const Condition = conditions.ifMatch === undefined ? "If-None-Match" : "If-Match";
  throw new S3Error("ConditionalRequestConflict", { Condition, Key: upload.key });
};

const complete = async (
  tx: Tx,
  options: {
    bucket: Bucket;
    upload: Upload;
    listed: readonly ListedPart[];
    input: Input;
    context: S3Context;
    versionId: string;
  },
): Promise<ObjectVersion> => {
  const { bucket, upload, listed, input, context, versionId } = options;
  if (isDirectoryBucketName(bucket.name)) assertNoGap(listed, upload);
  const chosen = chooseParts(listed, { upload, uploaded: await readParts(tx, bucket, upload) });
  const checksum = checksumOfParts(upload, chosen);
  checkWholeChecksum(input, { upload, computed: checksum });
  const sizeBytes = sizeOfParts(chosen);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== sizeBytes) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${sizeBytes}`,
    );
  }
  const { key, storageClass, ownerAccountId } = upload;
  const etag = etagOfParts(chosen);
  const lastModifiedMs = context.nowMs;
  const { attributes: asked } = upload;
  const attributes = await withDefaultLock(tx, bucket, { attributes: asked, createdAtMs: lastModifiedMs });
  const object = {
    key,
    versionId,
    etag,
    sizeBytes,
    lastModifiedMs,
    storageClass,
    checksum,
    ownerAccountId,
    attributes,
  };
  return completeUpload(tx, bucket, { upload, chosen, object });
};

/** Parts of a directory bucket are numbered from 1 without a gap. Errors: InvalidPartOrder. */
const assertNoGap = (listed: readonly ListedPart[], { uploadId }: Upload): void => {
  if (listed.every(({ PartNumber: number }, index) => number === undefined || number === index + 1)) return;
  throw new S3Error("InvalidPartOrder", { UploadId: uploadId });
};

type Completed = {
  readonly bucket: Bucket;
  readonly object: ObjectVersion;
  readonly expiration: Awaited<ReturnType<typeof expirationMember>>;
};

const answer = (
  { endpoint }: S3Context,
  { bucket, object, expiration }: Completed,
): Operations["CompleteMultipartUpload"]["output"] => {
  const versionId = writtenVersionId(object.versionId);
  const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = encryptionMembers(object.attributes.encryption);
  return {
    Location: objectUrl(endpoint, { bucketName: bucket.name, key: object.key }),
    Bucket: bucket.name,
    Key: object.key,
    ETag: quoteEtag(object.etag),
    // AWS keeps the checksum of an object under a key of KMS, but does not answer it here.
    ...(SSEKMSKeyId === undefined ? checksumMembers(object.checksum) : undefined),
    ...(ServerSideEncryption === undefined ? undefined : { ServerSideEncryption }),
    ...(SSEKMSKeyId === undefined ? undefined : { SSEKMSKeyId }),
    ...(BucketKeyEnabled === undefined ? undefined : { BucketKeyEnabled }),
    ...expiration,
    ...(versionId === undefined ? undefined : { VersionId: versionId }),
  };
};
