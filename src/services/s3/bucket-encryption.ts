/**
 * How a bucket encrypts what names no encryption of its own, and which encryption it refuses.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
 */
import type { ServerSideEncryptionConfiguration, ServerSideEncryptionRule } from "../../protocol/generated/s3.ts";
import { getConfiguration } from "../../state/buckets.ts";
import type { Bucket } from "../../state/model.ts";
import type { View } from "../../state/view.ts";
import type { S3Context } from "./context.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import { KMS_KEY_ID_CHARS_MAX } from "./limits.ts";

/** The rule of a bucket that has none of its own. */
const NEW_BUCKET_RULE: ServerSideEncryptionRule = {
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
  BucketKeyEnabled: false,
};

/** The bucket's rule: the one that was put, or the one of every new bucket. */
export const readEncryptionRule = async (view: View, bucket: Bucket): Promise<ServerSideEncryptionRule> => {
  const document = await getConfiguration(view, bucket, "encryption");
  if (document === undefined) return NEW_BUCKET_RULE;
  const { Rules: rules } = JSON.parse(document) as ServerSideEncryptionConfiguration;
  return rules[0] ?? NEW_BUCKET_RULE;
};

/** The rule that was put for the bucket; undefined, and nothing is read, where none was. */
export const ownEncryptionRule = (
  { world }: S3Context,
  bucket: Bucket,
): Promise<ServerSideEncryptionRule> | undefined =>
  bucket.configurations.includes("encryption") ? world.read((view) => readEncryptionRule(view, bucket)) : undefined;

/** Whether the rule keeps out objects under a customer's key. */
export const blocksCustomerKeys = (rule: ServerSideEncryptionRule | undefined): boolean =>
  rule?.BlockedEncryptionTypes?.EncryptionType?.includes("SSE-C") === true;

const DEFAULT_ALGORITHMS: ReadonlySet<string> = new Set(["AES256", "aws:kms", "aws:kms:dsse"]);
const BLOCKABLE: ReadonlySet<string> = new Set(["NONE", "SSE-C"]);
const BY_DEFAULT = "ApplyServerSideEncryptionByDefault";
/** Answers to what is written name the key in a header. */
const KEY_ID = /^[!-~]*$/;

/**
 * The rule that a configuration puts. What it leaves out of algorithm and blocked types stays as it is in `before`.
 * Errors: MalformedXML, InvalidArgument.
 */
export const readPutRule = (
  { Rules: rules }: ServerSideEncryptionConfiguration,
  { before }: { readonly before: ServerSideEncryptionRule },
): ServerSideEncryptionRule => {
  const [rule, ...more] = rules;
  if (rule === undefined || more.length > 0) throw new S3Error("MalformedXML");
  const { ApplyServerSideEncryptionByDefault: byDefault, BlockedEncryptionTypes: blocked } = rule;
  const types = blocked?.EncryptionType ?? [];
  if (byDefault === undefined && types.length === 0) throw new S3Error("MalformedXML");
  assertByDefault(byDefault);
  if (types.length > 1 || types.some((type) => !BLOCKABLE.has(type))) throw new S3Error("MalformedXML");
  const kept = byDefault === undefined ? before : rule;
  const keptBlocked = types.length === 0 ? before.BlockedEncryptionTypes : { EncryptionType: types };
  return {
    ApplyServerSideEncryptionByDefault: kept.ApplyServerSideEncryptionByDefault,
    BucketKeyEnabled: rule.BucketKeyEnabled ?? kept.BucketKeyEnabled ?? false,
    ...(keptBlocked === undefined ? {} : { BlockedEncryptionTypes: keptBlocked }),
  };
};

const assertByDefault = (byDefault: ServerSideEncryptionRule[typeof BY_DEFAULT]): void => {
  if (byDefault === undefined) return;
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId } = byDefault;
  // The others of the model are those of access points to other services.
  if (!DEFAULT_ALGORITHMS.has(algorithm)) {
    throw invalidArgument("The encryption method specified is not supported", { name: BY_DEFAULT, value: algorithm });
  }
  if (keyId === undefined) return;
  if (keyId.length > KMS_KEY_ID_CHARS_MAX || !KEY_ID.test(keyId)) {
    throw invalidArgument("The KMSMasterKeyID is not valid", { name: BY_DEFAULT, value: keyId });
  }
  if (algorithm !== "AES256") return;
  throw new S3Error(
    "InvalidArgument",
    { ArgumentName: BY_DEFAULT },
    {
      message: "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
    },
  );
};
