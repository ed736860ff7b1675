/** Results as JSON, one after another. */
import { scalarText } from "../values/cast.ts";
import { isList, isStruct, isTimestamp, MISSING, type Value } from "../values/values.ts";
import type { WriteRecord } from "./csv.ts";

const writeStruct = (names: readonly string[], values: readonly Value[]): string => {
  const members: string[] = [];
  for (let at = 0; at < names.length; at += 1) {
    const value = values[at] ?? null;
    if (value !== MISSING) members.push(`${JSON.stringify(names[at])}:${writeValue(value)}`);
  }
  return `{${members.join(",")}}`;
};

const writeValue = (value: Value): string => {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || value === MISSING) return "null";
  if (isStruct(value)) return writeStruct(value.names, value.values);
  if (isList(value)) return `[${value.map(writeValue).join(",")}]`;
  if (isTimestamp(value)) return JSON.stringify(scalarText(value));
  // JSON has no numbers that are none.
  return typeof value === "number" && !Number.isFinite(value) ? "null" : scalarText(value);
};

export const jsonWriter =
  ({ recordDelimiter }: { readonly recordDelimiter: string }): WriteRecord =>
  ({ names, values }) =>
    writeStruct(names, values) + recordDelimiter;
