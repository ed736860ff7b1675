import { changeObject } from "../change-object.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { assertLockBucket, withLock } from "../object-lock.ts";

/** Keeps a version until further notice. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html */
export const putObjectLegalHold: S3Handler<"PutObjectLegalHold"> = async (context, input) => {
  const status = input.LegalHold?.Status;
  if (status !== "ON" && status !== "OFF") throw new S3Error("MalformedXML");
  assertLockBucket(bucketOf(context));
  await changeObject(context, { input, method: "PUT" }, ({ object: { attributes } }) =>
    withLock(attributes, { ...attributes.lock, legalHold: status === "ON" }),
  );
  return {};
};
