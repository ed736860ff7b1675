/**
 * Keys of KMS and what goes with them. There is no KMS: whatever id a client names is taken for a key that exists.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
import { hash } from "node:crypto";
import type { Caller } from "../../protocol/caller.ts";
import { invalidArgument } from "./errors.ts";

/** Whose key is meant by an id that is no ARN, and where. */
type KeyScope = { readonly caller: Caller; readonly region: string };

/** The alias of the key that AWS keeps for S3 in every account. */
const MANAGED_ALIAS = "alias/aws/s3";

/** The ARN of a key that was named by its id, its alias or an ARN; of the account's own key for S3 where none was named. */
export const kmsKeyArn = (keyId: string | undefined, { caller, region }: KeyScope): string => {
  if (keyId?.startsWith("arn:") === true) return keyId;
  const { partition, accountId } = caller;
  const name = keyId === undefined || keyId === "" || keyId === MANAGED_ALIAS ? undefined : keyId;
  const resource = name?.startsWith("alias/") ? name : `key/${name ?? managedKeyId(`${accountId}/${region}`)}`;
  return `arn:${partition}:kms:${region}:${accountId}:${resource}`;
};

/** A UUID that is always the same for an account and region. */
const managedKeyId = (scope: string): string => {
  const hex = hash("sha256", `kms-managed-key/s3/${scope}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
};

/**
 * AWS's keys are for requests that are signed with Signature Version 4. Errors: InvalidArgument for one of Version 2.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export const assertSignatureForKms = (
  encryption: { readonly kmsKeyId?: string } | undefined,
  { signedV2 }: { readonly signedV2?: string | undefined },
): void => {
  if (encryption?.kmsKeyId === undefined || signedV2 === undefined) return;
  throw invalidArgument(
    "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
    { name: "Authorization", value: signedV2 },
  );
};

const CONTEXT = "x-amz-server-side-encryption-context";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Errors: InvalidArgument for an encryption context that is no base64 of a JSON object whose values are texts. */
export const assertEncryptionContext = (context: string): void => {
  if (BASE64.test(context) && isStringMap(Buffer.from(context, "base64"))) return;
  throw invalidArgument(
    `The header '${CONTEXT}' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`,
    { name: CONTEXT, value: context },
  );
};

const isStringMap = (bytes: Uint8Array): boolean => {
  try {
    const document: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof document !== "object" || document === null || Array.isArray(document)) return false;
    return Object.values(document).every((value) => typeof value === "string");
  } catch {
    return false;
  }
};
