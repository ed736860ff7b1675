/** The rows of an object, of whatever format, with the names that a query may use for what is in them. */
import type { Readable } from "node:stream";
import { jsonNames, tableNames, type Names } from "./evaluate/names.ts";
import { readCsv, type CsvFormat, type Fields } from "./input/csv.ts";
import { readJsonDocument, readJsonLines, type RowBatches } from "./input/json.ts";
import { openParquet } from "./input/parquet.ts";
import { readingStart, recordsInRange, scanRangeOf, type ScanRange } from "./input/scan-range.ts";
import { bytesOf, counted, decompressed, type Bytes, type Counts } from "./input/source.ts";
import { RECORD_CHARS_MAX } from "./limits.ts";
import type { SelectInput, Source } from "./request.ts";
import type { Query } from "./sql/ast.ts";
import { SelectError } from "./errors.ts";
import type { Value } from "./values/values.ts";

/** An object that is queried. */
export type SelectObject = {
  readonly sizeBytes: number;
  /** The bytes from `start` to `end`, which is the first that is not read. A stream that is not wanted must be destroyed. */
  open(start: number, end: number): Promise<Uint8Array | Readable>;
  /** Lets go of it. */
  close(): void;
};

/** Rows, and the names of what is in them. Close them when they are not read to their end. */
export type Rows = { readonly names: Names; readonly batches: RowBatches; close(): Promise<void> };

type Options = {
  readonly source: Source;
  readonly query: Query;
  readonly scanRange: SelectInput["ScanRange"];
  /** Told what is read. */
  readonly counts: Counts;
};

/** Begins to read an object. Errors: those of its format, of names, and of the scan range; more while rows are read. */
export const openRows = async (object: SelectObject, options: Options): Promise<Rows> => {
  const { source, query, scanRange } = options;
  const range = scanRange && scanRangeOf(scanRange, object.sizeBytes);
  // Only JSON has anything within its rows that FROM could lead to.
  if (source.kind !== "json" && query.from.steps.length > 1) throw new SelectError("InvalidKeyPath");
  switch (source.kind) {
    case "csv":
      return await openCsv(object, { ...options, source, range });
    case "json": {
      const bytes = scannedBytes(object, { ...options, range, delimiter: "\n" });
      const text = decompressed(bytes, source.compression);
      const read = source.type === "LINES" ? readJsonLines : readJsonDocument;
      const batches = read(processed(text, options.counts));
      return { names: jsonNames(query.from.alias), batches, close: async () => void (await batches.return()) };
    }
    case "parquet":
      return await openParquetRows(object, { ...options, range });
  }
};

type RangeOptions = { readonly range: ScanRange | undefined; readonly counts: Counts; readonly delimiter: string };

const scannedBytes = (object: SelectObject, { range, counts, delimiter }: RangeOptions): Bytes => {
  const count = (bytes: number): void => {
    counts.scanned += bytes;
  };
  if (range === undefined) return counted(opened(object, { start: 0, end: object.sizeBytes }), count);
  const mark = Buffer.from(delimiter);
  const from = readingStart(range, mark.length);
  const bytes = counted(opened(object, { start: from, end: object.sizeBytes }), count);
  return recordsInRange(bytes, { range, delimiter: mark });
};

const opened = async function* (object: SelectObject, { start, end }: ScanRange): ByteGenerator {
  yield* bytesOf(await object.open(start, end));
};

type ByteGenerator = AsyncGenerator<Uint8Array, void>;

const processed = (bytes: Bytes, counts: Counts): Bytes =>
  counted(bytes, (read) => {
    counts.processed += read;
  });

type CsvOptions = Omit<Options, "source"> & {
  readonly source: Extract<Source, { kind: "csv" }>;
  readonly range: ScanRange | undefined;
};

const openCsv = async (object: SelectObject, { source, query, range, counts }: CsvOptions): Promise<Rows> => {
  const { format, header, compression } = source;
  const bytes = scannedBytes(object, { range, counts, delimiter: format.recordDelimiter });
  const records = readCsv(processed(decompressed(bytes, compression), counts), format);
  const headerIsRead = header !== "NONE" && (range?.start ?? 0) === 0;
  const first = headerIsRead ? await takeFirst(records) : undefined;
  // A scan that begins in the middle knows its columns by the object's first record all the same.
  const columns =
    header === "USE" ? ((headerIsRead ? first?.record : await readHeader(object, format)) ?? []) : undefined;
  const names = tableNames({ alias: query.from.alias, columns, format: "csv" });
  // The records have been begun where there was a header, whether their rows are or not.
  const batches = csvRows(records, { rest: first?.rest ?? [], columns });
  return { names, batches, close: async () => void (await records.return()) };
};

type Records = AsyncGenerator<readonly Fields[], void>;

/** The first record, and those that came with it. */
const takeFirst = async (records: Records): Promise<{ record: Fields; rest: readonly Fields[] } | undefined> => {
  for (;;) {
    const { value, done } = await records.next();
    if (done === true) return undefined;
    const [record, ...rest] = value;
    if (record !== undefined) return { record, rest };
  }
};

/** UTF-8 takes up to four bytes for a character. */
const HEADER_BYTES_MAX = RECORD_CHARS_MAX * 4;

const readHeader = async (object: SelectObject, format: CsvFormat): Promise<Fields | undefined> => {
  const end = Math.min(object.sizeBytes, HEADER_BYTES_MAX);
  const records = readCsv(opened(object, { start: 0, end }), format);
  try {
    return (await takeFirst(records))?.record;
  } finally {
    await records.return();
  }
};

const csvRows = async function* (
  records: Records,
  { rest, columns }: { readonly rest: readonly Fields[]; readonly columns: Fields | undefined },
): RowBatches {
  const rowOf = (fields: Fields): Value => ({ kind: "struct", names: namesFor(fields.length), values: fields });
  const numbers: string[] = [];
  let last: readonly string[] = [];
  /** A record has names for as many columns as it has: the header's, or numbers. */
  const namesFor = (count: number): readonly string[] => {
    if (last.length === count) return last;
    for (let at = numbers.length; at < count; at += 1) numbers.push(`_${at + 1}`);
    last = numbers.slice(0, count).map((number, at) => columns?.[at] ?? number);
    return last;
  };
  yield rest.map(rowOf);
  for await (const batch of records) yield batch.map(rowOf);
};

const openParquetRows = async (
  object: SelectObject,
  { query, range, counts }: Options & { readonly range: ScanRange | undefined },
): Promise<Rows> => {
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    // The file says where its parts are, and may say anything.
    if (!(start >= 0 && start <= end && end <= object.sizeBytes)) throw new SelectError("ParquetParsingError");
    const content = await object.open(start, end);
    counts.scanned += end - start;
    if (content instanceof Uint8Array) return content;
    return Buffer.concat((await content.toArray()) as Uint8Array[]);
  };
  const table = await openParquet({ sizeBytes: object.sizeBytes, read });
  const names = tableNames({ alias: query.from.alias, columns: table.columns, format: "parquet" });
  const batches = table.rows({
    range,
    processed: (bytes) => {
      counts.processed += bytes;
    },
  });
  return { names, batches, close: async () => void (await batches.return()) };
};
