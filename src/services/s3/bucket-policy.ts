/** The policy on a bucket: its text as it was put, and what it says. */
import { parsePolicy } from "../../access/policy/parse-policy.ts";
import type { Policy } from "../../access/policy/policy.ts";
import { PolicySyntaxError } from "../../access/policy/syntax-error.ts";
import { getConfiguration } from "../../state/buckets.ts";
import type { Bucket } from "../../state/model.ts";
import type { View } from "../../state/view.ts";
import { bucketArn } from "./bucket-arn.ts";
import { S3Error } from "./errors.ts";

/** Reads a policy that is put on a bucket. Errors: MalformedPolicy. */
export const readPutPolicy = (text: string, bucket: Bucket): Policy => {
  try {
    return parsePolicy(text, { kind: "resource", resourceArn: bucketArn(bucket) });
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw new S3Error("MalformedPolicy", {}, { message: error.message });
    throw error;
  }
};

/** The text of a bucket's policy. Errors: NoSuchBucketPolicy. */
export const requirePolicyText = async (view: View, bucket: Bucket): Promise<string> => {
  const text = await getConfiguration(view, bucket, "policy");
  if (text === undefined) throw new S3Error("NoSuchBucketPolicy", { BucketName: bucket.name });
  return text;
};
