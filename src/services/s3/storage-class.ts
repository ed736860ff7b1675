/** Storage classes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html */
import type { ObjectRestore, ObjectVersion } from "../../state/model.ts";
import { isDirectoryBucketName, zoneOfName, zoneTypeOf } from "./directory-buckets/directory-name.ts";
import { S3Error } from "./errors.ts";

/** The class of an object whose writer named none. */
const DEFAULT_STORAGE_CLASS = "STANDARD";

/** Those that a client may name; S3's model knows more, of other products. */
const NAMEABLE: ReadonlySet<string> = new Set([
  DEFAULT_STORAGE_CLASS,
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
]);

const ARCHIVED: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** Whether a client may name a class for what it writes. */
export const isNameableStorageClass = (name: string): boolean => NAMEABLE.has(name);

/** The class of a directory bucket's objects: it has no other. */
const DIRECTORY_CLASSES = { AvailabilityZone: "EXPRESS_ONEZONE", LocalZone: "ONEZONE_IA" } as const;

/** The class that a write into the bucket of that name names, or its default. Errors: InvalidStorageClass. */
export const storageClassIn = (bucketName: string, requested: string | undefined): string => {
  if (!isDirectoryBucketName(bucketName)) return readStorageClass(requested);
  const only = DIRECTORY_CLASSES[zoneTypeOf(zoneOfName(bucketName))];
  if (requested === undefined || requested === only) return only;
  throw new S3Error("InvalidStorageClass", { StorageClassRequested: requested });
};

/** The class that a write into a general purpose bucket names, or the default. Errors: InvalidStorageClass. */
export const readStorageClass = (requested: string | undefined): string => {
  if (requested === undefined) return DEFAULT_STORAGE_CLASS;
  if (!isNameableStorageClass(requested))
    throw new S3Error("InvalidStorageClass", { StorageClassRequested: requested });
  return requested;
};

/** What GET and HEAD answer: nothing for the default. */
export const shownStorageClass = ({ storageClass }: ObjectVersion): string | undefined =>
  storageClass === DEFAULT_STORAGE_CLASS ? undefined : storageClass;

/** Whether objects of a class must be restored before they can be read. */
export const isArchived = (storageClass: string): boolean => ARCHIVED.has(storageClass);

/** Whether a restored copy can be read now. */
export const isRestored = ({ readyAtMs, expiresAtMs }: ObjectRestore, nowMs: number): boolean =>
  readyAtMs <= nowMs && nowMs < expiresAtMs;

/** Errors: InvalidObjectState for an archived object that is not restored now. */
export const assertReadable = (
  { storageClass, attributes }: ObjectVersion,
  { nowMs, message }: { readonly nowMs: number; readonly message?: string },
): void => {
  if (!isArchived(storageClass)) return;
  if (attributes.restore !== undefined && isRestored(attributes.restore, nowMs)) return;
  throw new S3Error("InvalidObjectState", { StorageClass: storageClass }, message === undefined ? {} : { message });
};
