import { assertReadRequest, readingMembers, readObject } from "../read-object.ts";
import type { S3Handler } from "../context.ts";

/** What GetObject would answer, without the bytes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export const headObject: S3Handler<"HeadObject"> = async (context, input) => {
  assertReadRequest(context, input);
  const reading = await context.world.read((view) => readObject(view, context, { input, method: "HEAD" }));
  return readingMembers(reading, input);
};
