import { changeObject } from "../change-object.ts";
import type { S3Handler } from "../context.ts";

/** Takes all tags from an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export const deleteObjectTagging: S3Handler<"DeleteObjectTagging"> = (context, input) =>
  changeObject(context, { input, method: "DELETE", event: "ObjectTagging:Delete" }, ({ object }) => {
    const { tags: _, ...others } = object.attributes;
    return others;
  });
