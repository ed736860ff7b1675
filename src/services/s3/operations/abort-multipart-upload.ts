import { requireBucket } from "../../../state/buckets.ts";
import { abortUpload } from "../../../state/uploads.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { headerNotImplemented } from "../errors.ts";
import { requireUpload } from "../multipart.ts";

/** Gives an upload up, with its parts. https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export const abortMultipartUpload: S3Handler<"AbortMultipartUpload"> = async (context, input) => {
  // A condition of directory buckets.
  if (input.IfMatchInitiatedTime !== undefined) throw headerNotImplemented("x-amz-if-match-initiated-time");
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    await abortUpload(tx, bucket, await requireUpload(tx, bucket, { key: input.Key, uploadId: input.UploadId }));
  });
  return {};
};
