/**
 * Server-side encryption: what a client may ask for and what answers say of it. Nothing is encrypted on the disk.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
import { hash } from "node:crypto";
import type { ServerSideEncryptionRule } from "../../protocol/generated/s3.ts";
import type { Caller } from "../../protocol/caller.ts";
import type { Bucket, ObjectAttributes } from "../../state/model.ts";
import { assertEncryptionContext, kmsKeyArn } from "./encryption-kms.ts";
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

/** Members of an input that name a customer's key. */
type CustomerKeyInput = Pick<EncryptionInput, "SSECustomerAlgorithm" | "SSECustomerKey" | "SSECustomerKeyMD5">;

const DEFAULT_ALGORITHM = "AES256";
const DOUBLE_LAYER = "aws:kms:dsse";
const ALGORITHMS: ReadonlySet<string> = new Set([DEFAULT_ALGORITHM, "aws:kms", DOUBLE_LAYER]);
const ARGUMENT = "x-amz-server-side-encryption";

const refused = (message: string, value = "null"): S3Error => invalidArgument(message, { name: ARGUMENT, value });

const namesCustomerKey = (input: CustomerKeyInput): boolean =>
  input.SSECustomerAlgorithm !== undefined ||
  input.SSECustomerKey !== undefined ||
  input.SSECustomerKeyMD5 !== undefined;

type CustomerKey = { readonly md5: string; readonly bytes: Uint8Array };

const parseCustomerKey = (input: CustomerKeyInput): CustomerKey | undefined => {
  const { SSECustomerAlgorithm: algorithm, SSECustomerKey: key, SSECustomerKeyMD5: md5 } = input;
  if (!namesCustomerKey(input)) return undefined;
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
  if (algorithm !== DEFAULT_ALGORITHM)
    throw new S3Error("InvalidEncryptionAlgorithmError", { ArgumentName: ARGUMENT, ArgumentValue: algorithm });
  if (md5 === undefined) throw invalidKey();
  const bytes = Buffer.from(key, "base64");
  if (hash("md5", bytes, "base64") !== md5) {
    throw refused("The calculated MD5 hash of the key did not match the hash that was provided.");
  }
  return { md5, bytes };
};

const invalidKey = (): S3Error => refused("The secret key was invalid for the specified algorithm.");

/**
 * The MD5 (base64) of the customer's key for what is stored already; undefined where the request names none. A key of the wrong
 * length is a wrong key: the comparison with the stored one says so.
 * Errors: InvalidArgument, InvalidEncryptionAlgorithmError.
 */
export const readCustomerKey = (input: CustomerKeyInput): string | undefined => parseCustomerKey(input)?.md5;

/** How a write wants its object encrypted: `rule` is that of the bucket where it has one of its own. */
type WriteScope = {
  readonly caller: Caller;
  readonly bucket: Bucket;
  readonly rule: ServerSideEncryptionRule | undefined;
};

/** How a write's object is to be encrypted; undefined for `AES256`. Errors: InvalidArgument, InvalidEncryptionAlgorithmError. */
export const readEncryption = (input: EncryptionInput, scope: WriteScope): Encryption | undefined => {
  const { ServerSideEncryption: algorithm, SSEKMSKeyId: keyId } = input;
  if (namesCustomerKey(input)) return readNewCustomerKey(input);
  if (algorithm !== undefined && !ALGORITHMS.has(algorithm)) {
    throw refused("The encryption method specified is not supported", algorithm);
  }
  if (keyId !== undefined && (algorithm === undefined || algorithm === DEFAULT_ALGORITHM)) throw needsKms(algorithm);
  const byDefault = scope.rule?.ApplyServerSideEncryptionByDefault;
  const applied = algorithm ?? byDefault?.SSEAlgorithm ?? DEFAULT_ALGORITHM;
  if (applied !== DEFAULT_ALGORITHM) return readKms(input, { ...scope, algorithm: applied });
  if (input.SSEKMSEncryptionContext !== undefined) throw needsKms(algorithm);
  return undefined;
};

const needsKms = (algorithm: string | undefined): S3Error =>
  refused(
    "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
    algorithm,
  );

const readNewCustomerKey = (input: EncryptionInput): Encryption | undefined => {
  if (input.ServerSideEncryption !== undefined) {
    throw refused(
      "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
      input.ServerSideEncryption,
    );
  }
  const key = parseCustomerKey(input);
  if (key === undefined) return undefined;
  if (key.bytes.length !== CUSTOMER_KEY_BYTES) throw invalidKey();
  return { algorithm: DEFAULT_ALGORITHM, customerKeyMd5: key.md5 };
};

/** A request that names `aws:kms` without a key means the account's own, whatever key the bucket's rule names. */
const readKms = (
  input: EncryptionInput,
  { caller, bucket, rule, algorithm }: WriteScope & { readonly algorithm: string },
): Encryption => {
  const { SSEKMSEncryptionContext: context, ServerSideEncryption: named } = input;
  const keyId = named === undefined ? rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID : input.SSEKMSKeyId;
  const bucketKeyEnabled = (input.BucketKeyEnabled ?? rule?.BucketKeyEnabled) === true && algorithm !== DOUBLE_LAYER;
  if (context !== undefined) assertEncryptionContext(context);
  return {
    algorithm,
    kmsKeyId: kmsKeyArn(keyId, { caller, region: bucket.region }),
    ...(bucketKeyEnabled ? { bucketKeyEnabled } : {}),
    ...(context === undefined ? {} : { context }),
  };
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

/** The same for the answer to what was written, which alone tells the encryption context. */
export const writtenEncryptionMembers = (
  encryption: Encryption | undefined,
): EncryptionMembers & { SSEKMSEncryptionContext?: string } => {
  const members = encryptionMembers(encryption);
  return encryption?.context === undefined ? members : { ...members, SSEKMSEncryptionContext: encryption.context };
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

/** Requests about an upload need not name its key, but must not name another. Errors: InvalidRequest. */
export const assertUploadKey = (upload: Encryption | undefined, givenMd5: string | undefined): void => {
  if (givenMd5 !== undefined) assertPartKey(upload, givenMd5);
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
