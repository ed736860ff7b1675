/**
 * Flattening: a run of sealed layers in a deep stack is merged into one new layer, which takes the run's place below the layer
 * above it. Sizes are tiered: a layer is merged only with layers above it that together are about as large, so that the large
 * base of many forks stays shared and no record is copied often.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { VIEW_MS_MAX } from "../../engine/port.ts";
import { catalog, layered, layerPrefix, prefixRange } from "../keys.ts";
import { shareExtents } from "../bodies/references.ts";
import { decodeLayer, encodeLayer } from "../records.ts";
import { mergeLayers, TOMBSTONE, type LayeredEntry } from "../stack.ts";
import type { Tx } from "../view.ts";
import type { WorldHost } from "../world.ts";
import { transactOnLayers, type Pace } from "./layer-work.ts";
import { withExtents } from "./record-extents.ts";

/** Layers up to this size are merged whatever is above them: their number counts, not their size. */
const SMALL_LAYER_RECORDS = 1_000;
/** Records that are merged in one transaction. */
const SLICE_RECORDS = 200;
/** Keys that are counted at a time. */
const COUNTED_RECORDS = 1_000;
/** A view that began before the merged layer was there has ended for sure after this. */
const VIEWS_ENDED_MS = 2 * VIEW_MS_MAX;
const WAIT_MS = 50;

type FlattenOptions = {
  /** The layer on top of the stack; it stays. */
  readonly top: string;
  /** Stacks that are no deeper are left as they are: what was deep once may have been flattened with another. */
  readonly stackLayersMax: number;
  readonly pace: Pace;
  /** How long to wait until no view is left that began before. */
  readonly viewsEndedMs?: number;
};

/** Layers that follow one another in a stack, top first, and what is above and below them. */
type Run = { readonly above: string; readonly layers: readonly string[]; readonly below: readonly string[] };

/** What became of a stack: `cutOff` when the work had to end, which leaves a merged layer behind that nothing leads to. */
export type Flattened = "merged" | "nothingToMerge" | "cutOff";

/** Merges one run of the stack's layers. */
export const flattenStack = async (host: WorldHost, options: FlattenOptions): Promise<Flattened> => {
  const { top, stackLayersMax, pace, viewsEndedMs = VIEWS_ENDED_MS } = options;
  const { layerStacks } = host;
  const layers = await host.engine.read(async (reader) => {
    const begunAt = layerStacks.generation;
    return (await reader.get(catalog.layer(top))) === undefined ? [] : layerStacks.resolve(reader, top, { begunAt });
  });
  const run = layers.length <= stackLayersMax ? undefined : await chooseRun(host, layers);
  if (run === undefined) return "nothingToMerge";
  const merged = host.newId();
  await transactOnLayers(host, async ({ tx }) => tx.put(catalog.layer(merged), encodeLayer(run.below[0] ?? "")));
  if (!(await mergeRun(host, { run, merged, pace }))) return "cutOff";
  // Until then a view may be open that began before the merged layer was there, and that would look for it in vain.
  const endedAt = performance.now() + viewsEndedMs;
  while (performance.now() < endedAt) {
    await sleep(WAIT_MS);
    if (!(await pace())) return "cutOff";
  }
  await putInPlace(host, { run, merged });
  return "merged";
};

/** The longest run below the top whose layers are each no larger than those above it together, or small. */
const chooseRun = async (host: WorldHost, layers: readonly string[]): Promise<Run | undefined> => {
  let best: string[] = [];
  let bestAt = 0;
  for (let from = 1; layers.length - from > best.length; from += 1) {
    const run = await runFrom(host, layers.slice(from));
    if (run.length > Math.max(best.length, 1)) [best, bestAt] = [run, from];
  }
  const above = layers[bestAt - 1];
  return above === undefined ? undefined : { above, layers: best, below: layers.slice(bestAt + best.length) };
};

const runFrom = async (host: WorldHost, layers: readonly string[]): Promise<string[]> => {
  const run: string[] = [];
  let sum = 0;
  for (const layer of layers) {
    const sizeMax = run.length === 0 ? Number.MAX_SAFE_INTEGER : Math.max(sum, SMALL_LAYER_RECORDS);
    const size = await countRecords(host, layer, sizeMax);
    if (size > sizeMax) break;
    run.push(layer);
    sum += size;
  }
  return run;
};

/** How many records a layer has; no further than just above `countMax`. */
const countRecords = async (host: WorldHost, layer: string, countMax: number): Promise<number> => {
  const { start, end } = prefixRange(layerPrefix(layer));
  let count = 0;
  for (let from = start; count <= countMax;) {
    const page = await host.engine.read((reader) => reader.scan({ start: from, end }, { limit: COUNTED_RECORDS }));
    count += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < COUNTED_RECORDS) break;
    from = `${last[0]}\0`;
  }
  return count;
};

/** Writes what the run's layers show together into the merged layer, slice by slice. Answers false when it had to end. */
const mergeRun = async (
  host: WorldHost,
  { run, merged, pace }: { run: Run; merged: string; pace: Pace },
): Promise<boolean> => {
  for (let from: string | undefined = ""; from !== undefined;) {
    if (!(await pace())) return false;
    const start: string = from;
    from = await transactOnLayers(host, (tx) => mergeSlice(tx, { run, merged, start }));
  }
  return true;
};

/** Answers where the next slice begins. */
const mergeSlice = async (
  tx: Tx,
  { run, merged, start }: { run: Run; merged: string; start: string },
): Promise<string | undefined> => {
  const stack = { layers: run.layers, epoch: 0 };
  const range = { start, end: SUBKEYS_END };
  const entries = await mergeLayers(tx.reader, stack, { range, limit: SLICE_RECORDS });
  const isBottom = run.below.length === 0;
  for (const entry of entries) {
    const record = await mergedRecord(tx, { entry, run, merged });
    // Below the bottom there is nothing that a tombstone could hide.
    if (record !== TOMBSTONE || !isBottom) tx.tx.put(layerPrefix(merged) + entry[0], record);
  }
  const last = entries.at(-1);
  return last === undefined || entries.length < SLICE_RECORDS ? undefined : `${last[0]}\0`;
};

/** Above every subkey: they begin with a lower-case letter. */
const SUBKEYS_END = "\u007f";

const mergedRecord = async (
  tx: Tx,
  { entry: [subkey, record], run, merged }: { entry: LayeredEntry; run: Run; merged: string },
): Promise<string> => {
  if (layered.isCounter(subkey)) {
    const deltas = await tx.reader.getMany(run.layers.map((layer) => layerPrefix(layer) + subkey));
    return String(deltas.reduce((sum, delta) => sum + Number(delta ?? 0), 0));
  }
  // What is held below the run stays so. Holders that are neither there nor in the run were merged before.
  const below = new Set(run.below);
  return withExtents(subkey, record, (extents) =>
    shareExtents(tx, { layers: [merged], epoch: 0 }, { extents, unlessHeldBy: below }),
  );
};

/**
 * From now on the merged layer stands where the run stood; whoever enters the run elsewhere goes on as before. Where the layer
 * above is gone the merged one goes too.
 */
const putInPlace = async (host: WorldHost, { run, merged }: { run: Run; merged: string }): Promise<void> => {
  const placed = await transactOnLayers(host, async ({ tx }) => {
    const record = await tx.get(catalog.layer(run.above));
    if (record === undefined || decodeLayer(record) !== run.layers[0]) return false;
    tx.put(catalog.layer(run.above), encodeLayer(merged));
    return true;
  });
  if (placed) {
    host.layerStacks.forget();
    host.forgetStacks();
  }
};
