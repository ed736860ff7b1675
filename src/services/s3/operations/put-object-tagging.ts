import { changeObject } from "../change-object.ts";
import type { S3Handler } from "../context.ts";
import { tagsOfDocument } from "../tagging.ts";

/** Replaces the tags of an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export const putObjectTagging: S3Handler<"PutObjectTagging"> = async (context, input) => {
  const tags = tagsOfDocument(input.Tagging, { owner: "object" });
  return changeObject(context, { input, method: "PUT", event: "ObjectTagging:Put" }, ({ object }) => {
    const { tags: _, ...others } = object.attributes;
    return tags.length === 0 ? others : { ...others, tags };
  });
};
