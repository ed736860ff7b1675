import { bypassesGovernance } from "../bypass-governance.ts";
import { changeObject } from "../change-object.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { assertLockBucket, withLock } from "../object-lock.ts";
import { changeRetention, readRetention } from "../retention.ts";

/** Sets until when a version is kept. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html */
export const putObjectRetention: S3Handler<"PutObjectRetention"> = async (context, input) => {
  const { nowMs } = context;
  const wanted = readRetention(input.Retention, nowMs);
  assertLockBucket(bucketOf(context));
  const bypass = await bypassesGovernance(context, { asked: input.BypassGovernanceRetention, key: input.Key });
  await changeObject(context, { input, method: "PUT", event: "ObjectRetention:Put" }, ({ object: { attributes } }) =>
    withLock(attributes, changeRetention(attributes.lock, wanted, { nowMs, bypass })),
  );
  return {};
};
