import { listAnnotations } from "../../../state/annotations.ts";
import { assertAnnotationPrefix } from "../annotation-name.ts";
import { parentMembers } from "../annotations.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { writeContinuationToken } from "../continuation-token.ts";
import { invalidArgument } from "../errors.ts";
import { quoteEtag } from "../etags.ts";
import { ANNOTATIONS_MAX } from "../limits.ts";
import { pageEntriesMax, readToken } from "../listing.ts";
import { shownTime } from "../shown-time.ts";
import { readStoredVersion } from "../stored-version.ts";

const MAX_RESULTS = "max-annotation-results";

/** Errors: InvalidArgument. */
const readPageSize = (requested = ANNOTATIONS_MAX): number => {
  if (Number.isInteger(requested) && requested >= 1 && requested <= ANNOTATIONS_MAX) return requested;
  throw invalidArgument(`Argument ${MAX_RESULTS} must be an integer between 1 and ${ANNOTATIONS_MAX}`, {
    name: MAX_RESULTS,
    value: String(requested),
  });
};

/** An object's annotations by name. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectAnnotations.html */
export const listObjectAnnotations: S3Handler<"ListObjectAnnotations"> = async (context, input) => {
  const { Key: key, VersionId: versionId, AnnotationPrefix: prefix, ContinuationToken: token } = input;
  const bucket = bucketOf(context);
  const limit = Math.min(readPageSize(input.MaxAnnotationResults), pageEntriesMax(context.world, ANNOTATIONS_MAX));
  if (prefix !== undefined) assertAnnotationPrefix(prefix);
  const scope = `annotations/${bucket.name}/${key}`;
  const after = token === undefined ? undefined : readToken(token, { scope });
  return await context.world.read(async (view) => {
    const object = await readStoredVersion(view, bucket, { key, versionId, method: "GET", currentMarker: "refused" });
    const { entries, truncated } = await listAnnotations(view, bucket, { object, prefix: prefix ?? "", after, limit });
    const last = entries.at(-1);
    const next = truncated && last !== undefined ? writeContinuationToken(last.name, { scope }) : undefined;
    return {
      Annotations: entries.map(({ name, etag, sizeBytes, lastModifiedMs, checksum }) => ({
        AnnotationName: name,
        LastModified: shownTime(lastModifiedMs),
        Size: sizeBytes,
        ETag: quoteEtag(etag),
        ChecksumAlgorithm: [checksum.algorithm],
      })),
      Bucket: bucket.name,
      Key: key,
      AnnotationPrefix: prefix,
      MaxAnnotationResults: limit,
      AnnotationCount: entries.length,
      ContinuationToken: token,
      NextContinuationToken: next,
      ...parentMembers(bucket, object),
    };
  });
};
