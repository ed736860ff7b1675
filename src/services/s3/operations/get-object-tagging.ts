import { bucketOf, type S3Handler } from "../context.ts";
import { readStoredVersion } from "../stored-version.ts";
import { shownTags } from "../tagging.ts";
import { shownVersionId } from "../version-id.ts";

/** The tags of an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export const getObjectTagging: S3Handler<"GetObjectTagging"> = async (context, { Key: key, VersionId: versionId }) => {
  const bucket = bucketOf(context);
  const object = await context.world.read((view) =>
    readStoredVersion(view, bucket, {
      key,
      versionId,
      method: "GET",
      currentMarker: "refused",
      // AWS names the bucket too, here alone.
      missingKey: `${bucket.name}/${key}`,
    }),
  );
  return {
    TagSet: shownTags(object.attributes.tags ?? []),
    VersionId: shownVersionId(bucket, object.versionId),
  };
};
