/** The format of a store: which ones this program reads, and the mark that says so. */
import type { Reader } from "../engine/port.ts";
import { StoreFormatError } from "./errors.ts";
import { catalog, prefixRange } from "./keys.ts";
import { RECORD_FORMAT } from "./records.ts";

const KNOWN_FORMAT = /^[1-9]\d*$/;

/** Throws `StoreFormatError` for a store that a newer program wrote and for one that is not ours. `empty`: it has no record yet. */
export const readFormat = async (reader: Reader): Promise<"known" | "empty"> => {
  const format = await reader.get(catalog.format);
  if (format === undefined) {
    const [any] = await reader.scan(prefixRange(""), { limit: 1 });
    if (any !== undefined) throw new StoreFormatError("the store is not empty and was not written by this program");
    return "empty";
  }
  if (!KNOWN_FORMAT.test(format) || Number(format) > RECORD_FORMAT) {
    const shown = JSON.stringify(format);
    throw new StoreFormatError(`the store has format ${shown}; this program knows formats up to ${RECORD_FORMAT}`);
  }
  return "known";
};
