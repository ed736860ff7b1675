/**
 * Goes through a whole store and says what does not fit together. It reads in pages; what it keeps in memory is a bit for each
 * body and holder, and a record for each layer.
 */
import type { Engine, Entry, Reader } from "../../engine/port.ts";
import type { Files } from "../../platform/files.ts";
import { allLayered, catalog as keys, LAYER_PREFIX_CHARS, layerPrefix } from "../keys.ts";
import { encodeLayer } from "../records.ts";
import { BodyUse, type CreateHasher, type DueFile } from "./body-use.ts";
import { readCatalog, type Catalog } from "./catalog.ts";
import { fault, quoted, type Found } from "./finding.ts";
import { isId } from "./id-set.ts";
import { LayerCheck } from "./layer-check.ts";
import { checkNames } from "./names.ts";
import { pagesOf, steadyReader, upTo } from "./pages.ts";
import { checkFile, checkStoredBodies, type BodyCheck } from "./stored-bodies.ts";

export type CheckOptions = {
  readonly engine: Engine;
  readonly files: Files;
  readonly bodiesDir: string;
  /** Makes what bytes are held against checksums with. */
  readonly createHasher: CreateHasher;
  /** Of a server that runs: its boot, the catalog as it was at one instant at which every head was sealed, and an id drawn then. */
  readonly running?: { readonly bootId: string; readonly catalog: Catalog; readonly endId: string };
};

/** Everything that is wrong. Of a store that nobody writes to, or whose layers are neither collected nor merged meanwhile. */
export async function* checkStore(options: CheckOptions): AsyncGenerator<Found> {
  const { engine, running } = options;
  const catalog = running?.catalog ?? (await readCatalog(engine));
  yield* catalog.findings;
  const use = new BodyUse(options.createHasher);
  const bodies: BodyCheck = {
    ...options,
    use,
    unfinishedBoots: catalog.unfinishedBoots,
    runningBoot: running?.bootId,
    endId: running?.endId,
    isLookedAt: (layerId) => running === undefined || catalog.reachable.has(layerId),
  };
  const progress = { isUncertain: false };
  yield* checkLayers(options, { catalog, bodies, progress });
  yield* checkNames(engine, catalog);
  for await (const found of checkStoredBodies(bodies)) yield progress.isUncertain ? unmended(found) : found;
}

/** Where a record cannot be read nobody knows which bodies it holds. */
const unmended = ({ kind, severity, text }: Found): Found => ({ kind, severity, text });

type Progress = { isUncertain: boolean };

async function* checkLayers(
  { engine, running }: CheckOptions,
  { catalog, bodies, progress }: { catalog: Catalog; bodies: BodyCheck; progress: Progress },
): AsyncGenerator<Found> {
  const reader = steadyReader(engine);
  let layer: LayerCheck | undefined;
  const end = async function* (): AsyncGenerator<Found> {
    const ended = layer;
    if (ended === undefined) return;
    if (catalog.reachable.has(ended.layerId)) yield* await ended.finish(reader);
    progress.isUncertain ||= ended.isUncertain;
  };

  for await (const page of pagesOf(engine, upTo(allLayered, running?.endId))) {
    for (const [layerId, entries] of byLayer(page)) {
      if (layer?.layerId !== layerId) {
        yield* end();
        layer = new LayerCheck(stackOf(layerId, catalog));
        // A running server goes on making layers.
        if (!catalog.parents.has(layerId) && running === undefined) yield strayLayer(layerId, catalog);
      }
      yield* await lookAt(layer, { reader, entries, bodies, isReachable: catalog.reachable.has(layerId) });
    }
  }
  yield* end();
}

const stackOf = (layerId: string, catalog: Catalog): readonly string[] => {
  const stack = catalog.stackOf(layerId);
  return stack.length === 0 ? [layerId] : stack;
};

const byLayer = (page: readonly Entry[]): Map<string, Entry[]> => {
  const layers = new Map<string, Entry[]>();
  for (const entry of page) {
    const layerId = entry[0].slice(1, LAYER_PREFIX_CHARS);
    const entries = layers.get(layerId);
    if (entries === undefined) layers.set(layerId, [entry]);
    else entries.push(entry);
  }
  return layers;
};

/** Records of a layer that has none itself. Where something leads to it, its parent is not known. */
const strayLayer = (layerId: string, { reachable, states }: Catalog): Found => {
  const isNeeded = reachable.has(layerId) || states.some(({ tops }) => [...tops.values()].includes(layerId));
  const mending = {
    repair: "leaves them to the collection of layers",
    mend: async (tx) => tx.put(keys.layer(layerId), encodeLayer("")),
  } satisfies Pick<Found, "repair" | "mend">;
  const text = `there are records ${quoted(layerPrefix(layerId))} of a layer that has none itself`;
  return fault("layer", text, isNeeded || !isId(layerId) ? {} : mending);
};

const lookAt = async (
  layer: LayerCheck,
  options: { reader: Reader; entries: readonly Entry[]; bodies: BodyCheck; isReachable: boolean },
): Promise<Found[]> => {
  const { reader, entries, bodies, isReachable } = options;
  const { findings, records } = await layer.look(reader, { entries, isReachable });
  const due: DueFile[] = [];
  for (const record of records) {
    bodies.use.note(record);
    if (isReachable) findings.push(...(await bodies.use.look(reader, record, due)));
  }
  for (const file of due) {
    const found = await checkFile(bodies, file);
    if (found !== undefined) findings.push(found);
  }
  return findings;
};
