import { assertReadRequest, readingMembers, readObject } from "../read-object.ts";
import type { S3Handler } from "../context.ts";
import { assertSignatureForKms } from "../encryption-kms.ts";
import { assertReadable } from "../storage-class.ts";

/** An object, or some of its bytes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject: S3Handler<"GetObject"> = async (context, input) => {
  assertReadRequest(context, input);
  const { world, bodies, nowMs } = context;
  return await world.read(async (view) => {
    const reading = await readObject(view, context, { input, method: "GET" });
    const { bucket, object, portion } = reading;
    assertReadable(object, { nowMs });
    assertSignatureForKms(object.attributes.encryption, context);
    const Body = await bodies.openContent(view, { bucket, object, range: portion.range });
    return { ...readingMembers(reading, input), Body };
  });
};
