/** Inventories. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html */
import type { InventoryConfiguration, InventoryEncryption } from "../../../protocol/generated/s3.ts";
import { S3Error } from "../errors.ts";
import { argumentError, assertPrefix, assertSchema, countGiven } from "./checks.ts";
import { assertExportTarget } from "./destination.ts";
import type { DocumentPlace } from "./document.ts";

const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/.+$/;

/** An inventory that is put. Errors: MalformedXML, InvalidRequest, InvalidArgument, NotImplemented. */
export const readInventory = (configuration: InventoryConfiguration): InventoryConfiguration => {
  const { Filter: filter, OptionalFields: fields = [], Destination: destination } = configuration;
  assertPrefix(filter?.Prefix);
  assertPrefix(destination.S3BucketDestination.Prefix);
  assertSchema(new Set(fields).size === fields.length);
  assertEncryption(destination.S3BucketDestination.Encryption);
  assertFormat(destination.S3BucketDestination.Format);
  return configuration;
};

/** Lists are made as CSV alone. Errors: NotImplemented, by the name of the format. */
const assertFormat = (format: string): void => {
  if (format === "CSV") return;
  throw new S3Error("NotImplemented", {}, { message: `The inventory format ${format} is not implemented.` });
};

const assertEncryption = (encryption: InventoryEncryption | undefined): void => {
  if (encryption === undefined) return;
  const { SSES3: s3, SSEKMS: kms } = encryption;
  assertSchema(countGiven(s3, kms) === 1);
  if (kms === undefined || KMS_KEY_ARN.test(kms.KeyId)) return;
  throw argumentError("KeyId", kms.KeyId, "The KMS key ARN is not valid.");
};

/** Holds the place of its lists to what can be one. Errors: those of `assertExportTarget`. */
export const assertInventoryFits = async (
  { Destination: { S3BucketDestination: target } }: InventoryConfiguration,
  { bucket }: DocumentPlace,
): Promise<void> => assertExportTarget({ arn: target.Bucket, accountId: target.AccountId }, bucket);

/** Reads what was kept. */
export const parseInventory = (document: string): InventoryConfiguration =>
  JSON.parse(document) as InventoryConfiguration;
