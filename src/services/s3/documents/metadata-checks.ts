/** What a metadata configuration may say. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketMetadataConfiguration.html */
import type { MetadataConfiguration, RecordExpiration, S3TablesDestination } from "../../../protocol/generated/s3.ts";
import type { Bucket } from "../../../state/model.ts";
import { assertTableEncryption, assertTableUpdates } from "../annotation-table.ts";
import { JOURNAL_DAYS_MAX, JOURNAL_DAYS_MIN } from "../limits.ts";
import { argumentError, assertSchema } from "./checks.ts";

/** Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const assertMetadata = (configuration: MetadataConfiguration): void => {
  const { JournalTableConfiguration: journal, InventoryTableConfiguration: inventory } = configuration;
  assertRecordExpiration(journal.RecordExpiration);
  assertTableEncryption(journal.EncryptionConfiguration);
  assertTableEncryption(inventory?.EncryptionConfiguration);
  const { AnnotationTableConfiguration: annotation } = configuration;
  if (annotation !== undefined) assertTableUpdates(annotation);
};

/** Errors: MalformedXML for days where nothing expires and for none where it does, InvalidArgument. */
export const assertRecordExpiration = ({ Expiration: expiration, Days: days }: RecordExpiration): void => {
  assertSchema((expiration === "ENABLED") === (days !== undefined));
  if (days === undefined || (days >= JOURNAL_DAYS_MIN && days <= JOURNAL_DAYS_MAX)) return;
  throw argumentError("Days", days, `'Days' must be between ${JOURNAL_DAYS_MIN} and ${JOURNAL_DAYS_MAX}`);
};

const TABLE_BUCKET_ARN = /^arn:([a-z-]+):s3tables:([a-z0-9-]+):(\d{12}):bucket\/[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const TABLE_NAME = /^[0-9a-z_]{1,255}$/;

/** Holds the place of a table to one of the bucket's own account and region. Errors: InvalidArgument. */
export const assertTablesDestination = (
  { TableBucketArn: arn, TableName: name }: S3TablesDestination,
  { partition, region, accountId }: Bucket,
): void => {
  const [, ...place] = TABLE_BUCKET_ARN.exec(arn) ?? [];
  if (place.join() !== [partition, region, accountId].join()) {
    throw argumentError("TableBucketArn", arn, "The specified table bucket ARN is not valid.");
  }
  if (!TABLE_NAME.test(name)) throw argumentError("TableName", name, "The specified table name is not valid.");
};
