/** What the list operations share: their parameters, and how they write keys. */
import type { Operations } from "../../protocol/generated/s3.ts";
import type { ObjectListing } from "../../state/listing.ts";
import type { ObjectVersion } from "../../state/model.ts";
import { readContinuationToken } from "./continuation-token.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import { quoteEtag } from "./etags.ts";
import { PAGE_ENTRIES_ARGUMENT_MAX, PAGE_ENTRIES_MAX } from "./limits.ts";
import { ownerOf } from "./owners.ts";

type ListedObject = NonNullable<Operations["ListObjectsV2"]["output"]["Contents"]>[number];

/**
 * How many entries a page has. `name` is the parameter's, in AWS's message and as an argument.
 * Errors: InvalidArgument for a negative or an absurd number.
 */
export const readPageSize = (
  requested: number | undefined,
  { name }: { readonly name: "maxKeys" | "max-uploads" | "max-parts" },
): number => {
  if (requested === undefined) return PAGE_ENTRIES_MAX;
  if (!Number.isInteger(requested) || requested < 0 || requested > PAGE_ENTRIES_ARGUMENT_MAX) {
    throw invalidArgument(`Argument ${name} must be an integer between 0 and ${PAGE_ENTRIES_ARGUMENT_MAX}`, {
      name,
      value: String(requested),
    });
  }
  return Math.min(requested, PAGE_ENTRIES_MAX);
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

/** What lists say of an object or a version, beside its name. */
export const listedMembers = ({ lastModifiedMs, etag, checksum, sizeBytes, storageClass }: ObjectVersion) => ({
  LastModified: new Date(lastModifiedMs),
  ETag: quoteEtag(etag),
  ...(checksum === undefined ? undefined : { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
  Size: sizeBytes,
  StorageClass: storageClass,
});

/** A page of `limit` entries; one of none is never read, and there is no more of it. */
export const readPage = <Page extends { readonly entries: readonly unknown[]; readonly truncated: boolean }>(
  limit: number,
  read: () => Promise<Page>,
): Promise<Page | { readonly entries: readonly []; readonly truncated: false; readonly next?: undefined }> =>
  limit === 0 ? Promise.resolve({ entries: [], truncated: false }) : read();

/** The members that list a page's objects and common prefixes. */
export const pageMembers = (entries: ObjectListing["entries"], { withOwner }: { readonly withOwner: boolean }) => {
  const Contents: ListedObject[] = [];
  const CommonPrefixes: { Prefix: string }[] = [];
  for (const entry of entries) {
    if ("commonPrefix" in entry) CommonPrefixes.push({ Prefix: entry.commonPrefix });
    else {
      const { object } = entry;
      Contents.push({
        Key: object.key,
        ...listedMembers(object),
        ...(withOwner ? { Owner: ownerOf(object.ownerAccountId) } : undefined),
      });
    }
  }
  return {
    ...(Contents.length === 0 ? undefined : { Contents }),
    ...(CommonPrefixes.length === 0 ? undefined : { CommonPrefixes }),
  };
};
