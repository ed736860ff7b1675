/** Reading and writing through an account's stack of layers: the top one wins, a tombstone hides what lies below it. */
import { compareKeys } from "../engine/keys.ts";
import type { KeyRange, Reader, Transaction } from "../engine/port.ts";
import { LAYER_PREFIX_CHARS, layerPrefix } from "./keys.ts";

/** The layers of an account, top first; empty for an account that never held anything. */
export type Stack = {
  readonly layers: readonly string[];
  readonly epoch: number;
};

/** The value of a deleted record over an older one. No record is an empty text. */
export const TOMBSTONE = "";

/** A layered record that a scan found; `subkey` is its key without the layer. */
export type LayeredEntry = readonly [subkey: string, value: string];

/** Entries that a merge reads from each layer at first. */
const MERGE_PAGE_ENTRIES = 128;

export const getLayered = (reader: Reader, stack: Stack, subkey: string): Promise<string | undefined> => {
  const [top, below] = stack.layers;
  // The only layer holds no tombstones.
  if (top !== undefined && below === undefined) return reader.get(layerPrefix(top) + subkey);
  return getFromTop(reader, stack, subkey);
};

const getFromTop = async (reader: Reader, stack: Stack, subkey: string): Promise<string | undefined> => {
  for (const layer of stack.layers) {
    const value = await reader.get(layerPrefix(layer) + subkey);
    if (value !== undefined) return value === TOMBSTONE ? undefined : value;
  }
  return undefined;
};

/** The sum of a counter over all layers: each keeps its own deltas. */
export const sumCounter = async (reader: Reader, stack: Stack, subkey: string): Promise<number> => {
  let sum = 0;
  for (const layer of stack.layers) sum += Number((await reader.get(layerPrefix(layer) + subkey)) ?? 0);
  return sum;
};

export const topLayer = (stack: Stack): string => {
  const [top] = stack.layers;
  if (top === undefined) throw new Error("a stack without layers cannot be written to");
  return top;
};

export const putLayered = (tx: Transaction, stack: Stack, record: LayeredEntry): void => {
  tx.put(layerPrefix(topLayer(stack)) + record[0], record[1]);
};

export const deleteLayered = (tx: Transaction, stack: Stack, subkey: string): void => {
  const key = layerPrefix(topLayer(stack)) + subkey;
  if (stack.layers.length === 1) tx.delete(key);
  else tx.put(key, TOMBSTONE);
};

/** One layer's part of a merge: a page of entries and where it stands in it. */
class LayerCursor {
  /** The entry it stands on; undefined at its end, and before the first page. */
  entry: LayeredEntry | undefined;
  readonly #reader: Reader;
  readonly #prefix: string;
  readonly #range: KeyRange;
  readonly #reverse: boolean;
  #pageEntries: number;
  #page: readonly (readonly [string, string])[] = [];
  #at = 0;

  constructor(options: { reader: Reader; layer: string; range: KeyRange; reverse: boolean; pageEntries: number }) {
    this.#reader = options.reader;
    this.#prefix = layerPrefix(options.layer);
    this.#range = options.range;
    this.#reverse = options.reverse;
    this.#pageEntries = options.pageEntries;
  }

  /** Moves on by one. False where the page is at its end and the next has to be read for that: see `readPage`. */
  advance(): boolean {
    this.#at += 1;
    this.#stand();
    return this.entry !== undefined || this.#page.length < this.#pageEntries;
  }

  /**
   * Reads the next page and stands on its first entry. `wanted` is what the merge lacks yet: most of it may come from one layer,
   * whose pages grow.
   */
  async readPage(wanted: number): Promise<void> {
    const last = this.#page.at(-1)?.[0];
    const whole = { start: this.#prefix + this.#range.start, end: this.#prefix + this.#range.end };
    let range = whole;
    if (last !== undefined) {
      range = this.#reverse ? { ...whole, end: last } : { ...whole, start: `${last}\0` };
      this.#pageEntries = Math.min(2 * this.#pageEntries, Math.max(wanted, MERGE_PAGE_ENTRIES));
    }
    this.#page = await this.#reader.scan(range, { limit: this.#pageEntries, reverse: this.#reverse });
    this.#at = 0;
    this.#stand();
  }

  #stand(): void {
    const stored = this.#page[this.#at];
    this.entry = stored === undefined ? undefined : [stored[0].slice(LAYER_PREFIX_CHARS), stored[1]];
  }
}

/** At most `limit` records of `range` (of subkeys) in order, as the stack shows them. */
export const scanLayered = async (
  reader: Reader,
  stack: Stack,
  options: { range: KeyRange; limit: number; reverse?: boolean },
): Promise<LayeredEntry[]> => {
  const { range, limit, reverse = false } = options;
  if (stack.layers.length === 0 || limit <= 0 || compareKeys(range.start, range.end) >= 0) return [];
  if (stack.layers.length === 1) {
    // The only layer holds no tombstones: its own order is the answer.
    const prefix = layerPrefix(topLayer(stack));
    const entries = await reader.scan({ start: prefix + range.start, end: prefix + range.end }, { limit, reverse });
    return entries.map(([key, value]) => [key.slice(LAYER_PREFIX_CHARS), value]);
  }
  return merge(reader, stack, { range, limit, reverse, tombstones: "hidden" });
};

/** At most `limit` records of `range`, the topmost layer's where several have one; tombstones too. */
export const mergeLayers = (
  reader: Reader,
  stack: Stack,
  options: { range: KeyRange; limit: number },
): Promise<LayeredEntry[]> => merge(reader, stack, { ...options, reverse: false, tombstones: "shown" });

type Merge = {
  readonly range: KeyRange;
  readonly limit: number;
  readonly reverse: boolean;
  readonly tombstones: "shown" | "hidden";
};

/** Waits only where a page is at its end: a list of 1,000 keys would spend a third of its time on waiting for each. */
const merge = async (
  reader: Reader,
  { layers }: Stack,
  { range, limit, reverse, tombstones }: Merge,
): Promise<LayeredEntry[]> => {
  const pageEntries = Math.min(limit, MERGE_PAGE_ENTRIES);
  const cursors = layers.map((layer) => new LayerCursor({ reader, layer, range, reverse, pageEntries }));
  for (const cursor of cursors) await cursor.readPage(limit);
  const found: LayeredEntry[] = [];
  for (;;) {
    const first = foremost(cursors, reverse);
    if (first === undefined) return found;
    if (first[1] !== TOMBSTONE || tombstones === "shown") found.push(first);
    if (found.length >= limit) return found;
    for (const cursor of cursors) {
      if (cursor.entry?.[0] === first[0] && !cursor.advance()) await cursor.readPage(limit - found.length);
    }
  }
};

/** The foremost entry over all cursors, the topmost layer's where several have its subkey. */
const foremost = (cursors: readonly LayerCursor[], reverse: boolean): LayeredEntry | undefined => {
  let first: LayeredEntry | undefined;
  for (const { entry } of cursors) {
    if (entry === undefined) continue;
    const order = first === undefined ? -1 : compareKeys(entry[0], first[0]) * (reverse ? -1 : 1);
    if (order < 0) first = entry;
  }
  return first;
};

/** Every record of `range`, read page by page. For ranges that the caller knows to be bounded. */
export const scanAllLayered = async (reader: Reader, stack: Stack, range: KeyRange): Promise<LayeredEntry[]> => {
  const found: LayeredEntry[] = [];
  let start = range.start;
  for (;;) {
    const page = await scanLayered(reader, stack, { range: { start, end: range.end }, limit: 1_000 });
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < 1_000) return found;
    start = `${last[0]}\0`;
  }
};
