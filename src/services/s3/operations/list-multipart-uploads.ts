import type { Operations } from "../../../protocol/generated/s3.ts";
import { listUploads, type UploadListing } from "../../../state/listing.ts";
import type { Upload } from "../../../state/model.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { assertDirectories } from "../directory-buckets/listing.ts";
import { invalidArgument } from "../errors.ts";
import { assertEncodingType, readPage, readPageSize } from "../listing.ts";
import { uploadIdFits } from "../multipart.ts";
import { ownerOf } from "../owners.ts";
import { shownTime } from "../shown-time.ts";

type Input = Operations["ListMultipartUploads"]["input"];
type Output = Operations["ListMultipartUploads"]["output"];

/** Unfinished uploads. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads: S3Handler<"ListMultipartUploads"> = async (context, input) => {
  const bucket = bucketOf(context);
  const { Delimiter: delimiter, Prefix: prefix = "", KeyMarker: keyMarker = "" } = input;
  assertEncodingType(input.EncodingType);
  if (isDirectoryBucketName(bucket.name)) assertDirectories(input);
  const limit = readPageSize(input.MaxUploads, { name: "max-uploads", world: context.world });
  const idMarker = readIdMarker(input);
  const page = await readPage(limit, () =>
    context.world.read((view) =>
      listUploads(view, bucket, {
        prefix,
        limit,
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(keyMarker === "" ? {} : { keyMarker }),
        ...(idMarker === "" ? {} : { uploadIdMarker: idMarker }),
      }),
    ),
  );
  return {
    Bucket: bucket.name,
    KeyMarker: keyMarker,
    UploadIdMarker: idMarker,
    MaxUploads: limit,
    IsTruncated: page.truncated,
    ...(prefix === "" ? undefined : { Prefix: prefix }),
    ...(delimiter === undefined || delimiter === "" ? undefined : { Delimiter: delimiter }),
    ...(input.EncodingType === undefined ? undefined : { EncodingType: input.EncodingType }),
    ...nextMarkers(page),
    ...entryMembers(page.entries),
  };
};

/** Without a key's marker AWS does not look at the upload's. Errors: InvalidArgument for one that is not of that key. */
const readIdMarker = ({ KeyMarker: keyMarker = "", UploadIdMarker: idMarker = "" }: Input): string => {
  if (keyMarker === "" || idMarker === "") return "";
  if (uploadIdFits(idMarker, keyMarker)) return idMarker;
  throw invalidArgument("Invalid uploadId marker", { name: "upload-id-marker", value: idMarker });
};

/** Always there, also where there is no more: then of the last upload. Empty where the page holds no upload, even if it was cut. */
const nextMarkers = ({ entries, truncated }: UploadListing): Pick<Output, "NextKeyMarker" | "NextUploadIdMarker"> => {
  const lastUpload = entries.findLast((entry) => "upload" in entry);
  if (lastUpload === undefined) return { NextKeyMarker: "", NextUploadIdMarker: "" };
  const last = truncated ? (entries.at(-1) ?? lastUpload) : lastUpload;
  if ("commonPrefix" in last) return { NextKeyMarker: last.commonPrefix, NextUploadIdMarker: "" };
  return { NextKeyMarker: last.upload.key, NextUploadIdMarker: last.upload.uploadId };
};

const uploadMembers = (upload: Upload) => ({
  UploadId: upload.uploadId,
  Key: upload.key,
  Initiated: shownTime(upload.initiatedAtMs),
  StorageClass: upload.storageClass,
  Owner: ownerOf(upload.ownerAccountId),
  Initiator: { ID: upload.initiator.arn, DisplayName: upload.initiator.displayName },
  ...(upload.checksumAlgorithm === undefined ? undefined : { ChecksumAlgorithm: upload.checksumAlgorithm }),
  ...(upload.checksumType === undefined ? undefined : { ChecksumType: upload.checksumType }),
});

const entryMembers = (entries: UploadListing["entries"]) => {
  const Uploads: ReturnType<typeof uploadMembers>[] = [];
  const CommonPrefixes: { Prefix: string }[] = [];
  for (const entry of entries) {
    if ("upload" in entry) Uploads.push(uploadMembers(entry.upload));
    else CommonPrefixes.push({ Prefix: entry.commonPrefix });
  }
  return { Uploads, CommonPrefixes };
};
