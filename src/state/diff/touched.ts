/**
 * The records of an account that two states may show differently. Both states' stacks are compared from the bottom up: what
 * they stand on together shows the same in both, so that only the layers above are read through, and what one of them lacks
 * there is looked up by its key. Layers that were flattened are not shared any more: then more is read, and the answer is the same.
 */
import { setImmediate } from "node:timers/promises";
import { compareKeys, prefixEnd } from "../../engine/keys.ts";
import type { KeyRange, Reader } from "../../engine/port.ts";
import { layerPrefix } from "../keys.ts";
import { NO_LAYER } from "../snapshots.ts";
import { getLayered, mergeLayers, TOMBSTONE, type Stack } from "../stack.ts";
import type { WorldHost } from "../world.ts";
import { SIDES, type Side, type Sides } from "./difference.ts";

/** Records that are read from one view of each state: some milliseconds of a second. */
const PAGE_RECORDS = 256;
/** Groups that are looked for in one view. */
const PAGE_GROUPS = 128;

/** An account as two pinned states hold it. */
export type AccountPair = {
  readonly host: WorldHost;
  readonly accountId: string;
  /** The layers that it stands on; empty where it holds nothing. */
  readonly tops: Sides<string>;
  /** Ends the reading. */
  readonly signal: AbortSignal | undefined;
};

/** Which records of an account are meant. */
export type Range = {
  /** What their subkeys begin with in each state; undefined where that state has none of them. */
  readonly prefixes: Sides<string | undefined>;
  /** What goes on after that, for those that are wanted. */
  readonly pathPrefix?: string;
};

/** A record that may differ: `path` is its subkey without the prefix, undefined stands for no record. Never both. */
export type Touched = { readonly path: string } & Sides<string | undefined>;

/** A stack, of which the layers of `own` are not the other state's too. */
type SplitStack = { readonly own: readonly string[]; readonly shared: readonly string[] };

const splitStacks = async (
  reader: Reader,
  { host, tops }: AccountPair,
  { begunAt }: Begun,
): Promise<Sides<SplitStack>> => {
  const resolve = async (top: string): Promise<readonly string[]> =>
    top === NO_LAYER ? [] : host.layerStacks.resolve(reader, top, { begunAt });
  const from = await resolve(tops.from);
  const to = await resolve(tops.to);
  let shared = 0;
  while (shared < Math.min(from.length, to.length) && from.at(-1 - shared) === to.at(-1 - shared)) shared += 1;
  const split = (layers: readonly string[]): SplitStack => {
    const at = layers.length - shared;
    return { own: layers.slice(0, at), shared: layers.slice(at) };
  };
  return { from: split(from), to: split(to) };
};

const asStack = (layers: readonly string[]): Stack => ({ layers, epoch: 0 });

/** When a view began, by the generation of its layers. */
type Begun = { readonly begunAt: number };

const readPaced = async <T>(
  { host, signal }: AccountPair,
  read: (reader: Reader, begun: Begun) => Promise<T>,
): Promise<T> => {
  signal?.throwIfAborted();
  return host.engine.read((reader) => read(reader, { begunAt: host.layerStacks.generation }));
};

/** One record as a state shows it. */
export const readSide = (
  pair: AccountPair,
  { side, subkey }: { side: Side; subkey: string },
): Promise<string | undefined> =>
  readPaced(pair, async (reader, begun) => {
    const { own, shared } = (await splitStacks(reader, pair, begun))[side];
    return getLayered(reader, asStack([...own, ...shared]), subkey);
  });

/** All that may differ in `range`, in the order of its paths' UTF-8 bytes, page by page. */
export async function* touchedRecords(pair: AccountPair, range: Range): AsyncGenerator<Touched> {
  for (let start: string | undefined = range.pathPrefix ?? ""; start !== undefined;) {
    const from: string = start;
    const page = await readPaced(pair, (reader, begun) => readPage(reader, pair, { range, start: from, begun }));
    yield* page.touched;
    start = page.next;
    if (start !== undefined) await setImmediate();
  }
}

type Page = { readonly touched: readonly Touched[]; readonly next: string | undefined };

const readPage = async (
  reader: Reader,
  pair: AccountPair,
  { range: { prefixes, pathPrefix = "" }, start, begun }: { range: Range; start: string; begun: Begun },
): Promise<Page> => {
  const stacks = await splitStacks(reader, pair, begun);
  // Of other subkeys there is nothing that both show: a bucket that was made again has another id.
  const sameKeys = prefixes.from === prefixes.to;
  const found = { from: new Map<string, string>(), to: new Map<string, string>() };
  let horizon: string | undefined;
  for (const side of SIDES) {
    const prefix = prefixes[side];
    if (prefix === undefined) continue;
    const { own, shared } = stacks[side];
    const entries = await mergeLayers(reader, asStack(sameKeys ? own : [...own, ...shared]), {
      range: { start: prefix + start, end: prefixEnd(prefix + pathPrefix) },
      limit: PAGE_RECORDS,
    });
    for (const [subkey, record] of entries) found[side].set(subkey.slice(prefix.length), record);
    // What comes behind a page that is full is not known yet.
    const last = entries.length < PAGE_RECORDS ? undefined : entries.at(-1)?.[0].slice(prefix.length);
    if (last !== undefined && (horizon === undefined || compareKeys(last, horizon) < 0)) horizon = last;
  }
  const end = horizon;
  const paths = [...new Set([...found.from.keys(), ...found.to.keys()])]
    .filter((path) => end === undefined || compareKeys(path, end) <= 0)
    .toSorted(compareKeys);
  if (sameKeys && prefixes.from !== undefined) {
    for (const side of SIDES)
      await lookUp(reader, { prefix: prefixes.from, paths, stack: stacks[side], found: found[side] });
  }
  const touched = paths.map((path) => ({ path, from: shown(found.from.get(path)), to: shown(found.to.get(path)) }));
  return {
    touched: touched.filter(({ from, to }) => from !== undefined || to !== undefined),
    next: end === undefined ? undefined : `${end}\0`,
  };
};

const shown = (record: string | undefined): string | undefined => (record === TOMBSTONE ? undefined : record);

/** Adds to `found` what the shared layers show of `paths` that a state's own layers say nothing of. */
const lookUp = async (
  reader: Reader,
  options: { prefix: string; paths: readonly string[]; stack: SplitStack; found: Map<string, string> },
): Promise<void> => {
  const { prefix, paths, stack, found } = options;
  for (const layer of stack.shared) {
    const missing = paths.filter((path) => !found.has(path));
    if (missing.length === 0) return;
    const records = await reader.getMany(missing.map((path) => layerPrefix(layer) + prefix + path));
    for (const [at, path] of missing.entries()) {
      const record = records[at];
      if (record !== undefined) found.set(path, record);
    }
  }
};

/**
 * The groups that have records which may differ in `range`, which is the same in both states: `groupOf` answers the beginning
 * of a subkey that its group has in common. Costs a few reads for each group, whatever the groups hold. In order.
 */
export async function* touchedGroups(
  pair: AccountPair,
  { range, groupOf }: { range: KeyRange; groupOf: (subkey: string) => string },
): AsyncGenerator<string> {
  for (let start: string | undefined = range.start; start !== undefined;) {
    const from: string = start;
    const page = await readPaced(pair, (reader, begun) =>
      readGroups(reader, pair, { range: { ...range, start: from }, groupOf, begun }),
    );
    yield* page.groups;
    start = page.next;
    if (start !== undefined) await setImmediate();
  }
}

const readGroups = async (
  reader: Reader,
  pair: AccountPair,
  { range, groupOf, begun }: { range: KeyRange; groupOf: (subkey: string) => string; begun: Begun },
): Promise<{ readonly groups: readonly string[]; readonly next: string | undefined }> => {
  const { from, to } = await splitStacks(reader, pair, begun);
  const groups: string[] = [];
  let next = range.start;
  while (groups.length < PAGE_GROUPS) {
    const wanted = { range: { start: next, end: range.end }, limit: 1 };
    const [before] = await mergeLayers(reader, asStack(from.own), wanted);
    const [after] = await mergeLayers(reader, asStack(to.own), wanted);
    const first = [before, after].flatMap((entry) => entry?.[0] ?? []).toSorted(compareKeys)[0];
    if (first === undefined) return { groups, next: undefined };
    const group = groupOf(first);
    groups.push(group);
    next = prefixEnd(group);
  }
  return { groups, next };
};
