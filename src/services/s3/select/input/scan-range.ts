/** The part of an object that a query scans: the records that begin in it. */
import { SelectError } from "../errors.ts";
import type { Bytes } from "./source.ts";

/** Bytes from `start` to `end`, which is the first that is not in it. */
export type ScanRange = { readonly start: number; readonly end: number };

/**
 * What `Start` and `End` (the last byte) mean for an object; `End` alone are its last bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ScanRange.html Errors: InvalidScanRange.
 */
export const scanRangeOf = (
  { Start: start, End: end }: { readonly Start?: number | undefined; readonly End?: number | undefined },
  sizeBytes: number,
): ScanRange => {
  const refused = (): SelectError => new SelectError("InvalidScanRange");
  for (const place of [start, end]) {
    if (place !== undefined && (!Number.isSafeInteger(place) || place < 0)) throw refused();
  }
  if (start === undefined) {
    if (end === undefined) throw refused();
    return { start: Math.max(0, sizeBytes - end), end: sizeBytes };
  }
  if (start > (end ?? start) || (start >= sizeBytes && start > 0)) throw refused();
  return { start, end: Math.min(sizeBytes, (end ?? sizeBytes) + 1) };
};

/** Where reading begins: early enough to see whether a record begins with the range. */
export const readingStart = ({ start }: ScanRange, delimiterBytes: number): number =>
  Math.max(0, start - delimiterBytes);

/** Of `source`, which begins at {@link readingStart}, the records that begin in the range, whole. */
export const recordsInRange = async function* (
  source: Bytes,
  { range, delimiter }: { readonly range: ScanRange; readonly delimiter: Uint8Array },
): AsyncGenerator<Uint8Array, void> {
  let position = readingStart(range, delimiter.length);
  let begun = range.start === 0;
  let rest = Buffer.alloc(0) as Buffer;
  for await (const chunk of source) {
    let bytes = Buffer.concat([rest, chunk]);
    if (!begun) {
      const found = bytes.indexOf(delimiter);
      // A delimiter may lie across two chunks.
      const skipped = found < 0 ? Math.max(0, bytes.length - delimiter.length + 1) : found + delimiter.length;
      bytes = bytes.subarray(skipped);
      position += skipped;
      begun = found >= 0;
      if (begun && position >= range.end) return;
    }
    if (begun) {
      const length = lengthInRange(bytes, { delimiter, from: range.end - position });
      if (length !== undefined) {
        yield bytes.subarray(0, length);
        return;
      }
    }
    const kept = begun ? Math.min(bytes.length, delimiter.length - 1) : bytes.length;
    rest = bytes.subarray(bytes.length - kept);
    const passed = bytes.length - kept;
    position += passed;
    if (begun && passed > 0) yield bytes.subarray(0, passed);
  }
  if (begun) yield rest;
};

/** How much of `bytes` goes up to the first record that begins at `from` or later; undefined if none does. */
const lengthInRange = (
  bytes: Buffer,
  { delimiter, from }: { readonly delimiter: Uint8Array; readonly from: number },
): number | undefined => {
  const found = bytes.indexOf(delimiter, Math.max(0, from - delimiter.length));
  return found < 0 ? undefined : found + delimiter.length;
};
