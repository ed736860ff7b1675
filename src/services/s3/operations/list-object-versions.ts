import type { Operations } from "../../../protocol/generated/s3.ts";
import { listVersions, type VersionListing } from "../../../state/listing.ts";
import type { Bucket, ListedVersion } from "../../../state/model.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { invalidArgument } from "../errors.ts";
import { assertEncodingType, listedMembers, readPage, readPageSize } from "../listing.ts";
import { ownerOf, presentOwner } from "../owners.ts";
import { asksForRestores, withRestores } from "../restore-listing.ts";
import { assertVersionId } from "../version-id.ts";
import { shownTime } from "../shown-time.ts";

type Output = Operations["ListObjectVersions"]["output"];

/** All versions and delete markers. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listObjectVersions: S3Handler<"ListObjectVersions"> = async (context, input) => {
  const bucket = bucketOf(context);
  const {
    Delimiter: delimiter,
    Prefix: prefix = "",
    KeyMarker: keyMarker = "",
    VersionIdMarker: idMarker = "",
  } = input;
  assertEncodingType(input.EncodingType);
  const restoresAtMs = asksForRestores(input.OptionalObjectAttributes) ? context.nowMs : undefined;
  const limit = readPageSize(input.MaxKeys, {
    name: "maxKeys",
    negative: "max-keys cannot be negative",
    world: context.world,
  });
  assertMarkers(input);
  const page = await readPage(limit, () =>
    context.world.read(async (view) => {
      const listed = await listVersions(view, bucket, {
        prefix,
        limit,
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(keyMarker === "" ? {} : { keyMarker }),
        ...(idMarker === "" ? {} : { versionIdMarker: idMarker }),
      });
      return restoresAtMs === undefined ? listed : await withRestores(view, bucket, listed);
    }),
  );
  return {
    Name: bucket.name,
    Prefix: prefix,
    KeyMarker: keyMarker,
    VersionIdMarker: idMarker,
    MaxKeys: limit,
    IsTruncated: page.truncated,
    ...(delimiter === undefined || delimiter === "" ? undefined : { Delimiter: delimiter }),
    ...(input.EncodingType === undefined ? undefined : { EncodingType: input.EncodingType }),
    ...nextMarkers(page),
    ...entryMembers(page.entries, { bucket, restoresAtMs }),
  };
};

/** Errors: InvalidArgument for a version's marker without its key's, or one that is no version id. */
const assertMarkers = ({
  KeyMarker: keyMarker,
  VersionIdMarker: idMarker,
}: Operations["ListObjectVersions"]["input"]): void => {
  if (idMarker === undefined) return;
  const argument = { name: "version-id-marker", value: idMarker };
  if (keyMarker === undefined || keyMarker === "") {
    throw invalidArgument("A version-id marker cannot be specified without a key marker.", argument);
  }
  if (idMarker === "") throw invalidArgument("A version-id marker cannot be empty.", argument);
  assertVersionId(idMarker);
};

/** A page that is cut at a common prefix goes on after the prefix, and names no version. */
const nextMarkers = ({ entries, truncated }: VersionListing): Pick<Output, "NextKeyMarker" | "NextVersionIdMarker"> => {
  const last = entries.at(-1);
  if (!truncated || last === undefined) return {};
  if ("commonPrefix" in last) return { NextKeyMarker: last.commonPrefix };
  return { NextKeyMarker: last.version.key, NextVersionIdMarker: last.version.versionId };
};

const nameOf = (bucket: Bucket, { key, versionId, isLatest, ownerAccountId }: ListedVersion) => ({
  Key: key,
  VersionId: versionId,
  IsLatest: isLatest,
  Owner: ownerOf(presentOwner(bucket, ownerAccountId)),
});

type Lists = Pick<Output, "Versions" | "DeleteMarkers" | "CommonPrefixes">;

/** In which list each version and marker is found: the document has them in the order of the page. */
type EntryOrder = { readonly EntryOrder: readonly ("Versions" | "DeleteMarkers")[] };

const entryMembers = (
  entries: VersionListing["entries"],
  { bucket, restoresAtMs }: { readonly bucket: Bucket; readonly restoresAtMs: number | undefined },
): Lists & EntryOrder => {
  const Versions: NonNullable<Output["Versions"]>[number][] = [];
  const DeleteMarkers: NonNullable<Output["DeleteMarkers"]>[number][] = [];
  const CommonPrefixes: { Prefix: string }[] = [];
  const order: EntryOrder["EntryOrder"][number][] = [];
  for (const entry of entries) {
    if ("commonPrefix" in entry) CommonPrefixes.push({ Prefix: entry.commonPrefix });
    else if (entry.version.kind === "object") {
      Versions.push({ ...listedMembers(entry.version, { restoresAtMs }), ...nameOf(bucket, entry.version) });
      order.push("Versions");
    } else {
      DeleteMarkers.push({ ...nameOf(bucket, entry.version), LastModified: shownTime(entry.version.lastModifiedMs) });
      order.push("DeleteMarkers");
    }
  }
  return { Versions, DeleteMarkers, CommonPrefixes, EntryOrder: order };
};
