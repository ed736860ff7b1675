import { DEFAULT_CHECKSUM_ALGORITHM, encodeChecksum } from "../../../protocol/checksums/algorithms.ts";
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Checksum } from "../../../state/model.ts";
import { currentObject, putObject as storeObject } from "../../../state/objects.ts";
import { appendUpload } from "../directory-buckets/append.ts";
import { assertPlainObject } from "../directory-buckets/plain-objects.ts";
import { checksumMembers } from "../checksum-members.ts";
import { checkWriteConditions, readWriteConditions } from "../conditions.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { writtenEncryptionMembers } from "../encryption.ts";
import { etagOfWrite, quoteEtag } from "../etags.ts";
import { expirationMember } from "../lifecycle/shown.ts";
import { latestBefore, noteObjectChange } from "../object-changes.ts";
import { uploadDigestMissing, withDefaultLock } from "../object-lock-configuration.ts";
import { receiveUpload } from "../receive-upload.ts";
import { newVersionId, writtenVersionId } from "../version-id.ts";
import { describeWrite } from "../write-object.ts";

type Input = Operations["PutObject"]["input"];
type Output = Operations["PutObject"]["output"];

/** Stores an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: S3Handler<"PutObject"> = (context, input) =>
  storeUpload(context, input, { event: "ObjectCreated:Put" });

/** Stores the request's body as an object; `event` is what notifications call it. */
export const storeUpload = async (
  context: S3Context,
  input: Input,
  { event }: { readonly event: "ObjectCreated:Put" | "ObjectCreated:Post" },
): Promise<Output> => {
  const conditions = readWriteConditions(input);
  if (input.WriteOffsetBytes !== undefined) {
    assertPlainObject(bucketOf(context).name, input);
    const place = { key: input.Key, offsetBytes: input.WriteOffsetBytes, conditions };
    const appended = await appendUpload(context, place);
    if (appended !== undefined) return appended;
  }
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
    const etag = etagOfWrite(context, { md5, encryption: attributes.encryption });
    const stored = await world.transact(async (tx) => {
      const bucket = await requireBucket(tx, bucketOf(context));
      if (conditions !== undefined) {
        checkWriteConditions(conditions, { key: input.Key, current: await currentObject(tx, bucket, input.Key) });
      }
      const found = latestBefore(tx, bucket, input.Key);
      const before = found === undefined ? undefined : await found;
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
      const noted = noteObjectChange(tx, context, bucket, { event, key: input.Key, version: object, before });
      if (noted !== undefined) await noted;
      const told = expirationMember(tx, bucket, object);
      const expiration = told === undefined ? undefined : await told;
      return { versionId: writtenVersionId(object.versionId), expiration };
    });
    return {
      ETag: quoteEtag(etag),
      ...checksumMembers(checksum),
      ...writtenEncryptionMembers(attributes.encryption),
      ...stored.expiration,
      ...(stored.versionId === undefined ? undefined : { VersionId: stored.versionId }),
    };
  });
};
