import { findAnnotation } from "../../../state/annotations.ts";
import { isAnnotationName } from "../annotation-name.ts";
import { annotationChecksum, annotationEncryption, parentMembers } from "../annotations.ts";
import { checksumMembers } from "../checksum-members.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { quoteEtag } from "../etags.ts";
import { readStoredVersion } from "../stored-version.ts";

/** An annotation's text. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAnnotation.html */
export const getObjectAnnotation: S3Handler<"GetObjectAnnotation"> = async (context, input) => {
  const { Key: key, AnnotationName: name, VersionId: versionId } = input;
  const { world, bodies } = context;
  const bucket = bucketOf(context);
  return await world.read(async (view) => {
    const object = await readStoredVersion(view, bucket, { key, versionId, method: "GET", currentMarker: "refused" });
    const found = isAnnotationName(name) ? await findAnnotation(view, bucket, { object, name }) : undefined;
    if (found === undefined) throw new S3Error("NoSuchAnnotation", { Key: key, AnnotationName: name });
    return {
      AnnotationPayload: await bodies.openExtents(view, found.extents),
      LastModified: new Date(found.lastModifiedMs),
      ContentLength: found.sizeBytes,
      ETag: quoteEtag(found.etag),
      ...parentMembers(bucket, object),
      ...annotationEncryption(object),
      ...(input.ChecksumMode === "ENABLED" ? checksumMembers(annotationChecksum(found)) : undefined),
    };
  });
};
