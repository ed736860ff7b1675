/** Reading a whole range of records, page by page, each in a view of its own. */
import type { Engine, Entry, KeyRange, Reader } from "../../engine/port.ts";

/** Records that are read and looked at in one view: far less than the second that a view may last. */
const PAGE_RECORDS = 500;

/** What pages are read from: each in a view of an engine, or all of them in one transaction. */
export type Source = Pick<Engine, "read">;

/** The pages of `range`, none of them empty. */
export async function* pagesOf(
  source: Source,
  { start, end }: KeyRange,
  limit = PAGE_RECORDS,
): AsyncGenerator<readonly Entry[]> {
  for (let from = start; ;) {
    const page = await source.read((reader) => reader.scan({ start: from, end }, { limit }));
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < limit) return;
    from = `${last[0]}\0`;
  }
}

/**
 * The part of a range of keys with ids before `endId`, all of it without one: a server that runs goes on adding to the rest, and
 * whoever read on would never come to an end.
 */
export const upTo = (range: KeyRange, endId: string | undefined): KeyRange =>
  endId === undefined ? range : { ...range, end: range.start + endId };

/** Reads of what does not change, each in a view of its own: so that they may take as long as they take together. */
export const steadyReader = (engine: Engine): Reader => ({
  get: (key) => engine.read((reader) => reader.get(key)),
  getBytes: (key) => engine.read((reader) => reader.getBytes(key)),
  getMany: (keys) => engine.read((reader) => reader.getMany(keys)),
  scan: (range, options) => engine.read((reader) => reader.scan(range, options)),
});
