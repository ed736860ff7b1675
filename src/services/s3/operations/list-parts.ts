import type { Part } from "../../../state/model.ts";
import { listParts as readPage } from "../../../state/uploads.ts";
import { checksumValue } from "../checksum-members.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { assertUploadKey, readCustomerKey } from "../encryption.ts";
import { quoteEtag } from "../etags.ts";
import { readAbortMembers } from "../lifecycle/shown.ts";
import { PART_NUMBER_MAX } from "../limits.ts";
import { readPageSize, readPartNumberMarker } from "../listing.ts";
import { requireUpload } from "../multipart.ts";
import { ownerOf } from "../owners.ts";
import { shownTime } from "../shown-time.ts";

/** The parts of an upload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const listParts: S3Handler<"ListParts"> = async (context, input) => {
  const bucket = bucketOf(context);
  const limit = readPageSize(input.MaxParts, { name: "max-parts", world: context.world });
  const after = readPartNumberMarker(input.PartNumberMarker, { name: "part-number-marker" });
  const name = { key: input.Key, uploadId: input.UploadId };
  const keyMd5 = readCustomerKey(input);
  const { upload, parts, truncated, end } = await context.world.read(async (view) => {
    const upload = await requireUpload(view, bucket, name);
    assertUploadKey(upload.attributes.encryption, keyMd5);
    const end = await readAbortMembers(view, bucket, upload);
    // No part's number is above the highest.
    if (limit === 0 || after >= PART_NUMBER_MAX) return { upload, end, parts: [], truncated: false };
    return { upload, end, ...(await readPage(view, bucket, { upload, after, limit })) };
  });
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.uploadId,
    ...end,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(parts.at(-1)?.partNumber ?? 0),
    MaxParts: limit,
    IsTruncated: truncated,
    Parts: parts.map(partMembers),
    Initiator: { ID: upload.initiator.arn, DisplayName: upload.initiator.displayName },
    Owner: ownerOf(upload.ownerAccountId),
    StorageClass: upload.storageClass,
    ...(upload.checksumAlgorithm === undefined ? undefined : { ChecksumAlgorithm: upload.checksumAlgorithm }),
    ...(upload.checksumType === undefined ? undefined : { ChecksumType: upload.checksumType }),
  };
};

const partMembers = ({ partNumber, lastModifiedMs, etag, sizeBytes, checksum, checksumGiven }: Part) => ({
  PartNumber: partNumber,
  LastModified: shownTime(lastModifiedMs),
  ETag: quoteEtag(etag),
  Size: sizeBytes,
  ...(checksumGiven ? checksumValue(checksum.algorithm, checksum.value) : undefined),
});
