/** Rows of JSON: a value a line, or the values of a document. */
import { SelectError } from "../errors.ts";
import { DOCUMENT_BYTES_MAX, RECORD_CHARS_MAX } from "../limits.ts";
import type { Value } from "../values/values.ts";
import { readJsonValues } from "./json-value.ts";
import { decoded, type Bytes } from "./source.ts";

/** Rows as they come, some at a time. */
export type RowBatches = AsyncGenerator<readonly Value[], void>;

const tooLong = (): SelectError => new SelectError("OverMaxRecordSize");

/** Errors: JSONParsingError, InvalidTextEncoding, OverMaxRecordSize. */
export const readJsonLines = async function* (source: Bytes): RowBatches {
  let rest = "";
  for await (const text of decoded(source)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield lines.flatMap(valuesOfLine);
    if (rest.length > RECORD_CHARS_MAX) throw tooLong();
  }
  yield valuesOfLine(rest);
};

const valuesOfLine = (line: string): readonly Value[] => {
  if (line.length > RECORD_CHARS_MAX) throw tooLong();
  return [...readJsonValues(line)];
};

/** All of it is read before its first value is known. Errors: JSONParsingError, InvalidTextEncoding, OverMaxRecordSize. */
export const readJsonDocument = async function* (source: Bytes): RowBatches {
  const parts: string[] = [];
  let length = 0;
  for await (const text of decoded(source)) {
    length += text.length;
    if (length > DOCUMENT_BYTES_MAX) throw tooLong();
    parts.push(text);
  }
  for (const value of readJsonValues(parts.join(""))) yield [value];
};
