/**
 * A request's serializations, checked and with their defaults.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html
 */
import type { Operations } from "../../../protocol/generated/s3.ts";
import { SelectError, type SelectErrorCode } from "./errors.ts";
import type { CsvFormat } from "./input/csv.ts";
import type { Compression } from "./input/source.ts";
import { EXPRESSION_BYTES_MAX } from "./limits.ts";
import { csvWriter, type WriteRecord } from "./output/csv.ts";
import { jsonWriter } from "./output/json.ts";

export type SelectInput = Operations["SelectObjectContent"]["input"];

type InputSerialization = SelectInput["InputSerialization"];
type OutputSerialization = SelectInput["OutputSerialization"];
type CsvInput = NonNullable<InputSerialization["CSV"]>;
type CsvOutput = NonNullable<OutputSerialization["CSV"]>;

export type HeaderInfo = "NONE" | "USE" | "IGNORE";

/** What the object is. */
export type Source =
  | {
      readonly kind: "csv";
      readonly format: CsvFormat;
      readonly header: HeaderInfo;
      readonly compression: Compression;
    }
  | { readonly kind: "json"; readonly type: "LINES" | "DOCUMENT"; readonly compression: Compression }
  | { readonly kind: "parquet" };

export type SelectRequest = {
  readonly sql: string;
  readonly source: Source;
  readonly write: WriteRecord;
  readonly reportsProgress: boolean;
  readonly scanRange: SelectInput["ScanRange"];
};

const DELIMITER_CHARS_MAX = 64;

/** One of the words, in any case; the first of them where none was given. */
const readWord = <Word extends string>(
  given: string | undefined,
  { words, code }: { readonly words: readonly [Word, ...Word[]]; readonly code: SelectErrorCode },
): Word => {
  if (given === undefined || given === "") return words[0];
  const word = words.find((each) => each === given.toUpperCase());
  if (word === undefined) throw new SelectError(code);
  return word;
};

const missing = (name: string): SelectError =>
  new SelectError("MissingRequiredParameter", {
    message: `${name} is required. Please check the service documentation and try again.`,
  });

const readDelimiter = (name: string, given: string | undefined, usual: string): string => {
  if (given === "") throw missing(name);
  const delimiter = given ?? usual;
  if (delimiter.length > DELIMITER_CHARS_MAX) throw new SelectError("InvalidRequestParameter");
  return delimiter;
};

/** One character; undefined where it was given as none. */
const readCharacter = (given: string | undefined, usual: string): string | undefined => {
  const character = given ?? usual;
  if (Array.from(character).length > 1) throw new SelectError("InvalidRequestParameter");
  return character === "" ? undefined : character;
};

const readCsvFormat = (csv: CsvInput): CsvFormat => {
  const recordDelimiter = readDelimiter("RecordDelimiter", csv.RecordDelimiter, "\n");
  const fieldDelimiter = readDelimiter("FieldDelimiter", csv.FieldDelimiter, ",");
  const quote = readCharacter(csv.QuoteCharacter, '"');
  const marks: readonly (string | undefined)[] = [recordDelimiter, quote];
  // Nobody could tell where a field ends.
  if (marks.includes(fieldDelimiter) || recordDelimiter === quote) throw new SelectError("InvalidRequestParameter");
  return {
    recordDelimiter,
    fieldDelimiter,
    quote,
    escape: readCharacter(csv.QuoteEscapeCharacter, '"'),
    comment: readCharacter(csv.Comments, "#"),
    allowQuotedRecordDelimiter: csv.AllowQuotedRecordDelimiter === true,
  };
};

const COMPRESSIONS = { words: ["NONE", "GZIP", "BZIP2"], code: "InvalidCompressionFormat" } as const;
const HEADERS = { words: ["NONE", "USE", "IGNORE"], code: "InvalidFileHeaderInfo" } as const;
const QUOTE_FIELDS = { words: ["ASNEEDED", "ALWAYS"], code: "InvalidQuoteFields" } as const;

const readSource = (serialization: InputSerialization | undefined): Source => {
  if (serialization === undefined) throw missing("InputSerialization");
  const { CSV: csv, JSON: json, Parquet: parquet, CompressionType: compressionType } = serialization;
  const given = [csv, json, parquet].filter((each) => each !== undefined);
  if (given.length > 1) throw new SelectError("ObjectSerializationConflict");
  const compression = readWord<Compression>(compressionType, COMPRESSIONS);
  if (csv !== undefined) {
    return {
      kind: "csv",
      format: readCsvFormat(csv),
      header: readWord<HeaderInfo>(csv.FileHeaderInfo, HEADERS),
      compression,
    };
  }
  if (json !== undefined) {
    if (json.Type === undefined || json.Type === "") throw missing("JsonType");
    const type = readWord<"LINES" | "DOCUMENT">(json.Type, { words: ["LINES", "DOCUMENT"], code: "InvalidJsonType" });
    return { kind: "json", type, compression };
  }
  if (parquet === undefined) throw new SelectError("InvalidDataSource");
  // Its columns are compressed, not the file.
  if (compression !== "NONE") throw new SelectError("InvalidCompressionFormat");
  return { kind: "parquet" };
};

const readCsvOutput = (csv: CsvOutput): WriteRecord => {
  const quote = readCharacter(csv.QuoteCharacter, '"') ?? "";
  return csvWriter({
    recordDelimiter: readDelimiter("RecordDelimiter", csv.RecordDelimiter, "\n"),
    fieldDelimiter: readDelimiter("FieldDelimiter", csv.FieldDelimiter, ","),
    quote,
    escape: readCharacter(csv.QuoteEscapeCharacter, '"') ?? quote,
    quoteFields: readWord<"ASNEEDED" | "ALWAYS">(csv.QuoteFields, QUOTE_FIELDS),
  });
};

const readOutput = (serialization: OutputSerialization | undefined): WriteRecord => {
  const { CSV: csv, JSON: json } = serialization ?? {};
  if (csv !== undefined && json !== undefined) throw new SelectError("ObjectSerializationConflict");
  if (csv !== undefined) return readCsvOutput(csv);
  if (json === undefined) throw missing("OutputSerialization");
  return jsonWriter({ recordDelimiter: readDelimiter("RecordDelimiter", json.RecordDelimiter, "\n") });
};

const assertScanRange = (source: Source): void => {
  if (source.kind === "parquet") return;
  const whole = source.compression !== "NONE";
  // Where a record begins cannot be seen from the middle of a document, nor between quotation marks.
  const unclear = source.kind === "csv" ? source.format.allowQuotedRecordDelimiter : source.type === "DOCUMENT";
  if (whole || unclear) throw new SelectError("UnsupportedScanRangeInput");
};

/** Checks all that needs no object. Errors: MissingRequiredParameter, ExpressionTooLong, InvalidExpressionType, those of words. */
export const readSelectRequest = (input: Partial<SelectInput>): SelectRequest => {
  const { Expression: sql, ExpressionType: expressionType, ScanRange: scanRange } = input;
  if (sql === undefined || sql === "") throw missing("Expression");
  if (Buffer.byteLength(sql) > EXPRESSION_BYTES_MAX) throw new SelectError("ExpressionTooLong");
  if (expressionType === undefined || expressionType === "") throw missing("ExpressionType");
  if (expressionType.toUpperCase() !== "SQL") throw new SelectError("InvalidExpressionType");
  const source = readSource(input.InputSerialization);
  const write = readOutput(input.OutputSerialization);
  if (scanRange !== undefined) assertScanRange(source);
  return { sql, source, write, reportsProgress: input.RequestProgress?.Enabled === true, scanRange };
};
