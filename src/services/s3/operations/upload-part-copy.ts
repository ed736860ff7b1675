import { encodeChecksum } from "../../../protocol/checksums/algorithms.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { ByteRange } from "../../../state/bodies/bodies.ts";
import type { ObjectVersion, Upload } from "../../../state/model.ts";
import { putPart, type NewPart } from "../../../state/uploads.ts";
import { checksumValue } from "../checksum-members.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { copiedExtents, digestsOfCopy, findAgain } from "../copied-bytes.ts";
import { assertCopySize, nameSource, readSource, type NamedSource } from "../copy-source-read.ts";
import { assertPartKey, encryptionMembers, readCustomerKey } from "../encryption.ts";
import { assertPartKeyAllowed } from "../encryption-write.ts";
import { S3Error } from "../errors.ts";
import { etagOfWrite, quoteEtag } from "../etags.ts";
import { COPY_ATTEMPTS_MAX } from "../limits.ts";
import { assertPartNumber, partAlgorithm, requireUpload, uploadAlgorithm, type UploadName } from "../multipart.ts";
import { parseCopyRange } from "../ranges.ts";
import { writtenVersionId } from "../version-id.ts";
import { shownTime } from "../shown-time.ts";

type Copying = { readonly source: NamedSource; readonly object: ObjectVersion; readonly range: ByteRange };

/** Makes a part of an object's bytes; none is written. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const uploadPartCopy: S3Handler<"UploadPartCopy"> = async (context, input) => {
  const { world, nowMs } = context;
  const name = { key: input.Key, uploadId: input.UploadId };
  const partNumber = assertPartNumber(input.PartNumber);
  const source = await nameSource(context, input);
  const upload = await world.read((view) => requireUpload(view, bucketOf(context), name));
  const keyMd5 = readCustomerKey(input);
  assertPartKey(upload.attributes.encryption, keyMd5);
  if (keyMd5 !== undefined) await assertPartKeyAllowed(context, input.Key);
  for (let attempt = 0; attempt < COPY_ATTEMPTS_MAX; attempt += 1) {
    const object = await world.read((view) => readSource(view, { source, nowMs }));
    const copying = { source, object, range: rangeOf(object, input.CopySourceRange) };
    const part = await describePart(context, { upload, partNumber, copying });
    if (!(await storePart(context, { name, part, copying }))) continue;
    const sourceVersionId = writtenVersionId(object.versionId);
    const algorithm = uploadAlgorithm(upload);
    return {
      CopyPartResult: {
        ETag: quoteEtag(part.etag),
        LastModified: shownTime(nowMs),
        ...(algorithm === undefined ? undefined : checksumValue(algorithm, part.checksum.value)),
      },
      ...encryptionMembers(upload.attributes.encryption),
      ...(sourceVersionId === undefined ? undefined : { CopySourceVersionId: sourceVersionId }),
    };
  }
  throw new S3Error("OperationAborted");
};

const rangeOf = ({ sizeBytes }: ObjectVersion, header: string | undefined): ByteRange => {
  const range = header === undefined ? { offsetBytes: 0, lengthBytes: sizeBytes } : parseCopyRange(header, sizeBytes);
  assertCopySize(range.lengthBytes);
  return range;
};

type PartDescription = Omit<NewPart, "content">;

const describePart = async (
  context: S3Context,
  { upload, partNumber, copying }: { upload: Upload; partNumber: number; copying: Copying },
): Promise<PartDescription> => {
  const { source, object, range } = copying;
  const algorithm = partAlgorithm(upload);
  const digests = await digestsOfCopy(context, { bucket: source.bucket, object, range }, { algorithm });
  return {
    partNumber,
    etag: etagOfWrite(context, { md5: digests.md5, encryption: upload.attributes.encryption }),
    sizeBytes: range.lengthBytes,
    lastModifiedMs: context.nowMs,
    checksum: { algorithm, value: encodeChecksum(digests.checksum) },
    checksumGiven: upload.checksumAlgorithm !== undefined,
  };
};

/** False when the version that was read is no longer there. */
const storePart = (
  context: S3Context,
  { name, part, copying }: { name: UploadName; part: PartDescription; copying: Copying },
): Promise<boolean> =>
  context.world.transact(async (tx) => {
    const { source, object, range } = copying;
    const bucket = await requireBucket(tx, bucketOf(context));
    const upload = await requireUpload(tx, bucket, name);
    const present = await findAgain(tx, { bucket: source.bucket, object });
    if (present === undefined) return false;
    const copied = await copiedExtents(tx, { bucket: source.bucket, object: present, range });
    await putPart(tx, bucket, { upload, part: { ...part, content: { copied } } });
    return true;
  });
