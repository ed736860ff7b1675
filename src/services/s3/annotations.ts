/**
 * Annotations of objects: what their operations share.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html
 */
import type { Annotation, Bucket, Checksum, ObjectAttributes, ObjectVersion } from "../../state/model.ts";
import { preconditionFailed } from "./conditions.ts";
import { encryptionMembers } from "./encryption.ts";
import { invalidRequest } from "./errors.ts";
import { unquoteEtag } from "./etags.ts";
import { shownVersionId } from "./version-id.ts";

/** What every answer about annotations says of the version that they are attached to. */
export const parentMembers = (bucket: Bucket, { versionId }: ObjectVersion): { ObjectVersionId?: string } => {
  const shown = shownVersionId(bucket, versionId);
  return shown === undefined ? {} : { ObjectVersionId: shown };
};

/** An annotation is encrypted as its object is; answers do not name the key. */
export const annotationEncryption = ({ attributes }: ObjectVersion): { ServerSideEncryption?: string } => {
  const { ServerSideEncryption } = encryptionMembers(attributes.encryption);
  return ServerSideEncryption === undefined ? {} : { ServerSideEncryption };
};

/** Errors: InvalidRequest for an object that is encrypted with a key of the customer. */
export const assertAnnotatable = (encryption: ObjectAttributes["encryption"]): void => {
  if (encryption?.customerKeyMd5 === undefined) return;
  throw invalidRequest("Annotations are not supported for objects encrypted with SSE-C.");
};

/** Holds the condition that a request puts on the object's ETag. Errors: PreconditionFailed. */
export const checkObjectCondition = ({ etag }: ObjectVersion, ifMatch: string | undefined): void => {
  if (ifMatch === undefined || ifMatch === "*" || unquoteEtag(ifMatch) === etag) return;
  throw preconditionFailed("x-amz-object-if-match");
};

/** The checksum of an annotation, which always covers the whole of it. */
export const annotationChecksum = ({ checksum }: Pick<Annotation, "checksum">): Checksum => ({
  ...checksum,
  type: "FULL_OBJECT",
});
