/**
 * Whether a caller may do an operation on a bucket, by the world's auth mode. Ownership is decided here, never in a handler.
 * See docs/fidelity.md#authorization for what `strict` does not evaluate yet.
 */
import type { Identified } from "../identity/identify.ts";
import { S3Error } from "../services/s3/errors.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import type { Bucket, WorldSettings } from "../state/model.ts";

/** What only the bucket's own account may do in every mode, cross-account access or not. */
const OWNER_ONLY: ReadonlySet<S3OperationName> = new Set([
  "DeleteBucket",
  "GetBucketPolicy",
  "PutBucketPolicy",
  "DeleteBucketPolicy",
]);

/** What an unsigned request is anonymous for in `lenient`: it gets what ACL, policy and public access block give. */
const OBJECT_READS: ReadonlySet<S3OperationName> = new Set([
  "GetObject",
  "HeadObject",
  "GetObjectAcl",
  "GetObjectAnnotation",
  "GetObjectAttributes",
  "GetObjectTagging",
  "GetObjectRetention",
  "GetObjectLegalHold",
  "GetObjectTorrent",
  "ListObjectAnnotations",
]);

const isAnonymous = ({ caller, signed }: Identified): boolean => !signed || caller.principal.kind === "Anonymous";

/** Throws AccessDenied. `bucket` is the one that the operation names or copies from. */
export const authorizeBucket = (
  operation: S3OperationName,
  { identified, bucket, settings }: { identified: Identified; bucket: Bucket; settings: WorldSettings },
): void => {
  const { authMode, crossAccountAccess } = settings;
  const foreign = bucket.accountId !== identified.caller.accountId;
  if (foreign && OWNER_ONLY.has(operation)) throw new S3Error("AccessDenied");
  if (authMode === "off") return denyForeign({ foreign, allowed: crossAccountAccess });
  if (authMode === "strict") {
    if (isAnonymous(identified)) throw new S3Error("AccessDenied");
    return denyForeign({ foreign, allowed: false });
  }
  // Nothing is public yet: every bucket's objects are private to signed callers.
  if (isAnonymous(identified) && OBJECT_READS.has(operation)) throw new S3Error("AccessDenied");
  return denyForeign({ foreign, allowed: crossAccountAccess });
};

const denyForeign = ({ foreign, allowed }: { foreign: boolean; allowed: boolean }): void => {
  if (foreign && !allowed) throw new S3Error("AccessDenied");
};

/** Throws AccessDenied for an operation without a bucket that an anonymous caller may not do. */
export const authorizeAccount = ({
  identified,
  settings,
}: {
  identified: Identified;
  settings: WorldSettings;
}): void => {
  if (settings.authMode === "strict" && isAnonymous(identified)) throw new S3Error("AccessDenied");
};
