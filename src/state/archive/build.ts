/**
 * Building what an archive holds in new layers that nothing leads to but a pin: an import that does not come to its end leaves
 * only layers behind, which the collection takes away with all that they hold.
 */
import { adoptBody, shareExtents } from "../bodies/references.ts";
import { catalog, layered } from "../keys.ts";
import type { Extent } from "../model.ts";
import { pinLayer } from "../pinned-snapshot.ts";
import { encodeLayer, encodeManifestChunk } from "../records.ts";
import { putLayered, type Stack } from "../stack.ts";
import type { Tx } from "../view.ts";
import type { World } from "../world.ts";
import { damaged } from "./format.ts";
import type { HeldBody } from "./held-bodies.ts";

/** The extents of the bytes of a digest, for a record that is about to be written in the layer of `stack`. */
export type TakeBytes = (stack: Stack, bytes: { body: string | undefined; sizeBytes: number }) => Promise<Extent[]>;

/** A step of a transaction, which may run more than once. */
export type Step = (tx: Tx, take: TakeBytes) => Promise<void>;

export class LayerBuilder {
  readonly world: World;
  readonly importId: string;
  #spare: Stack | undefined;

  constructor(world: World, importId: string) {
    this.world = world;
    this.importId = importId;
  }

  /** A new layer at the bottom of a stack of its own. */
  async newStack(): Promise<Stack> {
    const layerId = this.world.host.newId();
    await this.world.transact(async (tx) => {
      tx.tx.put(catalog.layer(layerId), encodeLayer(""));
      pinLayer(tx, this.importId, layerId);
    });
    return { layers: [layerId], epoch: 0 };
  }

  /** Runs the steps of a file of records, which are the first to take `bodies`, as one transaction. */
  async run(steps: readonly Step[], bodies: ReadonlyMap<string, HeldBody>): Promise<void> {
    await this.world.transact(async (tx) => {
      const taken = new Set<string>();
      for (const step of steps) await step(tx, (stack, bytes) => this.#take(tx, { stack, bytes, bodies, taken }));
      for (const digest of bodies.keys()) if (!taken.has(digest)) throw damaged(`nothing takes the body ${digest}`);
    });
  }

  /** Keeps bodies whose records are not imported: records of others may name them. */
  async keepSpare(bodies: ReadonlyMap<string, HeldBody>): Promise<void> {
    if (bodies.size === 0) return;
    this.#spare ??= await this.newStack();
    const stack = this.#spare;
    const steps = [...bodies].map(([body, held]): Step => async (tx, take) => {
      const { sizeBytes } = held.body;
      const part = { partNumber: 0, sizeBytes, extents: await take(stack, { body, sizeBytes }) };
      const manifest = layered.manifest(this.importId, body, 1);
      putLayered(tx.tx, stack, [layered.manifestChunk(manifest, 0), encodeManifestChunk([part])]);
    });
    await this.run(steps, bodies);
  }

  async #take(
    tx: Tx,
    options: {
      stack: Stack;
      bytes: Parameters<TakeBytes>[1];
      bodies: ReadonlyMap<string, HeldBody>;
      taken: Set<string>;
    },
  ): Promise<Extent[]> {
    const { stack, bytes, bodies, taken } = options;
    const { body: digest, sizeBytes } = bytes;
    if (digest === undefined) {
      if (sizeBytes !== 0) throw damaged("a record of bytes names no body");
      return [];
    }
    const at = catalog.importedBody(this.importId, digest);
    const held = taken.has(digest) ? undefined : bodies.get(digest);
    if (held !== undefined) {
      taken.add(digest);
      const extents = adoptBody(tx, stack, held.body);
      tx.tx.put(at, JSON.stringify(extents));
      return sized(extents, { digest, sizeBytes });
    }
    const known = await tx.reader.get(at);
    if (known === undefined) throw damaged(`a record names a body ${digest} that is not there`);
    const extents = sized(JSON.parse(known) as Extent[], { digest, sizeBytes });
    return shareExtents(tx, stack, { extents });
  }
}

const sized = (extents: Extent[], { digest, sizeBytes }: { digest: string; sizeBytes: number }): Extent[] => {
  const bytes = extents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  if (bytes !== sizeBytes) throw damaged(`the body ${digest} has ${bytes} bytes, its record says ${sizeBytes}`);
  return extents;
};
