import { DEFAULT_CHECKSUM_ALGORITHM, encodeChecksum } from "../../../protocol/checksums/algorithms.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Checksum } from "../../../state/model.ts";
import { currentObject, putObject as storeObject } from "../../../state/objects.ts";
import { checksumMembers } from "../checksum-members.ts";
import { checkWriteConditions, readWriteConditions } from "../conditions.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { writtenEncryptionMembers } from "../encryption.ts";
import { headerNotImplemented } from "../errors.ts";
import { etagOfBytes, quoteEtag } from "../etags.ts";
import { uploadDigestMissing, withDefaultLock } from "../object-lock-configuration.ts";
import { receiveUpload } from "../receive-upload.ts";
import { newVersionId, writtenVersionId } from "../version-id.ts";
import { describeWrite } from "../write-object.ts";

/** Stores an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: S3Handler<"PutObject"> = async (context, input) => {
  if (input.WriteOffsetBytes !== undefined) throw headerNotImplemented("x-amz-write-offset-bytes");
  const conditions = readWriteConditions(input);
  const { storageClass, ownerAccountId, attributes } = await describeWrite(context, input);
  const { world, payload, nowMs, draw } = context;
  if (attributes.lock !== undefined && !payload.hasDigest) {
    throw uploadDigestMissing("Put Object");
  }
  const algorithm = payload.given?.algorithm ?? DEFAULT_CHECKSUM_ALGORITHM;
  const versionId = newVersionId(draw);

  return await receiveUpload(context, { digests: [algorithm] }, async (upload) => {
    const { body, md5, digest } = upload;
    const checksum: Checksum = { algorithm, type: "FULL_OBJECT", value: encodeChecksum(digest(algorithm)) };
    const etag = etagOfBytes(md5, attributes.encryption);
    const stored = await world.transact(async (tx) => {
      const bucket = await requireBucket(tx, bucketOf(context));
      if (conditions !== undefined) {
        checkWriteConditions(conditions, { key: input.Key, current: await currentObject(tx, bucket, input.Key) });
      }
      const object = await storeObject(tx, bucket, {
        key: input.Key,
        versionId: versionId(bucket),
        etag,
        sizeBytes: body.sizeBytes,
        lastModifiedMs: nowMs,
        storageClass,
        checksum,
        ownerAccountId,
        attributes: await withDefaultLock(tx, bucket, {
          attributes,
          createdAtMs: nowMs,
          needsDigest: !payload.hasDigest,
        }),
        content: { body },
      });
      return writtenVersionId(object.versionId);
    });
    return {
      ETag: quoteEtag(etag),
      ...checksumMembers(checksum),
      ...writtenEncryptionMembers(attributes.encryption),
      ...(stored === undefined ? undefined : { VersionId: stored }),
    };
  });
};
