import { assertTableUpdates } from "../annotation-table.ts";
import type { S3Handler } from "../context.ts";
import { updateMetadata } from "../documents/metadata-handlers.ts";

/**
 * Turns the table of a bucket's annotations on or off, within the metadata configuration that it has.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateBucketMetadataAnnotationTableConfiguration.html
 */
export const updateBucketMetadataAnnotationTableConfiguration: S3Handler<
  "UpdateBucketMetadataAnnotationTableConfiguration"
> = async (context, { AnnotationTableConfiguration: updates }) => {
  assertTableUpdates(updates);
  return updateMetadata(context, {
    table: "annotation",
    change: ({ AnnotationTableConfiguration: before }) => ({ AnnotationTableConfiguration: { ...before, ...updates } }),
  });
};
