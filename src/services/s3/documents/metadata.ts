/**
 * A bucket's metadata configuration: which tables S3 keeps of its objects. No table is filled here; what is kept, and shown as
 * time goes by, is the configuration. https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-overview.html
 */
import type {
  AnnotationTableConfiguration,
  InventoryTableConfiguration,
  JournalTableConfiguration,
  S3TablesDestination,
} from "../../../protocol/generated/s3.ts";
import type { Draw } from "../../../state/id-stream.ts";
import { drawUuid } from "./drawn-id.ts";

export type TableName = "annotation" | "inventory" | "journal";

/** A table that S3 keeps: its id, and when it was begun, in the world's time. */
export type StoredTable = { readonly id: string; readonly createdAtMs: number };

/** What is kept of a configuration. */
export type StoredMetadata = {
  /** Only of the first version of it: the one table, and the customer's bucket of tables that it lies in. */
  readonly S3TablesDestination?: S3TablesDestination | undefined;
  readonly JournalTableConfiguration?: JournalTableConfiguration | undefined;
  readonly InventoryTableConfiguration?: InventoryTableConfiguration | undefined;
  readonly AnnotationTableConfiguration?: AnnotationTableConfiguration | undefined;
  /** Those that are on. */
  readonly Tables?: { readonly [Name in TableName]?: StoredTable } | undefined;
};

/** Reads what was kept. */
export const parseMetadata = (document: string): StoredMetadata => JSON.parse(document) as StoredMetadata;

const isOn = (configuration: { readonly ConfigurationState: string } | undefined): boolean =>
  configuration?.ConfigurationState === "ENABLED";

/** The configuration with a table for each that is on: those that were on stay, the others begin now. */
export const withTables = (
  stored: StoredMetadata,
  { nowMs, draw }: { readonly nowMs: number; readonly draw: Draw },
): StoredMetadata => {
  const names: readonly TableName[] = [
    "journal",
    ...(isOn(stored.InventoryTableConfiguration) ? ["inventory" as const] : []),
    ...(isOn(stored.AnnotationTableConfiguration) ? ["annotation" as const] : []),
  ];
  const tables = names.map((name) => [name, stored.Tables?.[name] ?? { id: drawUuid(draw), createdAtMs: nowMs }]);
  return { ...stored, Tables: Object.fromEntries(tables) as StoredMetadata["Tables"] };
};
