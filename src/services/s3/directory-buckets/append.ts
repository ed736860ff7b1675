/**
 * Writing on at the end of an object. The bytes that are there are not written again.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-append.html
 */
import { encodeChecksum, isChecksumAlgorithm } from "../../../protocol/checksums/algorithms.ts";
import { combineCrcs, isCrc, type CrcAlgorithm } from "../../../protocol/checksums/combine.ts";
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { ObjectVersion } from "../../../state/model.ts";
import { currentObject, putObject, readManifest } from "../../../state/objects.ts";
import type { Tx } from "../../../state/view.ts";
import { checksumMembers, rawDigest } from "../checksum-members.ts";
import { checkWriteConditions, type WriteConditions } from "../conditions.ts";
import { bucketOf, type S3Context } from "../context.ts";
import { writtenEncryptionMembers } from "../encryption.ts";
import { headerNotImplemented, invalidRequest, S3Error } from "../errors.ts";
import { etagOfWrite, quoteEtag } from "../etags.ts";
import { APPENDS_MAX } from "../limits.ts";
import { noteObjectChange } from "../object-changes.ts";
import { receiveUpload, type ReceivedUpload } from "../receive-upload.ts";
import { isDirectoryBucketName } from "./directory-name.ts";

type Output = Operations["PutObject"]["output"];

/** Where something is to be appended, and what must be there. */
type Place = {
  readonly key: string;
  readonly offsetBytes: number;
  readonly conditions: WriteConditions | undefined;
};

/**
 * Stores the request's body after what the object holds, which must be `offsetBytes` long. Undefined, with the body unread, where
 * there is no object and nothing to come before: the body is then a new object's.
 * Errors: NotImplemented in a general purpose bucket, NoSuchKey, PreconditionFailed, InvalidWriteOffset, TooManyParts, InvalidRequest for an object whose
 * checksum is no CRC of the whole.
 */
export const appendUpload = async (
  context: S3Context,
  { key, offsetBytes, conditions }: Place,
): Promise<Output | undefined> => {
  const named = bucketOf(context);
  if (!isDirectoryBucketName(named.name)) throw headerNotImplemented("x-amz-write-offset-bytes");
  const found = await context.world.read((view) => currentObject(view, named, key));
  if (found === undefined && offsetBytes === 0) return undefined;
  const { algorithm } = appendable(found, { key, offsetBytes });
  const given = context.payload.given?.algorithm;
  const digests = given === undefined || given === algorithm ? [algorithm] : [algorithm, given];
  return receiveUpload(context, { digests }, async (upload) => {
    const object = await context.world.transact((tx) =>
      append(tx, context, { key, offsetBytes, conditions, algorithm, upload }),
    );
    return {
      ETag: quoteEtag(object.etag),
      Size: object.sizeBytes,
      ...checksumMembers(object.checksum),
      ...writtenEncryptionMembers(object.attributes.encryption),
    };
  });
};

type Addition = Place & {
  readonly algorithm: CrcAlgorithm;
  readonly upload: ReceivedUpload;
};

const append = async (
  tx: Tx,
  context: S3Context,
  { key, offsetBytes, conditions, algorithm, upload: { body, md5, digest } }: Addition,
): Promise<ObjectVersion> => {
  const bucket = await requireBucket(tx, bucketOf(context));
  const before = await currentObject(tx, bucket, key);
  if (conditions !== undefined) checkWriteConditions(conditions, { key, current: before });
  const { object, ...present } = appendable(before, { key, offsetBytes });
  if (present.algorithm !== algorithm) throw new S3Error("OperationAborted");
  const runs = (await readManifest(tx, bucket, object)).map((run) => ({ ...run, partNumber: 0 }));
  if (runs.length >= APPENDS_MAX) throw new S3Error("TooManyParts");
  const sizes = [
    { digest: present.digest, sizeBytes: object.sizeBytes },
    { digest: digest(algorithm), sizeBytes: body.sizeBytes },
  ];
  const checksum = { algorithm, type: "FULL_OBJECT", value: encodeChecksum(combineCrcs(algorithm, sizes)) } as const;
  const whole = await putObject(tx, bucket, {
    key,
    versionId: object.versionId,
    etag: etagOfWrite(context, { md5, encryption: object.attributes.encryption }),
    sizeBytes: object.sizeBytes + body.sizeBytes,
    lastModifiedMs: context.nowMs,
    storageClass: object.storageClass,
    checksum,
    ownerAccountId: object.ownerAccountId,
    attributes: object.attributes,
    content: { copied: runs, appended: body, multipart: false },
  });
  await noteObjectChange(tx, context, bucket, { event: "ObjectCreated:Put", key, version: whole, before: object });
  return whole;
};

/** An object that can be written on at `offsetBytes`, and the CRC of what it holds. */
const appendable = (
  object: ObjectVersion | undefined,
  { key, offsetBytes }: { readonly key: string; readonly offsetBytes: number },
): { readonly object: ObjectVersion; readonly algorithm: CrcAlgorithm; readonly digest: Uint8Array } => {
  if (object === undefined) throw new S3Error("NoSuchKey", { Key: key });
  if (object.sizeBytes !== offsetBytes) throw new S3Error("InvalidWriteOffset");
  const { algorithm, type, value } = object.checksum ?? {};
  if (algorithm === undefined || value === undefined || type !== "FULL_OBJECT") throw notAppendable();
  if (!isChecksumAlgorithm(algorithm) || !isCrc(algorithm)) throw notAppendable();
  return { object, algorithm, digest: rawDigest(algorithm, value) };
};

const notAppendable = (): S3Error =>
  invalidRequest("Data can be appended only to an object whose checksum is a CRC of the full object");
