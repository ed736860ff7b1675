/** An engine that the contract is tried on. */
import type { Engine, Entry, KeyRange, Reader, Value } from "../../../src/engine/port.ts";

export type EngineUnderTest = {
  readonly title: string;
  /** Opens an engine on a new, empty store. */
  readonly open: () => Promise<OpenedEngine>;
};

export type OpenedEngine = {
  readonly engine: Engine;
  /** Opens the store again, once its engine is closed. */
  readonly reopen: () => Promise<Engine>;
  /** Removes the store, once its engine is closed. */
  readonly remove: () => Promise<void>;
};

/** Runs `use` on an engine of its own. */
export const withEngine = async (
  { open }: EngineUnderTest,
  use: (engine: Engine, opened: OpenedEngine) => Promise<void>,
): Promise<void> => {
  const opened = await open();
  try {
    await use(opened.engine, opened);
  } finally {
    await opened.engine.close();
    await opened.remove();
  }
};

type ReadWith = <T>(fn: (reader: Reader) => Promise<T>) => Promise<T>;

/** Both ways to read: by a view, and in a transaction. */
export const waysToRead = (engine: Engine): ReadWith[] => [(fn) => engine.read(fn), (fn) => engine.transact(fn)];

/** U+1F600 sorts after U+FF21 by UTF-8 bytes and before it by UTF-16 units. In the order of their bytes. */
export const HOSTILE_KEYS = [
  "\0",
  "\0\0",
  "\0\u{10FFFF}",
  "A",
  "a",
  "a\0",
  "a\0\u0001",
  "a/b",
  "aa",
  "e",
  "e\u0301",
  "\u007F",
  "\u0080",
  "\u00E9",
  "\u07FF",
  "\u0800",
  "\uD7FF",
  "\uE000",
  "\uFF21",
  "\uFFFD",
  "\uFFFF",
  "\u{10000}",
  "\u{1F600}",
  "\u{1F600}\0",
  "\u{1F600}\uFF21",
  "\u{1F600}\u{1F600}",
  "\u{1F601}",
  "\u{10FFFF}",
  "\u{10FFFF}\u{10FFFF}",
] as const;

/** A bound above all keys that tests use. */
export const EVERYTHING: KeyRange = { start: "", end: "\u{10FFFF}".repeat(3) };

export const putAll = (engine: Engine, entries: readonly (readonly [string, Value])[]): Promise<void> =>
  engine.transact(async (tx) => {
    for (const [key, value] of entries) tx.put(key, value);
  });

export const dump = (engine: Engine): Promise<Entry[]> =>
  engine.read((view) => view.scan(EVERYTHING, { limit: 1_000_000 }));
