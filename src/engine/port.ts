/**
 * The ordered, transactional key-value port that all state stands on.
 *
 * Keys are well-formed strings ordered by their UTF-8 bytes (never by UTF-16 code units). Values are text or bytes; a key
 * is always read as the kind it was written with. Two engines implement the port (`level` now, a SQL one later) and run
 * one exported contract suite, `test/engine/contract.ts`.
 */

/** A key; ordered by its UTF-8 bytes. Lone surrogates are refused. */
export type Key = string;

/** Text (well-formed) or bytes, which must not be changed once written. An empty one is a value like any other. */
export type Value = string | Uint8Array;

/** Keys from `start` (included) up to `end` (excluded). */
export type KeyRange = { readonly start: Key; readonly end: Key };

export type ScanOptions = {
  /** From the end of the range towards its start. */
  readonly reverse?: boolean;
  /** At most so many entries, 1 or more; all of them are held in memory. */
  readonly limit: number;
};

/** A pair that a scan found. Scans cover ranges of text values only. */
export type Entry = readonly [key: Key, value: string];

/**
 * What a transaction or a view can read. All reads of one reader see one state. A key or bound that no engine takes (see
 * `keys.ts`) is a `TypeError`.
 */
export type Reader = {
  get(key: Key): Promise<string | undefined>;
  getBytes(key: Key): Promise<Uint8Array | undefined>;
  /** The values of `keys` in their order. */
  getMany(keys: readonly Key[]): Promise<(string | undefined)[]>;
  /** Entries of `range` in order of their keys, at most `limit`. */
  scan(range: KeyRange, options: ScanOptions): Promise<Entry[]>;
};

/** A serializable transaction. Reads see its own writes. */
export type Transaction = Reader & {
  put(key: Key, value: Value): void;
  delete(key: Key): void;
  /** Deletes every key of `range`; throws `ClearRangeTooLargeError` over {@link CLEAR_RANGE_KEYS_MAX} keys. Returns how many. */
  clearRange(range: KeyRange): Promise<number>;
  /**
   * Adds `delta` (a safe integer) to the counter at `key`, which reads as its decimal text and is absent at first. Reads
   * nothing and never conflicts with another `add`. A counter that comes to 0 may be stored or absent. Where the value is no
   * counter, or the sum leaves the safe integers, the transaction fails with `NotACounterError`, here or when it commits.
   */
  add(key: Key, delta: number): void;
};

export type Engine = {
  /**
   * Runs `fn` and commits what it wrote, all of it or none, serializably; resolves once that is durable as the engine was
   * opened to be. `fn` may run more than once and awaits nothing but its own transaction. If `fn` throws, nothing is
   * written and the promise rejects with what it threw. Other failures: `CommitFailedError` (which alone leaves open whether
   * the writes are there), `EngineUnavailableError` until the disk has recovered from a failed commit, `TransactionTooLargeError`, `TransactionStalledError` for an `fn` that awaits something else or
   * another transaction, `EngineClosedError`.
   */
  transact<T>(fn: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Runs `fn` on one consistent, committed state, that of its first read, which has every write acknowledged before `read` was
   * called. A view older than {@link VIEW_MS_MAX} throws `ViewExpiredError` on its next read.
   */
  read<T>(fn: (view: Reader) => Promise<T>): Promise<T>;
  /**
   * Deletes every key of `range`, in slices, outside any transaction: only for ranges that a committed transaction has
   * marked dead. Idempotent; may be called again after it was cut off, as by `close`. Returns how many keys it deleted.
   */
  drop(range: KeyRange): Promise<number>;
  /**
   * Calls `listener` each time after it was settled whether commits that failed took place: what they wrote may be there now,
   * although reads did not see it before. No transaction runs until it has ended; it may `read`. Absent where a failed commit
   * never takes place later.
   */
  onSettled?(listener: () => Promise<void>): void;
  /** Waits for what is under way, then closes. Calls after it are refused with `EngineClosedError`; another `close` waits too. */
  close(): Promise<void>;
};

/** The most keys that one `clearRange` deletes. */
export const CLEAR_RANGE_KEYS_MAX = 10_000;
/** How long a view may be read from, at least. */
export const VIEW_MS_MAX = 1_000;
