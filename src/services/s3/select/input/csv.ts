/** Rows of CSV. */
import { finished } from "node:stream/promises";
import { parse, type Options, type Parser } from "csv-parse";
import { SelectError } from "../errors.ts";
import { COLUMNS_MAX, RECORD_CHARS_MAX } from "../limits.ts";
import { checkedText, type Bytes } from "./source.ts";

/** A record's fields. */
export type Fields = readonly string[];

export type CsvFormat = {
  readonly recordDelimiter: string;
  readonly fieldDelimiter: string;
  /** Undefined where nothing is quoted. */
  readonly quote: string | undefined;
  readonly escape: string | undefined;
  /** What a line begins with that is no record. */
  readonly comment: string | undefined;
  readonly allowQuotedRecordDelimiter: boolean;
};

const parserOptions = (format: CsvFormat): Options => ({
  record_delimiter: format.recordDelimiter,
  delimiter: format.fieldDelimiter,
  quote: format.quote ?? false,
  escape: format.escape ?? null,
  comment: format.comment ?? null,
  comment_no_infix: true,
  bom: true,
  relax_column_count: true,
  // A quotation mark within a field that does not begin with one is a character like others.
  relax_quotes: true,
  skip_empty_lines: true,
  // Ends a record that never ends; what is a little longer than it may be is refused once it is there.
  max_record_size: RECORD_CHARS_MAX,
});

/** Errors: CSVParsingError, CSVUnescapedQuote, CSVEscapingRecordDelimiter, OverMaxRecordSize, OverMaxColumn, InvalidTextEncoding. */
export const readCsv = async function* (source: Bytes, format: CsvFormat): AsyncGenerator<readonly Fields[], void> {
  const parser = parse(parserOptions(format));
  // Looked at after each step; without a listener it would end the process.
  parser.on("error", () => undefined);
  try {
    for await (const chunk of checkedText(source)) {
      parser.write(chunk);
      yield takeRecords(parser, format);
    }
    parser.end();
    // What is left over is a record too.
    await finished(parser, { readable: false }).catch(() => undefined);
    yield takeRecords(parser, format);
  } finally {
    parser.destroy();
  }
};

/** What has been parsed by now. */
const takeRecords = (parser: Parser, format: CsvFormat): readonly Fields[] => {
  if (parser.errored !== null) throw csvError(parser.errored, format);
  const records: Fields[] = [];
  for (;;) {
    const record = parser.read() as Fields | null;
    if (record === null) return records;
    checkRecord(record, format);
    records.push(record);
  }
};

const checkRecord = (record: Fields, { recordDelimiter, allowQuotedRecordDelimiter }: CsvFormat): void => {
  if (record.length > COLUMNS_MAX) throw new SelectError("OverMaxColumn");
  let chars = record.length - 1;
  for (const field of record) {
    chars += field.length;
    // Only a quoted field can have one.
    if (!allowQuotedRecordDelimiter && field.includes(recordDelimiter)) {
      throw new SelectError("CSVEscapingRecordDelimiter");
    }
  }
  if (chars > RECORD_CHARS_MAX) throw new SelectError("OverMaxRecordSize");
};

const csvError = (error: Error, { allowQuotedRecordDelimiter }: CsvFormat): Error => {
  if (!("code" in error)) return error;
  switch (error.code) {
    case "CSV_MAX_RECORD_SIZE":
      return new SelectError("OverMaxRecordSize");
    case "CSV_QUOTE_NOT_CLOSED":
      return new SelectError(allowQuotedRecordDelimiter ? "CSVParsingError" : "CSVUnescapedQuote");
    default:
      return new SelectError("CSVParsingError");
  }
};
