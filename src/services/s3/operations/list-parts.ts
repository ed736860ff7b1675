import type { Part } from "../../../state/model.ts";
import { listParts as readPage } from "../../../state/uploads.ts";
import { checksumValue } from "../checksum-members.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { invalidArgument } from "../errors.ts";
import { quoteEtag } from "../etags.ts";
import { PAGE_ENTRIES_ARGUMENT_MAX } from "../limits.ts";
import { readPageSize } from "../listing.ts";
import { requireUpload } from "../multipart.ts";
import { ownerOf } from "../owners.ts";

/** The parts of an upload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const listParts: S3Handler<"ListParts"> = async (context, input) => {
  const bucket = bucketOf(context);
  const limit = readPageSize(input.MaxParts, { name: "max-parts" });
  const after = readMarker(input.PartNumberMarker);
  const name = { key: input.Key, uploadId: input.UploadId };
  const { upload, parts, truncated } = await context.world.read(async (view) => {
    const upload = await requireUpload(view, bucket, name);
    if (limit === 0) return { upload, parts: [], truncated: false };
    return { upload, ...(await readPage(view, bucket, { upload, after, limit })) };
  });
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.uploadId,
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
  LastModified: new Date(lastModifiedMs),
  ETag: quoteEtag(etag),
  Size: sizeBytes,
  ...(checksumGiven ? checksumValue(checksum.algorithm, checksum.value) : undefined),
});

const readMarker = (marker: string | undefined): number => {
  if (marker === undefined || marker === "") return 0;
  const number = Number(marker);
  if (/^\d+$/.test(marker) && number <= PAGE_ENTRIES_ARGUMENT_MAX) return number;
  throw invalidArgument("Provided part-number-marker not an integer or within integer range", {
    name: "part-number-marker",
    value: marker,
  });
};
