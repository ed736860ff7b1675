/** The operations on a bucket's metadata configuration, of both of its versions. */
import { deleteConfiguration, getConfiguration, putConfiguration, requireBucket } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import { assertTableEncryption } from "../annotation-table.ts";
import { bucketOf, type S3Context } from "../context.ts";
import { S3Error } from "../errors.ts";
import type { HandlersOf } from "./document.ts";
import { parseMetadata, withTables, type StoredMetadata, type TableName } from "./metadata.ts";
import { assertMetadata, assertRecordExpiration, assertTablesDestination } from "./metadata-checks.ts";
import { firstMetadataResult, metadataResult } from "./metadata-result.ts";

const kind = "metadata";

/** The answer of what has none. */
type Nothing = Readonly<Record<string, never>>;

const read = async (tx: Tx, bucket: Bucket): Promise<StoredMetadata> => {
  const document = await getConfiguration(tx, bucket, kind);
  if (document === undefined) throw new S3Error("MetadataConfigurationNotFound", { BucketName: bucket.name });
  return parseMetadata(document);
};

const find = async (context: S3Context): Promise<StoredMetadata> => {
  const bucket = bucketOf(context);
  const document = await context.world.read((view) => getConfiguration(view, bucket, kind));
  if (document === undefined) throw new S3Error("MetadataConfigurationNotFound", { BucketName: bucket.name });
  return parseMetadata(document);
};

/** Of configurations of the other version S3 says that the method is wrong. */
const wrongVersion = (Method: string, ResourceType: string): S3Error =>
  new S3Error("MethodNotAllowed", { Method, ResourceType });
const FIRST = "METADATATABLE";

const create = async (context: S3Context, configuration: StoredMetadata): Promise<Nothing> => {
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    if (bucket.configurations.includes(kind)) {
      throw new S3Error("MetadataConfigurationAlreadyExists", { BucketName: bucket.name });
    }
    await putConfiguration(tx, bucket, { kind, document: JSON.stringify(withTables(configuration, context)) });
  });
  return {};
};

const remove = async (context: S3Context, { onlyFirst }: { readonly onlyFirst: boolean }): Promise<Nothing> => {
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const stored = await read(tx, bucket);
    if (onlyFirst && stored.S3TablesDestination === undefined) throw wrongVersion("DELETE", FIRST);
    await deleteConfiguration(tx, bucket, kind);
  });
  return {};
};

/** Changes what `change` names of a configuration of the second version. Errors: MetadataConfigurationNotFound, MethodNotAllowed. */
export const updateMetadata = async (
  context: S3Context,
  {
    table,
    change,
  }: { readonly table: TableName; readonly change: (stored: StoredMetadata) => Partial<StoredMetadata> },
): Promise<Nothing> => {
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const stored = await read(tx, bucket);
    if (stored.S3TablesDestination !== undefined) {
      throw wrongVersion("PUT", `METADATA${table.toUpperCase()}TABLE`);
    }
    const changed = withTables({ ...stored, ...change(stored) }, context);
    await putConfiguration(tx, bucket, { kind, document: JSON.stringify(changed) });
  });
  return {};
};

export const METADATA_HANDLERS: HandlersOf<
  | "CreateBucketMetadataConfiguration"
  | "CreateBucketMetadataTableConfiguration"
  | "DeleteBucketMetadataConfiguration"
  | "DeleteBucketMetadataTableConfiguration"
  | "GetBucketMetadataConfiguration"
  | "GetBucketMetadataTableConfiguration"
  | "UpdateBucketMetadataInventoryTableConfiguration"
  | "UpdateBucketMetadataJournalTableConfiguration"
> = {
  CreateBucketMetadataConfiguration: async (context, { MetadataConfiguration: configuration }) => {
    assertMetadata(configuration);
    return create(context, configuration);
  },
  CreateBucketMetadataTableConfiguration: async (context, { MetadataTableConfiguration: configuration }) => {
    assertTablesDestination(configuration.S3TablesDestination, bucketOf(context));
    return create(context, configuration);
  },
  DeleteBucketMetadataConfiguration: (context) => remove(context, { onlyFirst: false }),
  DeleteBucketMetadataTableConfiguration: (context) => remove(context, { onlyFirst: true }),
  GetBucketMetadataConfiguration: async (context) => {
    const MetadataConfigurationResult = metadataResult(await find(context), shownIn(context));
    return { GetBucketMetadataConfigurationResult: { MetadataConfigurationResult } };
  },
  GetBucketMetadataTableConfiguration: async (context) => {
    const result = firstMetadataResult(await find(context), shownIn(context));
    if (result === undefined) throw wrongVersion("GET", FIRST);
    return { GetBucketMetadataTableConfigurationResult: result };
  },
  UpdateBucketMetadataInventoryTableConfiguration: async (context, { InventoryTableConfiguration: updates }) => {
    assertTableEncryption(updates.EncryptionConfiguration);
    return updateMetadata(context, {
      table: "inventory",
      change: ({ InventoryTableConfiguration: before }) => ({ InventoryTableConfiguration: { ...before, ...updates } }),
    });
  },
  UpdateBucketMetadataJournalTableConfiguration: async (context, { JournalTableConfiguration: updates }) => {
    assertRecordExpiration(updates.RecordExpiration);
    return updateMetadata(context, {
      table: "journal",
      change: ({ JournalTableConfiguration: before }) => ({ JournalTableConfiguration: { ...before, ...updates } }),
    });
  },
};

const shownIn = (context: S3Context) => ({ bucket: bucketOf(context), nowMs: context.nowMs });
