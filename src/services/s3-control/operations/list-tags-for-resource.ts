import { shownTags } from "../../s3/tagging.ts";
import type { S3ControlHandler } from "../context.ts";
import { findResource, readTags } from "../resource-tags.ts";

/** The tags of a bucket or an access point. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListTagsForResource.html */
export const listTagsForResource: S3ControlHandler<"ListTagsForResource"> = async (context, { ResourceArn }) => {
  const resource = await findResource(context, ResourceArn);
  return { Tags: shownTags(await context.world.read((view) => readTags(view, resource))) };
};
