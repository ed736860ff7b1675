import type { S3ControlHandler } from "../context.ts";
import { changeTags, findResource, tagsOfRequest } from "../resource-tags.ts";

/** Adds tags to a bucket or an access point, over those of the same keys. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html */
export const tagResource: S3ControlHandler<"TagResource"> = async (context, { ResourceArn, Tags }) => {
  const added = tagsOfRequest(Tags);
  const resource = await findResource(context, ResourceArn);
  await context.world.transact((tx) =>
    changeTags(tx, resource, (tags) => {
      const values = new Map([...tags, ...added].map(({ key, value }) => [key, value]));
      return [...values].map(([key, value]) => ({ key, value }));
    }),
  );
  return {};
};
