/**
 * Every limit of SelectObjectContent, in one place.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html
 */
const KIB = 1024;
const MIB = 1024 * KIB;

/** UTF-8 bytes of an SQL expression. */
export const EXPRESSION_BYTES_MAX = 256 * KIB;
/** Operators, calls and parentheses of an expression: what is nested in them runs nested. AWS publishes no number. */
export const OPERATORS_MAX = 1_000;
/** Characters of a record, read or written. */
export const RECORD_CHARS_MAX = MIB;
/** Fields of a CSV record. AWS publishes no number. */
export const COLUMNS_MAX = 10_000;
/** Levels of arrays and objects in a JSON value, as Ion's readers have it. */
export const JSON_DEPTH_MAX = 512;
/** Bytes of a JSON document, uncompressed: it is read as a whole. AWS knows no such limit. */
export const DOCUMENT_BYTES_MAX = 32 * MIB;
/** Bytes of a Parquet file's row group, uncompressed: it is held in memory, and its values take several times as much there. AWS takes 256 MB. */
export const ROW_GROUP_BYTES_MAX = 64 * MIB;
/** Values of a row group, all columns together: runs of one value take no bytes to speak of. */
export const ROW_GROUP_VALUES_MAX = 20_000_000;
/** Bytes of a Parquet file's metadata. */
export const PARQUET_METADATA_BYTES_MAX = 16 * MIB;
/** Bytes of results that one Records event carries at most. */
export const RECORDS_EVENT_BYTES_MAX = 128 * KIB;
/** Bytes that are read, uncompressed, without an event before one says that the query is under way. A client who has gone is noticed then. */
export const SILENT_BYTES_MAX = 8 * MIB;
