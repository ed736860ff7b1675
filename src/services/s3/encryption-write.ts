/** The encryption of what is written: by its request, else by the bucket's rule; and what that rule refuses. */
import type { ObjectAttributes } from "../../state/model.ts";
import { callerArn } from "../../protocol/caller.ts";
import { bucketArn } from "./bucket-arn.ts";
import { blocksCustomerKeys, ownEncryptionRule } from "./bucket-encryption.ts";
import { bucketOf, type S3Context } from "./context.ts";
import { readEncryption, type EncryptionInput } from "./encryption.ts";
import { assertSignatureForKms } from "./encryption-kms.ts";
import { S3Error } from "./errors.ts";

type WriteInput = EncryptionInput & { readonly Key: string; readonly CopySource?: string | undefined };

/**
 * How a write's object is to be encrypted; undefined for `AES256`. The state is asked only where the bucket has a rule of its own.
 * Errors: InvalidArgument, InvalidEncryptionAlgorithmError, AccessDenied for a customer's key where the bucket blocks those.
 */
export const encryptionOfWrite = async (
  context: S3Context,
  input: WriteInput,
): Promise<ObjectAttributes["encryption"]> => {
  const bucket = bucketOf(context);
  const rule = await ownEncryptionRule(context, bucket);
  const encryption = readEncryption(input, { caller: context.caller, bucket, rule });
  assertSignatureForKms(encryption, context);
  if (encryption?.customerKeyMd5 !== undefined && blocksCustomerKeys(rule)) {
    throw customerKeysBlocked(context, {
      key: input.Key,
      action: input.CopySource === undefined ? "PutObject" : "CopyObject",
    });
  }
  return encryption;
};

/** Errors: AccessDenied for a part under a customer's key where the bucket has come to block those. */
export const assertPartKeyAllowed = async (context: S3Context, key: string): Promise<void> => {
  if (!blocksCustomerKeys(await ownEncryptionRule(context, bucketOf(context)))) return;
  throw customerKeysBlocked(context, { key, action: "PutObject" });
};

/** In the words of https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html */
const customerKeysBlocked = (
  context: S3Context,
  { key, action }: { readonly key: string; readonly action: "PutObject" | "CopyObject" },
): S3Error => {
  const user = callerArn(context.caller);
  const resource = `${bucketArn(bucketOf(context))}/${key}`;
  const message = `User: ${user} is not authorized to perform: s3:${action} on resource: "${resource}" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type`;
  return new S3Error("AccessDenied", {}, { message });
};
