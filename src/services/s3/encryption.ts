/**
 * Server-side encryption: what a client may ask for and what answers say of it. Nothing is encrypted on the disk.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
import { hash } from "node:crypto";
import type { Caller } from "../../protocol/caller.ts";
import type { ObjectAttributes } from "../../state/model.ts";
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";
import { CUSTOMER_KEY_BYTES } from "./limits.ts";

type Encryption = NonNullable<ObjectAttributes["encryption"]>;

/** Members of an input that say how an object is to be encrypted. */
export type EncryptionInput = {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly SSEKMSEncryptionContext?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly SSECustomerKey?: string | undefined;
  readonly SSECustomerKeyMD5?: string | undefined;
};

type CustomerKeyInput = Pick<EncryptionInput, "SSECustomerAlgorithm" | "SSECustomerKey" | "SSECustomerKeyMD5">;

const ALGORITHMS: ReadonlySet<string> = new Set(["AES256", "aws:kms", "aws:kms:dsse"]);
const ARGUMENT = "x-amz-server-side-encryption";

const refused = (message: string, value = "null"): S3Error => invalidArgument(message, { name: ARGUMENT, value });

/** The MD5 (base64) of the customer's key; undefined where the request names none. Errors: see AWS-facts of SSE-C. */
export const readCustomerKey = (input: CustomerKeyInput): string | undefined => {
  const { SSECustomerAlgorithm: algorithm, SSECustomerKey: key, SSECustomerKeyMD5: md5 } = input;
  if (algorithm === undefined && key === undefined && md5 === undefined) return undefined;
  if (algorithm === undefined) {
    throw refused(
      "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
    );
  }
  if (key === undefined) {
    throw refused(
      "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
    );
  }
  if (algorithm !== "AES256")
    throw new S3Error("InvalidEncryptionAlgorithmError", { ArgumentName: ARGUMENT, ArgumentValue: algorithm });
  const bytes = Buffer.from(key, "base64");
  if (md5 === undefined || bytes.length !== CUSTOMER_KEY_BYTES) {
    throw refused("The secret key was invalid for the specified algorithm.");
  }
  if (hash("md5", bytes, "base64") !== md5) {
    throw refused("The calculated MD5 hash of the key did not match the hash that was provided.");
  }
  return md5;
};

/** How a write wants its object encrypted; undefined for the default, `AES256`. Errors: InvalidArgument. */
export const readEncryption = (
  input: EncryptionInput,
  { caller, region }: { readonly caller: Caller; readonly region: string },
): Encryption | undefined => {
  const { ServerSideEncryption: algorithm } = input;
  const customerKeyMd5 = readCustomerKey(input);
  if (customerKeyMd5 !== undefined) {
    if (algorithm !== undefined) {
      throw refused(
        "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
        algorithm,
      );
    }
    return { algorithm: "AES256", customerKeyMd5 };
  }
  if (algorithm !== undefined && !ALGORITHMS.has(algorithm)) {
    throw refused("The encryption method specified is not supported", algorithm);
  }
  const { SSEKMSKeyId: keyId, SSEKMSEncryptionContext: context, BucketKeyEnabled: bucketKeyEnabled } = input;
  if (algorithm === undefined || algorithm === "AES256") {
    if (keyId !== undefined) {
      throw invalidArgument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
        {
          name: ARGUMENT,
          value: algorithm ?? "null",
        },
      );
    }
    return undefined;
  }
  return {
    algorithm,
    kmsKeyId: keyArn(keyId, { caller, region }),
    ...(bucketKeyEnabled === undefined ? {} : { bucketKeyEnabled }),
    ...(context === undefined ? {} : { context }),
  };
};

/** The ARN of a KMS key that was named by id, or of the account's own key for S3 where none was. */
const keyArn = (keyId: string | undefined, { caller, region }: { caller: Caller; region: string }): string => {
  if (keyId?.startsWith("arn:") === true) return keyId;
  const name = keyId ?? managedKeyId(`${caller.accountId}/${region}`);
  const resource = name.startsWith("alias/") ? name : `key/${name}`;
  return `arn:${caller.partition}:kms:${region}:${caller.accountId}:${resource}`;
};

/** A UUID that is always the same for an account and region. */
const managedKeyId = (scope: string): string => {
  const hex = hash("sha256", `kms-managed-key/s3/${scope}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
};

/** Members of an output that say how an object is encrypted. */
type EncryptionMembers = {
  ServerSideEncryption?: string;
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
};

/** What answers say of an object's encryption. S3 encrypts every object, so there is always something to say. */
export const encryptionMembers = (encryption: Encryption | undefined): EncryptionMembers => {
  if (encryption === undefined) return { ServerSideEncryption: "AES256" };
  const { algorithm, kmsKeyId, bucketKeyEnabled, customerKeyMd5 } = encryption;
  if (customerKeyMd5 !== undefined) return { SSECustomerAlgorithm: algorithm, SSECustomerKeyMD5: customerKeyMd5 };
  return {
    ServerSideEncryption: algorithm,
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
    ...(bucketKeyEnabled === true ? { BucketKeyEnabled: true } : {}),
  };
};

/** The key that reads an object must be the one that wrote it. Errors: InvalidRequest, AccessDenied. */
export const assertCustomerKey = (stored: Encryption | undefined, givenMd5: string | undefined): void => {
  const wantedMd5 = stored?.customerKeyMd5;
  if (wantedMd5 === givenMd5) return;
  if (wantedMd5 === undefined) {
    throw invalidRequest("The encryption parameters are not applicable to this object.");
  }
  if (givenMd5 === undefined) {
    throw invalidRequest(
      "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
    );
  }
  throw new S3Error(
    "AccessDenied",
    {},
    {
      message:
        "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
    },
  );
};

/** The key of a part must be that of its upload. Errors: InvalidRequest. */
export const assertPartKey = (upload: Encryption | undefined, givenMd5: string | undefined): void => {
  const wantedMd5 = upload?.customerKeyMd5;
  if (wantedMd5 === givenMd5) return;
  if (wantedMd5 === undefined || givenMd5 === undefined) {
    throw invalidRequest(
      "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
    );
  }
  throw invalidRequest("The provided encryption parameters did not match the ones used originally.");
};
