/** One transaction: its own writes, and reads through them, the writes that are not on disk yet, and the disk. */
import { ClearRangeTooLargeError, NotACounterError, TransactionTooLargeError } from "../errors.ts";
import { assertKey, assertLimit, assertRange, assertValue } from "../keys.ts";
import { CLEAR_RANGE_KEYS_MAX } from "../port.ts";
import type { Entry, Key, KeyRange, ScanOptions, Transaction, Value } from "../port.ts";
import { addToCounter, bytesOf, coverOf, layOver, textOf, type Cell, type Writes } from "./cells.ts";
import type { Disk } from "./disk.ts";
import type { Group } from "./group.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** The most bytes of keys and values that one transaction writes. */
export const TRANSACTION_BYTES_MAX = 64 * 1024 * 1024;

/** A scan goes through all writes of a transaction, unless they are more than this: then they are kept in order. */
const UNSORTED_WRITES_MAX = 256;

/** What is not on disk yet: the group that is being written, and the one that comes after it. */
export type Unflushed = { readonly flying: Group | undefined; readonly collecting: Group };

type ScanPlan = { readonly reverse: boolean; readonly limit: number; readonly keysOnly: boolean };

const asText = (cell: Cell | undefined): string | undefined => (cell === undefined ? undefined : textOf(cell));

export class LevelTransaction implements Transaction {
  /** Why the transaction cannot commit any more, although it still runs. */
  failure: Error | undefined;
  /** Its function has ended. */
  ended = false;
  /** The newest group that it has read from while that was not on disk. */
  seen: Group | undefined;
  /** About how much it writes. */
  bytes = 0;
  /** Goes up with whatever it does: one that goes on working has not stalled. */
  steps = 0;
  readonly #disk: Disk;
  readonly #unflushed: Unflushed;
  /** A number is what is to be added to whatever counter is below. */
  readonly #own = new Map<Key, Cell | number>();
  /** The keys of `#own`, once they are many and were scanned. */
  #sorted: SortedKeys | undefined;
  #hasAdditions = false;

  constructor(options: { disk: Disk; unflushed: Unflushed }) {
    this.#disk = options.disk;
    this.#unflushed = options.unflushed;
  }

  async get(key: Key): Promise<string | undefined> {
    this.#assertReadable();
    return this.#text(key);
  }

  async getBytes(key: Key): Promise<Uint8Array | undefined> {
    this.#assertReadable();
    assertKey(key);
    const cell = this.#pending(key);
    return cell === undefined ? this.#disk.getBytes(key) : bytesOf(cell);
  }

  async getMany(keys: readonly Key[]): Promise<(string | undefined)[]> {
    this.#assertReadable();
    return keys.map((key) => this.#text(key));
  }

  async scan(range: KeyRange, { reverse = false, limit }: ScanOptions): Promise<Entry[]> {
    assertLimit(limit);
    return this.#scan(range, { reverse, limit, keysOnly: false });
  }

  put(key: Key, value: Value): void {
    assertKey(key);
    assertValue(value);
    this.#write({ key, cell: value, bytes: value.length });
  }

  delete(key: Key): void {
    assertKey(key);
    this.#write({ key, cell: null, bytes: 0 });
  }

  async clearRange(range: KeyRange): Promise<number> {
    const found = await this.#scan(range, { reverse: false, limit: CLEAR_RANGE_KEYS_MAX + 1, keysOnly: true });
    if (found.length > CLEAR_RANGE_KEYS_MAX) throw new ClearRangeTooLargeError();
    for (const [key] of found) this.#write({ key, cell: null, bytes: 0 });
    return found.length;
  }

  /** Deletes the first `limit` keys of a range. Answers how many there were, and the last of them. */
  async deleteFirst(range: KeyRange, { limit }: { limit: number }): Promise<{ count: number; last: Key | undefined }> {
    const found = await this.#scan(range, { reverse: false, limit, keysOnly: true });
    for (const [key] of found) this.#write({ key, cell: null, bytes: 0 });
    return { count: found.length, last: found.at(-1)?.[0] };
  }

  add(key: Key, delta: number): void {
    assertKey(key);
    if (!Number.isSafeInteger(delta)) throw new TypeError(`A counter takes safe integers, not ${delta}`);
    const own = this.#own.get(key);
    if (own !== undefined && typeof own !== "number") {
      const cell = addToCounter(own, delta);
      return this.#write({ key, cell, bytes: cell.length });
    }
    const sum = (own ?? 0) + delta;
    if (!Number.isSafeInteger(sum)) throw new NotACounterError();
    this.#hasAdditions = true;
    this.#write({ key, cell: sum, bytes: 0 });
  }

  get hasWrites(): boolean {
    return this.#own.size > 0;
  }

  /** Its writes, with every counter's sum. Throws `NotACounterError`. Nothing may be written afterwards. */
  settle(): Writes {
    if (this.#hasAdditions) {
      // Read once per group: transactions that add to it later find the sum among the writes that are not on disk yet.
      for (const [key, cell] of this.#own) {
        if (typeof cell === "number") this.#own.set(key, addToCounter(this.#below(key), cell));
      }
    }
    return this.#own as Writes;
  }

  #write({ key, cell, bytes }: { key: Key; cell: Cell | number; bytes: number }): void {
    // What a transaction writes after it was given up goes nowhere.
    if (this.failure !== undefined) return;
    this.#assertRunning();
    this.steps += 1;
    this.bytes += key.length + bytes;
    if (this.bytes > TRANSACTION_BYTES_MAX) throw new TransactionTooLargeError(TRANSACTION_BYTES_MAX);
    if (this.#sorted !== undefined && !this.#own.has(key)) this.#sorted.add(key);
    this.#own.set(key, cell);
  }

  #assertReadable(): void {
    this.steps += 1;
    if (this.failure !== undefined) throw this.failure;
    this.#assertRunning();
  }

  #assertRunning(): void {
    if (this.ended) throw new Error("The transaction has ended");
  }

  #text(key: Key): string | undefined {
    assertKey(key);
    const cell = this.#pending(key);
    return cell === undefined ? this.#disk.get(key) : asText(cell);
  }

  /** What is to become of a key, by this transaction or one before it; undefined where the disk has the word. */
  #pending(key: Key): Cell | undefined {
    const own = this.#own.get(key);
    if (own === undefined) return this.#unflushedCell(key);
    return typeof own === "number" ? addToCounter(this.#below(key), own) : own;
  }

  /** What a key is without this transaction. */
  #below(key: Key): Cell | undefined {
    const cell = this.#unflushedCell(key);
    return cell === undefined ? this.#disk.get(key) : cell;
  }

  #unflushedCell(key: Key): Cell | undefined {
    const { collecting, flying } = this.#unflushed;
    let cell = collecting.writes.get(key);
    if (cell !== undefined) {
      this.seen = collecting;
      return cell;
    }
    cell = flying?.writes.get(key);
    if (cell !== undefined && this.seen !== collecting) this.seen = flying;
    return cell;
  }

  async #scan(range: KeyRange, { reverse, limit, keysOnly }: ScanPlan): Promise<Entry[]> {
    this.#assertReadable();
    assertRange(range);
    const { start, end } = range;
    // Taken at once with the scan's own state of the disk: what lands in between stands in both and is the same.
    const cover = coverOf(this.#layers(range), { start, end, reverse });
    if (cover !== undefined) this.#seeAll();
    const deletions = cover?.deletions ?? 0;
    const found = await this.#disk.scan({ start, end, reverse, limit: limit + deletions, keysOnly });
    if (this.failure !== undefined) throw this.failure;
    return cover === undefined ? found : layOver(found, cover, { reverse, limit });
  }

  /** All that is laid over the disk in `range`, and perhaps more, oldest first. */
  #layers(range: KeyRange): Iterable<readonly [Key, Cell]>[] {
    const { collecting, flying } = this.#unflushed;
    const layers: Iterable<readonly [Key, Cell]>[] = [];
    if (flying !== undefined) layers.push(flying.writes);
    if (collecting.transactions > 0) layers.push(collecting.writes);
    if (this.#own.size > 0) layers.push(this.#ownCells(range));
    return layers;
  }

  /** Counts a scan that met anything not on disk as having read from all of it. */
  #seeAll(): void {
    const { collecting, flying } = this.#unflushed;
    if (collecting.transactions > 0) this.seen = collecting;
    else if (flying !== undefined) this.seen = flying;
  }

  *#ownCells(range: KeyRange): Generator<readonly [Key, Cell]> {
    if (this.#own.size > UNSORTED_WRITES_MAX) this.#sorted ??= new SortedKeys(this.#own.keys());
    for (const key of this.#sorted?.within(range) ?? this.#own.keys()) {
      const cell = this.#own.get(key);
      if (cell !== undefined) yield [key, typeof cell === "number" ? addToCounter(this.#below(key), cell) : cell];
    }
  }
}
