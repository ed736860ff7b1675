/** What the list operations share: their parameters, and how they write keys. */
import type { Operations } from "../../protocol/generated/s3.ts";
import type { ObjectListing } from "../../state/listing.ts";
import type { Bucket, ObjectVersion } from "../../state/model.ts";
import type { World } from "../../state/world.ts";
import { readContinuationToken } from "./continuation-token.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import { quoteEtag } from "./etags.ts";
import { PAGE_ENTRIES_ARGUMENT_MAX, PAGE_ENTRIES_MAX } from "./limits.ts";
import { ownerOf, presentOwner } from "./owners.ts";
import { restoreStatusMember } from "./restore.ts";
import { shownTime } from "./shown-time.ts";

type ListedObject = NonNullable<Operations["ListObjectsV2"]["output"]["Contents"]>[number];

/** The most entries of a page in a world: AWS's limit, or less where the world is to let clients page. */
export const pageEntriesMax = ({ settings }: Pick<World, "settings">, limit: number): number =>
  settings.pageEntriesMax === undefined ? limit : Math.min(settings.pageEntriesMax, limit);

type PageParameter = {
  /** The parameter's, in AWS's message and as an argument. */
  readonly name: "maxKeys" | "max-uploads" | "max-parts";
  /** AWS's message for a negative number, where it has one of its own. */
  readonly negative?: string;
  readonly world: Pick<World, "settings">;
};

/** Whether a page may have so many entries, if only in name. */
export const isPageSize = (requested: number): boolean =>
  Number.isInteger(requested) && requested >= 0 && requested <= PAGE_ENTRIES_ARGUMENT_MAX;

/** How many entries a page has. Errors: InvalidArgument for a negative or an absurd number. */
export const readPageSize = (requested: number | undefined, { name, negative, world }: PageParameter): number => {
  const entriesMax = pageEntriesMax(world, PAGE_ENTRIES_MAX);
  if (requested === undefined) return entriesMax;
  if (isPageSize(requested)) return Math.min(requested, entriesMax);
  const message = requested < 0 ? negative : undefined;
  throw invalidArgument(message ?? `Argument ${name} must be an integer between 0 and ${PAGE_ENTRIES_ARGUMENT_MAX}`, {
    name,
    value: String(requested),
  });
};

/** Parts with numbers above this are listed. Errors: InvalidArgument for what is no number. */
export const readPartNumberMarker = (
  marker: string | undefined,
  { name }: { readonly name: "part-number-marker" | "x-amz-part-number-marker" },
): number => {
  if (marker === undefined || marker === "") return 0;
  const number = Number(marker);
  if (/^\d+$/.test(marker) && number <= PAGE_ENTRIES_ARGUMENT_MAX) return number;
  throw invalidArgument(`Provided ${name} not an integer or within integer range`, { name, value: marker });
};

/** Where a list goes on, by the token that the list of `scope` gave. Errors: InvalidArgument for any other text. */
export const readToken = (token: string, { scope }: { readonly scope: string }): string => {
  const position = readContinuationToken(token, { scope });
  if (position !== undefined) return position;
  // AWS does not give the token back.
  const message = "The continuation token provided is incorrect";
  throw new S3Error("InvalidArgument", { ArgumentName: "continuation-token" }, { message });
};

/** Errors: InvalidArgument for an encoding other than `url`, even an empty one. */
export const assertEncodingType = (encodingType: string | undefined): void => {
  if (encodingType === undefined || encodingType === "url") return;
  throw invalidArgument("Invalid Encoding Method specified in Request", { name: "encoding-type", value: encodingType });
};

/** What lists say of an object or a version, beside its name; of its restore, as of `restoresAtMs`, where that was asked for. */
export const listedMembers = (
  object: ObjectVersion,
  { restoresAtMs }: { readonly restoresAtMs: number | undefined },
) => {
  const { lastModifiedMs, etag, checksum, sizeBytes, storageClass } = object;
  return {
    LastModified: shownTime(lastModifiedMs),
    ETag: quoteEtag(etag),
    ...(checksum === undefined ? undefined : { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
    Size: sizeBytes,
    StorageClass: storageClass,
    ...(restoresAtMs === undefined ? undefined : restoreStatusMember(object, restoresAtMs)),
  };
};

/** A page of `limit` entries; one of none is never read, and there is no more of it. */
export const readPage = <Page extends { readonly entries: readonly unknown[]; readonly truncated: boolean }>(
  limit: number,
  read: () => Promise<Page>,
): Promise<Page | { readonly entries: readonly []; readonly truncated: false; readonly next?: undefined }> =>
  limit === 0 ? Promise.resolve({ entries: [], truncated: false }) : read();

/** The members that list a page's objects and common prefixes; `ownersIn` is the bucket, where owners are to be shown. */
export const pageMembers = (
  entries: ObjectListing["entries"],
  { ownersIn, restoresAtMs }: { readonly ownersIn: Bucket | undefined; readonly restoresAtMs: number | undefined },
) => {
  const Contents: ListedObject[] = [];
  const CommonPrefixes: { Prefix: string }[] = [];
  for (const entry of entries) {
    if ("commonPrefix" in entry) CommonPrefixes.push({ Prefix: entry.commonPrefix });
    else {
      const { object } = entry;
      Contents.push({
        Key: object.key,
        ...listedMembers(object, { restoresAtMs }),
        ...(ownersIn === undefined ? undefined : { Owner: ownerOf(presentOwner(ownersIn, object.ownerAccountId)) }),
      });
    }
  }
  return {
    ...(Contents.length === 0 ? undefined : { Contents }),
    ...(CommonPrefixes.length === 0 ? undefined : { CommonPrefixes }),
  };
};
