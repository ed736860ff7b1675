/** Results as CSV. */
import { SelectError } from "../errors.ts";
import { scalarText } from "../values/cast.ts";
import { isList, isStruct, type Struct, type Value } from "../values/values.ts";

export type CsvOutput = {
  readonly recordDelimiter: string;
  readonly fieldDelimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly quoteFields: "ALWAYS" | "ASNEEDED";
};

/** One result as a record, with its delimiter. */
export type WriteRecord = (result: Struct) => string;

/** Writing throws InvalidDataType for lists and objects: a field cannot hold them. */
export const csvWriter = ({ recordDelimiter, fieldDelimiter, quote, escape, quoteFields }: CsvOutput): WriteRecord => {
  const special = [recordDelimiter, fieldDelimiter, quote, "\n", "\r"].filter((text) => text !== "");

  const quoted = (text: string): string => {
    const escaped = escape === quote ? text : text.replaceAll(escape, escape + escape);
    return quote + escaped.replaceAll(quote, escape + quote) + quote;
  };

  const writeField = (value: Value): string => {
    if (isList(value) || isStruct(value)) {
      throw new SelectError("InvalidDataType", { message: "Nested data can be returned in the JSON format only." });
    }
    const text = scalarText(value);
    return quoteFields === "ALWAYS" || special.some((each) => text.includes(each)) ? quoted(text) : text;
  };

  return ({ values }) => values.map(writeField).join(fieldDelimiter) + recordDelimiter;
};
