import type { PostObjectInput, PostObjectOutput } from "../../../protocol/model/post-object.ts";
import type { S3Context } from "../context.ts";
import { objectUrl } from "../object-url.ts";
import { redirectUrl } from "../post-redirect.ts";
import { tagsOfDocument, type Tag } from "../tagging.ts";
import { storeUpload } from "./put-object.ts";

/** Tags as a PutObject has them. */
const taggingHeader = (tags: readonly Tag[]): string =>
  tags.map(({ key, value }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join("&");

/**
 * Stores the file of a browser's form, as PutObject does.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export const postObject = async (context: S3Context, input: PostObjectInput): Promise<PostObjectOutput> => {
  const { Bucket, Key, TaggingDocument: tagging, SuccessActionRedirect: redirect } = input;
  const tags = tagging === undefined ? undefined : taggingHeader(tagsOfDocument(tagging, { owner: "object" }));
  if (tags !== undefined) await context.demand({ action: "s3:PutObjectTagging", key: Key });
  const stored = await storeUpload(context, tags === undefined ? input : { ...input, Tagging: tags }, {
    event: "ObjectCreated:Post",
  });
  const answer = { ...stored, Bucket, Key, Location: objectUrl(context.endpoint, { bucketName: Bucket, key: Key }) };
  if (redirect === undefined) return { ...answer, Status: input.SuccessActionStatus };
  const Redirect = redirectUrl(redirect, { bucket: Bucket, key: Key, etag: stored.ETag ?? "" });
  return { ...answer, Status: 303, Redirect };
};
