import { resolveUploadChecksum } from "../../../protocol/checksums/algorithms.ts";
import { requireBucket } from "../../../state/buckets.ts";
import { createUpload } from "../../../state/uploads.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { writtenEncryptionMembers } from "../encryption.ts";
import { scheduleUpload } from "../lifecycle/schedule.ts";
import { abortMembers } from "../lifecycle/shown.ts";
import { newUploadId } from "../multipart.ts";
import { initiatorOf } from "../owners.ts";
import { describeWrite } from "../write-object.ts";

/** Begins an upload in parts. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export const createMultipartUpload: S3Handler<"CreateMultipartUpload"> = async (context, input) => {
  const { world, caller, draw, nowMs } = context;
  const checksum = resolveUploadChecksum({ algorithm: input.ChecksumAlgorithm, type: input.ChecksumType });
  const { attributes, storageClass, ownerAccountId } = await describeWrite(context, input);
  const uploadId = newUploadId(draw, input.Key);
  const { name } = bucketOf(context);
  const end = await world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const upload = await createUpload(tx, bucket, {
      uploadId,
      key: input.Key,
      initiatedAtMs: nowMs,
      initiator: initiatorOf(caller),
      ownerAccountId,
      storageClass,
      ...(checksum === undefined ? {} : { checksumAlgorithm: checksum.algorithm, checksumType: checksum.type }),
      attributes,
    });
    return scheduleUpload(tx, bucket, upload);
  });
  return {
    Bucket: name,
    Key: input.Key,
    UploadId: uploadId,
    ...abortMembers(end),
    ...writtenEncryptionMembers(attributes.encryption),
    ...(checksum === undefined ? undefined : { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
  };
};
