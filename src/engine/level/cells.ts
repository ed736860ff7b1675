/** Writes that are not on disk yet, as maps from keys to cells, and how they cover what a scan finds on disk. */
import { NotACounterError } from "../errors.ts";
import { compareKeys } from "../keys.ts";
import type { Entry, Key, KeyRange, Value } from "../port.ts";

/** What a key becomes: a value, or nothing. */
export type Cell = Value | null;

/** Keys and what they become, in no order: sorting waits for a scan that needs it. */
export type Writes = Map<Key, Cell>;

/** The text of a cell as a read answers it. */
export const textOf = (cell: Cell): string | undefined => {
  if (cell === null) return undefined;
  if (typeof cell === "string") return cell;
  return Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString("utf8");
};

/** The bytes of a cell as a read answers them. */
export const bytesOf = (cell: Cell): Uint8Array | undefined => {
  if (cell === null) return undefined;
  return typeof cell === "string" ? Buffer.from(cell, "utf8") : cell;
};

/** The counter `base`, absent or decimal text, with `delta` added to it. Throws `NotACounterError`. */
export const addToCounter = (base: Cell | undefined, delta: number): string => {
  let count = 0;
  if (typeof base === "string" && base !== "") count = Number(base);
  else if (base !== undefined && base !== null) throw new NotACounterError();
  const sum = count + delta;
  if (!Number.isSafeInteger(sum)) throw new NotACounterError();
  return String(sum);
};

/** Entries in the order of a scan, some of which say that a key is no more. */
export type Cover = { readonly entries: readonly (readonly [Key, Cell])[]; readonly deletions: number };

/**
 * The cells of `layers` (oldest first) within `range`, the newest of each key, in the order of the scan; nothing where there are
 * none. Goes through all cells: they are a few hundred, and a scan of the disk costs some 40 us before its first entry.
 */
export const coverOf = (
  layers: readonly Iterable<readonly [Key, Cell]>[],
  { start, end, reverse }: KeyRange & { reverse: boolean },
): Cover | undefined => {
  let found: Map<Key, Cell> | undefined;
  for (const layer of layers) {
    for (const [key, cell] of layer) {
      if (compareKeys(key, start) < 0 || compareKeys(key, end) >= 0) continue;
      found ??= new Map();
      found.set(key, cell);
    }
  }
  if (found === undefined) return undefined;
  let deletions = 0;
  for (const cell of found.values()) if (cell === null) deletions++;
  const entries = [...found].sort(reverse ? (a, b) => compareKeys(b[0], a[0]) : (a, b) => compareKeys(a[0], b[0]));
  return { entries, deletions };
};

/** The first `limit` entries of what the disk holds with the cover laid over it; both in the order of the scan. */
export const layOver = (
  found: readonly Entry[],
  { entries }: Cover,
  { reverse, limit }: { reverse: boolean; limit: number },
): Entry[] => {
  const merged: Entry[] = [];
  let below = 0;
  let above = 0;
  while (merged.length < limit) {
    const lower = found[below];
    const upper = entries[above];
    if (upper === undefined) {
      if (lower === undefined) break;
      merged.push(lower);
      below++;
      continue;
    }
    const order = lower === undefined ? 1 : compareKeys(lower[0], upper[0]) * (reverse ? -1 : 1);
    if (lower !== undefined && order < 0) {
      merged.push(lower);
      below++;
      continue;
    }
    if (order === 0) below++;
    above++;
    const text = textOf(upper[1]);
    if (text !== undefined) merged.push([upper[0], text]);
  }
  return merged;
};
