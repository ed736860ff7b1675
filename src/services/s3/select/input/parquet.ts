/** Rows of Parquet, a row group at a time. */
import { gunzipSync } from "node:zlib";
import {
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type RowGroup,
  type SchemaTree,
} from "hyparquet";
import { SelectError } from "../errors.ts";
import { PARQUET_METADATA_BYTES_MAX, ROW_GROUP_BYTES_MAX, ROW_GROUP_VALUES_MAX } from "../limits.ts";
import type { Value } from "../values/values.ts";
import type { RowBatches } from "./json.ts";
import { checkPages } from "./parquet-pages.ts";
import { columnsOf, hasInt96, PARSERS, withPlainDecimals } from "./parquet-values.ts";
import type { ScanRange } from "./scan-range.ts";

/** S3 Select knows these alone. hyparquet brings the one for Snappy. */
const CODECS: ReadonlySet<string> = new Set(["UNCOMPRESSED", "SNAPPY", "GZIP"]);
const COMPRESSORS: Compressors = {
  GZIP: (bytes, sizeBytes) => gunzipSync(bytes, { maxOutputLength: Math.max(1, sizeBytes) }),
};

/** The bytes of the object at any place of it. */
export type RandomAccess = {
  readonly sizeBytes: number;
  readonly read: (start: number, end: number) => Promise<Uint8Array>;
};

export type ParquetTable = {
  readonly columns: readonly string[];
  /** Rows of the row groups that begin within `range`. Errors: see {@link openParquet}. */
  rows(options: { range: ScanRange | undefined; processed: (bytes: number) => void }): RowBatches;
};

const MAGIC_BYTES = 4;
/** The metadata's length and the magic number. */
const TAIL_BYTES = 8;

/** The file as hyparquet reads it. */
type ParquetFile = {
  readonly buffer: AsyncBuffer;
  /** Why the object could not be read, if it could not. */
  readonly failure: () => unknown;
};

/** hyparquet does not wait for all that it reads: a read that rejects would end the process. One that fails gives nothing. */
const openFile = ({ sizeBytes, read }: RandomAccess): ParquetFile => {
  let failed: unknown;
  const slice = async (start: number, end = sizeBytes): Promise<ArrayBuffer> => {
    try {
      const bytes = await read(start, end);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    } catch (error) {
      failed ??= error;
      return new ArrayBuffer(0);
    }
  };
  return { buffer: { byteLength: sizeBytes, slice }, failure: () => failed };
};

/** An error of the reader is one of the file, unless the object could not be read. */
const reading = async <Result>(file: ParquetFile, read: () => Promise<Result>): Promise<Result> => {
  try {
    const result = await read();
    if (file.failure() === undefined) return result;
  } catch {
    if (file.failure() === undefined) throw new SelectError("ParquetParsingError");
  }
  throw file.failure();
};

/**
 * Reads what the file says of itself. Errors: ParquetParsingError, UnsupportedParquetType, ParquetUnsupportedCompressionCodec,
 * OverMaxParquetBlockSize.
 */
export const openParquet = async (access: RandomAccess): Promise<ParquetTable> => {
  await assertFooter(access);
  const file = openFile(access);
  const found = await reading(file, () => parquetMetadataAsync(file.buffer, { parsers: PARSERS, geoparquet: false }));
  if (hasInt96(found)) throw new SelectError("UnsupportedParquetType");
  const columns = await reading(file, async () => columnsOf(found));
  const names = columns.map(({ name }) => name);
  const metadata = withPlainDecimals(found);
  return {
    columns: names,
    rows: async function* ({ range, processed }) {
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        assertRowGroup(group);
        const rowEnd = rowStart + Number(group.num_rows);
        if (beginsWithin(group, range) && rowEnd > rowStart) {
          await checkColumns(file, { metadata, group });
          const rows = await readRows({ file, metadata, rowStart, rowEnd });
          processed(Number(group.total_byte_size));
          yield rows.map((row): Value => ({
            kind: "struct",
            names,
            values: columns.map(({ convert }, at) => convert(row[at])),
          }));
        }
        rowStart = rowEnd;
      }
    },
  };
};

const assertFooter = async ({ sizeBytes, read }: RandomAccess): Promise<void> => {
  if (sizeBytes < MAGIC_BYTES + TAIL_BYTES) throw new SelectError("ParquetParsingError");
  const tail = Buffer.from(await read(sizeBytes - TAIL_BYTES, sizeBytes));
  const metadataBytes = tail.readUInt32LE(0);
  if (tail.toString("latin1", MAGIC_BYTES) !== "PAR1" || metadataBytes > PARQUET_METADATA_BYTES_MAX) {
    throw new SelectError("ParquetParsingError");
  }
};

const beginsWithin = ({ columns }: RowGroup, range: ScanRange | undefined): boolean => {
  if (range === undefined) return true;
  const starts = columns.map(({ meta_data: data, file_offset: offset }) =>
    Number(data?.dictionary_page_offset ?? data?.data_page_offset ?? offset),
  );
  const start = Math.min(...starts);
  return start >= range.start && start < range.end;
};

/** The reader believes what a file says of itself, and reserves as much memory. */
const assertRowGroup = ({ columns, num_rows: rows, total_byte_size: sizeBytes }: RowGroup): void => {
  const values = columns.reduce((sum, { meta_data: data }) => sum + Number(data?.num_values ?? 0), 0);
  if (rows < 0 || columns.some(({ meta_data: data }) => data === undefined || data.num_values < rows)) {
    throw new SelectError("ParquetParsingError");
  }
  if (sizeBytes > ROW_GROUP_BYTES_MAX || values > ROW_GROUP_VALUES_MAX)
    throw new SelectError("OverMaxParquetBlockSize");
  for (const { meta_data: data } of columns) {
    if (data !== undefined && !CODECS.has(data.codec)) throw new SelectError("ParquetUnsupportedCompressionCodec");
  }
};

/** The column's bytes as the row group's head says, which is believed only as far as the file goes. */
const checkColumns = (
  file: ParquetFile,
  { metadata, group }: { readonly metadata: FileMetaData; readonly group: RowGroup },
): Promise<void> =>
  reading(file, async () => {
    for (const { meta_data: data } of group.columns) {
      if (data === undefined) continue;
      const start = Number(data.dictionary_page_offset || data.data_page_offset);
      const bytes = await file.buffer.slice(start, start + Number(data.total_compressed_size));
      const path = pathOf(parquetSchema(metadata), data.path_in_schema);
      checkPages({ bytes: new Uint8Array(bytes), codec: data.codec, path, valueCount: Number(data.num_values) });
    }
  });

const pathOf = (root: SchemaTree, names: readonly string[]): readonly SchemaTree[] => {
  const path = [root];
  for (const name of names) {
    const next = path.at(-1)?.children.find(({ element }) => element.name === name);
    if (next === undefined) throw new RangeError("a column that the schema does not have");
    path.push(next);
  }
  return path;
};

const readRows = ({
  file,
  ...options
}: {
  readonly file: ParquetFile;
  readonly metadata: FileMetaData;
  readonly rowStart: number;
  readonly rowEnd: number;
}): Promise<readonly (readonly unknown[])[]> =>
  reading(file, async () => {
    let read: readonly (readonly unknown[])[] = [];
    await parquetRead({
      ...options,
      file: file.buffer,
      compressors: COMPRESSORS,
      parsers: PARSERS,
      geoparquet: false,
      utf8: false,
      rowFormat: "array",
      onComplete: (rows) => {
        read = rows;
      },
    });
    return read;
  });
