/** Examines the store of a server that runs. Nothing waits for it but the collection and the flattening of layers. */
import { EngineClosedError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/port.ts";
import type { Files } from "../../platform/files.ts";
import { catalog } from "../keys.ts";
import type { Hold, LayerKeeper } from "../layers/layer-keeper.ts";
import { transactOnLayers } from "../layers/layer-work.ts";
import { decodeHead, encodeHead } from "../records.ts";
import type { Tx } from "../view.ts";
import type { WorldHost } from "../world.ts";
import type { CreateHasher } from "./body-use.ts";
import { readCatalog, type Catalog } from "./catalog.ts";
import { checkStore } from "./check-store.ts";
import type { Finding } from "./finding.ts";
import { pagesOf } from "./pages.ts";

export type RunningOptions = {
  readonly host: WorldHost;
  readonly keeper: LayerKeeper;
  readonly files: Files;
  readonly bodiesDir: string;
  readonly bootId: string;
  readonly createHasher: CreateHasher;
};

/**
 * What is wrong with the store as it is at one instant. Seals every head then, so that no layer changes while it is read: the next
 * write of each account makes a new one. Throws `EngineClosedError` when the server
 * stops meanwhile.
 */
export async function* checkRunning(options: RunningOptions): AsyncGenerator<Finding> {
  const { host, keeper, files, bodiesDir, bootId, createHasher } = options;
  const hold = await keeper.hold();
  try {
    const { catalog, endId } = await transactOnLayers(host, sealAndRead);
    const engine = endingWith(host.engine, hold);
    for await (const found of checkStore({
      engine,
      files,
      bodiesDir,
      createHasher,
      running: { bootId, catalog, endId },
    })) {
      const { kind, severity, text, repair } = found;
      // What waits for the collection is at work here, and was not left.
      if (severity === "fault") yield { kind, severity, text, ...(repair === undefined ? {} : { repair }) };
    }
  } finally {
    hold.release();
  }
}

/** The engine until the server begins to stop. */
const endingWith = (engine: Engine, hold: Hold): Engine => ({
  ...engine,
  read: (fn) => (hold.isEnding() ? Promise.reject(new EngineClosedError()) : engine.read(fn)),
});

const sealAndRead = async ({ tx, newId }: Tx): Promise<{ catalog: Catalog; endId: string }> => {
  const source = { read: <T>(fn: (reader: typeof tx) => Promise<T>): Promise<T> => fn(tx) };
  for await (const page of pagesOf(source, catalog.allHeads)) {
    for (const [key, record] of page) {
      const head = decodeHead(record);
      // What is kept in memory of a stack does not say whether it is sealed.
      if (!head.sealed) tx.put(key, encodeHead({ ...head, sealed: true }));
    }
  }
  return { catalog: await readCatalog(source), endId: newId() };
};
