import type { S3ControlHandler } from "../context.ts";
import { changeTags, findResource } from "../resource-tags.ts";

/** Takes tags from a bucket or an access point, if it has them. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UntagResource.html */
export const untagResource: S3ControlHandler<"UntagResource"> = async (context, { ResourceArn, TagKeys }) => {
  const resource = await findResource(context, ResourceArn);
  await context.world.transact((tx) =>
    changeTags(tx, resource, (tags) => tags.filter(({ key }) => !TagKeys.includes(key))),
  );
  return {};
};
