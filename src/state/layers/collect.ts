/**
 * The collection of layers: those that no head, snapshot or pin leads to go, and with them the bodies that nothing else refers
 * to. Once unreachable a layer stays so, for its id is never used again; so it is found in one view and taken apart slowly.
 */
import type { KeyRange, Reader } from "../../engine/port.ts";
import { releaseExtents } from "../bodies/references.ts";
import { catalog, LAYER_PREFIX_CHARS, layerPrefix, prefixRange } from "../keys.ts";
import { decodeHead, decodeLayer } from "../records.ts";
import { NO_LAYER } from "../view.ts";
import type { WorldHost } from "../world.ts";
import { transactOnLayers, type Pace } from "./layer-work.ts";
import { extentsIn } from "./record-extents.ts";

/** Records of a dead layer that one transaction takes away: a few milliseconds of the engine's time. */
const SLICE_RECORDS = 200;
/** Catalog records that are read at a time. */
const PAGE_RECORDS = 10_000;

/** What a collection removed. */
export type Collected = { readonly layers: number; readonly records: number };

/** Takes apart every layer that nothing leads to. Stops early when `pace` says so; the next one goes on from there. */
export const collectLayers = async (
  host: WorldHost,
  { pace }: { readonly pace: Pace },
): Promise<Collected & { readonly isDone: boolean }> => {
  const dead = await host.engine.read((reader) => findDeadLayers(reader));
  let layers = 0;
  let records = 0;
  for (const layerId of dead) {
    for (;;) {
      if (!(await pace())) return { layers, records, isDone: false };
      const removed = await removeSlice(host, layerId);
      records += removed;
      if (removed < SLICE_RECORDS) break;
    }
    layers += 1;
  }
  return { layers, records, isDone: true };
};

/**
 * The layers that have a record and that no head, snapshot or pin leads to, tops first. Throws where a layer that is led to has no
 * record: what it stood on would look as if nothing led to it.
 */
const findDeadLayers = async (reader: Reader): Promise<string[]> => {
  const parents = new Map<string, string>();
  for await (const [key, record] of walk(reader, catalog.layers)) {
    parents.set(key.slice(catalog.layers.start.length), decodeLayer(record));
  }
  const reached = new Set<string>();
  const reach = (top: string): void => {
    // What was reached before has had its own parents followed.
    for (let layer = top; layer !== NO_LAYER && !reached.has(layer);) {
      const parent = parents.get(layer);
      if (parent === undefined) throw new Error(`layer ${layer} has no record`);
      reached.add(layer);
      layer = parent;
    }
  };
  for await (const [, record] of walk(reader, catalog.allHeads)) reach(decodeHead(record).layerId);
  for await (const [, layerId] of walk(reader, catalog.allSnapshotHeads)) reach(layerId);
  for await (const [, layerId] of walk(reader, catalog.allPins)) reach(layerId);
  return topsFirst(new Map([...parents].filter(([layer]) => !reached.has(layer))));
};

/** In an order in which none comes after what it stands on: a collection that is cut off leaves no stack without a bottom. */
const topsFirst = (parents: ReadonlyMap<string, string>): string[] => {
  const standing = new Map<string, number>();
  for (const parent of parents.values()) standing.set(parent, (standing.get(parent) ?? 0) + 1);
  const ordered = [...parents.keys()].filter((layer) => !standing.has(layer));
  // Those that come free are added behind.
  for (const layer of ordered) {
    const parent = parents.get(layer);
    if (parent === undefined || !parents.has(parent)) continue;
    const left = (standing.get(parent) ?? 0) - 1;
    standing.set(parent, left);
    if (left === 0) ordered.push(parent);
  }
  return ordered;
};

async function* walk(reader: Reader, { start, end }: KeyRange): AsyncGenerator<readonly [string, string]> {
  for (let from = start; ;) {
    const page = await reader.scan({ start: from, end }, { limit: PAGE_RECORDS });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_RECORDS) return;
    from = `${last[0]}\0`;
  }
}

/** Takes away a dead layer's next records with their references, and with the last of them the layer's own record. */
const removeSlice = (host: WorldHost, layerId: string): Promise<number> =>
  transactOnLayers(host, async (tx) => {
    const entries = await tx.reader.scan(prefixRange(layerPrefix(layerId)), { limit: SLICE_RECORDS });
    const extents = entries.flatMap(([key, record]) => extentsIn(key.slice(LAYER_PREFIX_CHARS), record));
    await releaseExtents(tx, { layers: [layerId], epoch: 0 }, extents);
    for (const [key] of entries) tx.tx.delete(key);
    if (entries.length < SLICE_RECORDS) tx.tx.delete(catalog.layer(layerId));
    return entries.length;
  });
