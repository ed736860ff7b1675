import { DEFAULT_CHECKSUM_ALGORITHM, encodeChecksum } from "../../../protocol/checksums/algorithms.ts";
import { findAnnotation, putAnnotation } from "../../../state/annotations.ts";
import { requireBucket } from "../../../state/buckets.ts";
import { assertAnnotationName } from "../annotation-name.ts";
import { receiveAnnotation } from "../annotation-payload.ts";
import {
  annotationChecksum,
  annotationEncryption,
  assertAnnotatable,
  checkObjectCondition,
  parentMembers,
} from "../annotations.ts";
import { checksumMembers } from "../checksum-members.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { etagOfBytes, quoteEtag } from "../etags.ts";
import { ANNOTATIONS_MAX } from "../limits.ts";
import { noteObjectChange } from "../object-changes.ts";
import { readStoredVersion } from "../stored-version.ts";
import { assertVersionId } from "../version-id.ts";

/**
 * Attaches a text to a version of an object, or replaces the one of its name.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html
 */
export const putObjectAnnotation: S3Handler<"PutObjectAnnotation"> = async (context, input) => {
  const { Key: key, AnnotationName: name, VersionId: versionId } = input;
  assertAnnotationName(name);
  if (versionId !== undefined) assertVersionId(versionId);
  const { world, payload, nowMs } = context;
  const algorithm = payload.given?.algorithm ?? DEFAULT_CHECKSUM_ALGORITHM;

  return await receiveAnnotation(context, { algorithm }, async ({ body, md5, digest }) => {
    const checksum = { algorithm, value: encodeChecksum(digest) };
    return await world.transact(async (tx) => {
      const bucket = await requireBucket(tx, bucketOf(context));
      const object = await readStoredVersion(tx, bucket, { key, versionId, method: "PUT" });
      checkObjectCondition(object, input.ObjectIfMatch);
      assertAnnotatable(object.attributes.encryption);
      const isFull = object.annotationCount >= ANNOTATIONS_MAX;
      if (isFull && (await findAnnotation(tx, bucket, { object, name })) === undefined) {
        throw new S3Error("AnnotationLimitExceeded");
      }
      const etag = etagOfBytes(md5, object.attributes.encryption);
      const sizeBytes = body.sizeBytes;
      const annotation = { name, etag, sizeBytes, lastModifiedMs: nowMs, checksum, body };
      await putAnnotation(tx, bucket, { object, annotation });
      const event = "ObjectAnnotation:Put";
      const noted = { name, stored: { sizeBytes, etag } };
      await noteObjectChange(tx, context, bucket, { event, key, version: object, annotation: noted });
      return {
        Key: key,
        AnnotationName: name,
        ETag: quoteEtag(etag),
        ...parentMembers(bucket, object),
        ...annotationEncryption(object),
        ...checksumMembers(annotationChecksum({ checksum })),
      };
    });
  });
};
