/** A metadata configuration as answers show it. https://docs.aws.amazon.com/AmazonS3/latest/API/API_MetadataConfigurationResult.html */
import type {
  AnnotationTableConfigurationResult,
  GetBucketMetadataTableConfigurationResult,
  InventoryTableConfigurationResult,
  JournalTableConfigurationResult,
  MetadataConfigurationResult,
} from "../../../protocol/generated/s3.ts";
import type { Bucket } from "../../../state/model.ts";
import { METADATA_TABLE_BACKFILL_MS, METADATA_TABLE_CREATION_MS } from "../limits.ts";
import type { StoredMetadata, StoredTable, TableName } from "./metadata.ts";

/** S3's own bucket of tables, of which an account has one in each region. */
const MANAGED_TABLE_BUCKET = "aws-s3";
/** Where the first version of configurations puts its table. */
const FIRST_NAMESPACE = "aws_s3_metadata";

type Shown = { readonly bucket: Bucket; readonly nowMs: number };

const managedBucketArn = ({ partition, region, accountId }: Bucket): string =>
  `arn:${partition}:s3tables:${region}:${accountId}:bucket/${MANAGED_TABLE_BUCKET}`;

const tableArn = (bucketArn: string, { id }: StoredTable): string => `${bucketArn}/table/${id}`;

/** An inventory table is filled with what is there before it is kept up to date. */
const statusOf = ({ createdAtMs }: StoredTable, { name, nowMs }: { name: TableName; nowMs: number }): string => {
  const ageMs = nowMs - createdAtMs;
  if (ageMs < METADATA_TABLE_CREATION_MS) return "CREATING";
  const isFilling = name === "inventory" && ageMs < METADATA_TABLE_CREATION_MS + METADATA_TABLE_BACKFILL_MS;
  return isFilling ? "BACKFILLING" : "ACTIVE";
};

type TableResult = { readonly TableStatus: string; readonly TableName: string; readonly TableArn: string };

const tableResult = (
  { Tables: tables, S3TablesDestination: first }: StoredMetadata,
  name: TableName,
  { bucket, nowMs }: Shown,
): TableResult | undefined => {
  const table = tables?.[name];
  if (table === undefined) return undefined;
  return {
    TableStatus: statusOf(table, { name, nowMs }),
    TableName: first?.TableName ?? name,
    TableArn: tableArn(first?.TableBucketArn ?? managedBucketArn(bucket), table),
  };
};

/** What GetBucketMetadataConfiguration answers, of either version. */
export const metadataResult = (stored: StoredMetadata, shown: Shown): MetadataConfigurationResult => {
  const { S3TablesDestination: first } = stored;
  return {
    DestinationResult:
      first === undefined
        ? {
            TableBucketType: "aws",
            TableBucketArn: managedBucketArn(shown.bucket),
            TableNamespace: `b_${shown.bucket.name.replaceAll(".", "_")}`,
          }
        : { TableBucketType: "customer", TableBucketArn: first.TableBucketArn, TableNamespace: FIRST_NAMESPACE },
    JournalTableConfigurationResult: journalResult(stored, shown),
    InventoryTableConfigurationResult: inventoryResult(stored, shown),
    AnnotationTableConfigurationResult: annotationResult(stored, shown),
  };
};

const journalResult = (stored: StoredMetadata, shown: Shown): JournalTableConfigurationResult | undefined => {
  const table = tableResult(stored, "journal", shown);
  if (table === undefined) return undefined;
  const RecordExpiration = stored.JournalTableConfiguration?.RecordExpiration ?? { Expiration: "DISABLED" };
  return { ...table, RecordExpiration };
};

const inventoryResult = (stored: StoredMetadata, shown: Shown): InventoryTableConfigurationResult => ({
  ConfigurationState: stored.InventoryTableConfiguration?.ConfigurationState ?? "DISABLED",
  ...tableResult(stored, "inventory", shown),
});

const annotationResult = (stored: StoredMetadata, shown: Shown): AnnotationTableConfigurationResult | undefined => {
  const { AnnotationTableConfiguration: configuration } = stored;
  if (configuration === undefined) return undefined;
  const { ConfigurationState, Role } = configuration;
  return { ConfigurationState, ...tableResult(stored, "annotation", shown), Role };
};

/** What GetBucketMetadataTableConfiguration answers: the first version alone; undefined for the second. */
export const firstMetadataResult = (
  stored: StoredMetadata,
  shown: Shown,
): GetBucketMetadataTableConfigurationResult | undefined => {
  const { S3TablesDestination: first } = stored;
  const table = tableResult(stored, "journal", shown);
  if (first === undefined || table === undefined) return undefined;
  const { TableBucketArn, TableName } = first;
  const { TableArn, TableStatus } = table;
  return {
    MetadataTableConfigurationResult: {
      S3TablesDestinationResult: { TableBucketArn, TableName, TableArn, TableNamespace: FIRST_NAMESPACE },
    },
    Status: TableStatus,
  };
};
