import { getConfiguration, putConfiguration, requireBucket } from "../../../state/buckets.ts";
import { assertTableUpdates, withTableUpdates } from "../annotation-table.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";

/**
 * Turns the table of a bucket's annotations on or off, within the metadata configuration that it has.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateBucketMetadataAnnotationTableConfiguration.html
 */
export const updateBucketMetadataAnnotationTableConfiguration: S3Handler<
  "UpdateBucketMetadataAnnotationTableConfiguration"
> = async (context, { AnnotationTableConfiguration: updates }) => {
  assertTableUpdates(updates);
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const document = await getConfiguration(tx, bucket, "metadata");
    if (document === undefined) throw new S3Error("MetadataConfigurationNotFound", { BucketName: bucket.name });
    await putConfiguration(tx, bucket, { kind: "metadata", document: withTableUpdates(document, updates) });
  });
  return {};
};
