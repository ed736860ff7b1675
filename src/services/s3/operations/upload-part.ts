import { encodeChecksum } from "../../../protocol/checksums/algorithms.ts";
import type { Payload } from "../../../protocol/payload.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Upload } from "../../../state/model.ts";
import { putPart } from "../../../state/uploads.ts";
import { checksumValue } from "../checksum-members.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { assertPartKey, encryptionMembers, readCustomerKey } from "../encryption.ts";
import { assertPartKeyAllowed } from "../encryption-write.ts";
import { invalidRequest } from "../errors.ts";
import { etagOfWrite, quoteEtag } from "../etags.ts";
import { assertPartNumber, partAlgorithm, requireUpload, uploadAlgorithm } from "../multipart.ts";
import { uploadDigestMissing } from "../object-lock-configuration.ts";
import { receiveUpload } from "../receive-upload.ts";

/** Stores one part of an upload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const uploadPart: S3Handler<"UploadPart"> = async (context, input) => {
  const { world, payload, nowMs } = context;
  const name = { key: input.Key, uploadId: input.UploadId };
  const partNumber = assertPartNumber(input.PartNumber);
  const upload = await world.read((view) => requireUpload(view, bucketOf(context), name));
  const keyMd5 = readCustomerKey(input);
  assertPartKey(upload.attributes.encryption, keyMd5);
  if (keyMd5 !== undefined) await assertPartKeyAllowed(context, input.Key);
  const given = payload.given?.algorithm;
  assertAlgorithm(upload, payload);
  if (upload.attributes.lock !== undefined && !payload.hasDigest) throw uploadDigestMissing("Put Part");
  const algorithm = partAlgorithm(upload);
  const digests = given === undefined || given === algorithm ? [algorithm] : [algorithm, given];

  return await receiveUpload(context, { digests }, async ({ body, md5, digest }) => {
    const { encryption } = upload.attributes;
    const etag = etagOfWrite(context, { md5, encryption });
    await world.transact(async (tx) => {
      const bucket = await requireBucket(tx, bucketOf(context));
      await putPart(tx, bucket, {
        upload: await requireUpload(tx, bucket, name),
        part: {
          partNumber,
          etag,
          sizeBytes: body.sizeBytes,
          lastModifiedMs: nowMs,
          checksum: { algorithm, value: encodeChecksum(digest(algorithm)) },
          // An upload that named no algorithm shows no checksums of its parts, whatever came with them.
          checksumGiven: upload.checksumAlgorithm !== undefined,
          content: { body },
        },
      });
    });
    const shown = given ?? uploadAlgorithm(upload);
    return {
      ETag: quoteEtag(etag),
      ...encryptionMembers(encryption),
      ...(shown === undefined ? undefined : checksumValue(shown, encodeChecksum(digest(shown)))),
    };
  });
};

/** Parts of a composite checksum must bring theirs; what a whole one is combined from can be computed here. */
const assertAlgorithm = (upload: Upload, payload: Payload): void => {
  const expected = uploadAlgorithm(upload);
  const given = payload.given?.algorithm;
  if (expected === undefined || expected === given) return;
  // A digest without an algorithm is a Content-MD5.
  if (given === undefined && expected === "MD5" && payload.hasDigest) return;
  if (given === undefined && upload.checksumType === "FULL_OBJECT") return;
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${given?.toLowerCase() ?? "null"}`,
  );
};
