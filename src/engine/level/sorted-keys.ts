/** Keys in their order, for a transaction that looks for some of its many writes again and again. */
import { compareKeys } from "../keys.ts";
import type { Key, KeyRange } from "../port.ts";

/** Keys are kept in runs, so that adding one moves no more than a run. */
const RUN_KEYS_MAX = 512;

export class SortedKeys {
  /** None of them is empty; each run's keys come before the next one's. */
  readonly #runs: Key[][] = [];

  constructor(keys: Iterable<Key>) {
    const sorted = [...keys].sort(compareKeys);
    for (let from = 0; from < sorted.length; from += RUN_KEYS_MAX / 2) {
      this.#runs.push(sorted.slice(from, from + RUN_KEYS_MAX / 2));
    }
  }

  /** Adds a key that is not there yet. */
  add(key: Key): void {
    // Into the last run that begins at or before it.
    const at = Math.max(
      0,
      firstAtOrAfter(this.#runs.length, (index) => compareKeys(this.#runs[index]?.[0] ?? "", key)) - 1,
    );
    const run = this.#runs[at];
    if (run === undefined) {
      this.#runs.push([key]);
      return;
    }
    run.splice(placeOf(run, key), 0, key);
    if (run.length > RUN_KEYS_MAX) this.#runs.splice(at + 1, 0, run.splice(RUN_KEYS_MAX / 2));
  }

  /** The keys of a range, in order. */
  *within({ start, end }: KeyRange): Generator<Key> {
    const first = firstAtOrAfter(this.#runs.length, (index) => compareKeys(this.#runs[index]?.at(-1) ?? "", start));
    for (let index = first; index < this.#runs.length; index++) {
      const run = this.#runs[index] ?? [];
      for (let at = index === first ? placeOf(run, start) : 0; at < run.length; at++) {
        const key = run[at] ?? "";
        if (compareKeys(key, end) >= 0) return;
        yield key;
      }
    }
  }
}

const placeOf = (run: readonly Key[], key: Key): number =>
  firstAtOrAfter(run.length, (index) => compareKeys(run[index] ?? "", key));

/** The first of `count` indices, by binary search, whose item does not come before what is looked for. */
const firstAtOrAfter = (count: number, compare: (index: number) => number): number => {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(middle) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
