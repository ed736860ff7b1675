/** What PutObject, CopyObject and CreateMultipartUpload read alike from their input: all that an object is beside its bytes. */
import type { ObjectAttributes } from "../../state/model.ts";
import { readObjectAcl, resolveAcl } from "./acl.ts";
import { grantsToStore } from "./acl-stored.ts";
import { bucketOf, type S3Context } from "./context.ts";
import { assertPlainObject } from "./directory-buckets/plain-objects.ts";
import type { EncryptionInput } from "./encryption.ts";
import { encryptionOfWrite } from "./encryption-write.ts";
import { grantsPublicly } from "./grants.ts";
import { readObjectHeaders, type ObjectHeaderInput } from "./object-headers.ts";
import { readLock } from "./object-lock-headers.ts";
import { objectOwner, writerAccountId } from "./owners.ts";
import { assertAclNotBlocked } from "./public-access-block.ts";
import { storageClassIn } from "./storage-class.ts";
import { parseTaggingHeader } from "./tagging.ts";

/** Members of an input that describe the object to be written. */
type WriteInput = ObjectHeaderInput &
  EncryptionInput & {
    readonly Key: string;
    readonly CopySource?: string | undefined;
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
    readonly ObjectLockEventHold?: string | undefined;
    readonly ObjectLockEventHoldDurationDays?: number | undefined;
    readonly ObjectLockEventHoldDurationYears?: number | undefined;
  };

/** What a new object is beside its bytes and their digests. */
export type Description = {
  readonly storageClass: string;
  readonly ownerAccountId: string;
  readonly attributes: ObjectAttributes;
};

/** Errors: those of each part; all before the body is read. The state is asked only where a bucket has its own rules. */
export const describeWrite = async (context: S3Context, input: WriteInput): Promise<Description> => {
  const bucket = bucketOf(context);
  assertPlainObject(bucket.name, input);
  const storageClass = storageClassIn(bucket.name, input.StorageClass);
  const attributes = readObjectHeaders(input);
  const encryption = await encryptionOfWrite(context, input);
  const acl = readObjectAcl(input, bucket);
  const lock = readLock(input, { bucket, nowMs: context.nowMs });
  if (encryption !== undefined) attributes.encryption = encryption;
  if (lock !== undefined) attributes.lock = lock;
  if (input.Tagging !== undefined && input.Tagging !== "") attributes.tags = parseTaggingHeader(input.Tagging);
  const ownerAccountId = objectOwner(bucket, { writer: writerAccountId(context), acl });
  const description = { storageClass, ownerAccountId, attributes };
  if (acl === undefined) return description;
  const grants = grantsToStore(resolveAcl(acl, { ownerAccountId, bucketAccountId: bucket.accountId }), ownerAccountId);
  if (grants === undefined) return description;
  attributes.acl = grants;
  if (grantsPublicly(grants)) {
    const { caller, accessPoint } = context;
    const attempt = { action: input.CopySource === undefined ? "s3:PutObject" : "s3:CopyObject", key: input.Key };
    await context.world.read((view) => assertAclNotBlocked(view, { bucket, caller, accessPoint, grants, attempt }));
  }
  return description;
};
