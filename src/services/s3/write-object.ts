/** What PutObject, CopyObject and CreateMultipartUpload read alike from their input: all that an object is beside its bytes. */
import type { Bucket, ObjectAttributes } from "../../state/model.ts";
import { readObjectAcl, type ObjectAcl } from "./acl.ts";
import { bucketOf, type S3Context } from "./context.ts";
import { readEncryption, type EncryptionInput } from "./encryption.ts";
import { readObjectHeaders, type ObjectHeaderInput } from "./object-headers.ts";
import { readLock } from "./object-lock.ts";
import { objectOwner } from "./owners.ts";
import { readStorageClass } from "./storage-class.ts";
import { parseTaggingHeader } from "./tagging.ts";

/** Members of an input that describe the object to be written. */
type WriteInput = ObjectHeaderInput &
  EncryptionInput & {
    readonly ACL?: string | undefined;
    readonly GrantFullControl?: string | undefined;
    readonly GrantRead?: string | undefined;
    readonly GrantReadACP?: string | undefined;
    readonly GrantWriteACP?: string | undefined;
    readonly StorageClass?: string | undefined;
    readonly Tagging?: string | undefined;
    readonly ObjectLockMode?: string | undefined;
    readonly ObjectLockRetainUntilDate?: Date | undefined;
    readonly ObjectLockLegalHoldStatus?: string | undefined;
  };

/** What a new object is beside its bytes and their digests. */
export type Description = {
  readonly storageClass: string;
  readonly ownerAccountId: string;
  readonly attributes: ObjectAttributes;
};

/** Errors: those of each part; all before the body is read. */
export const describeWrite = (context: S3Context, input: WriteInput): Description => {
  const bucket = bucketOf(context);
  const storageClass = readStorageClass(input.StorageClass);
  const attributes = readObjectHeaders(input);
  const { encryption, acl, lock } = readGuards(context, { input, bucket });
  if (encryption !== undefined) attributes.encryption = encryption;
  if (acl !== undefined) attributes.acl = acl;
  if (lock !== undefined) attributes.lock = lock;
  if (input.Tagging !== undefined && input.Tagging !== "") attributes.tags = parseTaggingHeader(input.Tagging);
  return { storageClass, ownerAccountId: objectOwner(bucket, { caller: context.caller, acl }), attributes };
};

type Guards = Pick<ObjectAttributes, "encryption" | "lock"> & { readonly acl: ObjectAcl | undefined };

/** Who may read, replace and decrypt what is written. */
const readGuards = (
  { caller, nowMs }: S3Context,
  { input, bucket }: { readonly input: WriteInput; readonly bucket: Bucket },
): { [Name in keyof Guards]: Guards[Name] | undefined } => ({
  encryption: readEncryption(input, { caller, region: bucket.region }),
  acl: readObjectAcl(input, bucket.objectOwnership),
  lock: readLock(input, { bucket, nowMs }),
});
