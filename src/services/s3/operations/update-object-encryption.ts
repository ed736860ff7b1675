import type { Operations } from "../../../protocol/generated/s3.ts";
import type { Bucket, ObjectAttributes } from "../../../state/model.ts";
import { changeObject } from "../change-object.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { invalidRequest, S3Error } from "../errors.ts";
import { retainUntil } from "../object-lock.ts";

type Encryption = NonNullable<ObjectAttributes["encryption"]>;
type Wanted = Operations["UpdateObjectEncryption"]["input"]["ObjectEncryption"];

const KEY_ARN = /^arn:aws[-a-z0-9]*:kms:[-a-z0-9]+:(\d{12}):key\/[-a-zA-Z0-9]+$/;

/**
 * Puts a version under a key of KMS; its bytes, its time and its ETag stay.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
 */
export const updateObjectEncryption: S3Handler<"UpdateObjectEncryption"> = async (context, input) => {
  const encryption = readEncryption(input.ObjectEncryption, bucketOf(context));
  await changeObject(context, { input, method: "PUT" }, ({ object: { attributes } }) => {
    assertUpdatable(attributes, context.nowMs);
    return { ...attributes, encryption };
  });
  return {};
};

/** Errors: InvalidRequest, AccessDenied for another account's key. */
const readEncryption = ({ SSEKMS: wanted }: Wanted, bucket: Bucket): Encryption => {
  if (wanted === undefined) {
    throw invalidRequest(
      "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
    );
  }
  const { KMSKeyArn: kmsKeyId, BucketKeyEnabled: bucketKeyEnabled } = wanted;
  if (kmsKeyId === "") {
    throw invalidRequest(
      "Requests that modify an object's encryption type to SSE-KMS require an AWS KMS key Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again.",
    );
  }
  const accountId = KEY_ARN.exec(kmsKeyId)?.[1];
  if (accountId === undefined) {
    throw invalidRequest(
      "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.",
    );
  }
  if (accountId !== bucket.accountId) {
    throw denied(
      "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.",
    );
  }
  return { algorithm: "aws:kms", kmsKeyId, ...(bucketKeyEnabled === true ? { bucketKeyEnabled } : {}) };
};

/** Errors: InvalidRequest for an object under another kind of encryption, AccessDenied for one under a lock. */
const assertUpdatable = ({ encryption, lock }: ObjectAttributes, nowMs: number): void => {
  if (encryption?.customerKeyMd5 !== undefined || encryption?.algorithm === "aws:kms:dsse") {
    throw invalidRequest(
      "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
    );
  }
  if (lock === undefined) return;
  if (lock.legalHold !== true && (retainUntil(lock, nowMs) ?? 0) <= nowMs) return;
  throw denied(
    "The encryption type for the specified object can’t be updated because that object is protected by S3 Object Lock. If the object has a governance-mode retention period or a legal hold, you must first remove the Object Lock status on the object before you issue your UpdateObjectEncryption request. You can't use the UpdateObjectEncryption operation with objects that have an Object Lock compliance mode retention period applied to them.",
  );
};

const denied = (message: string): S3Error => new S3Error("AccessDenied", {}, { message });
