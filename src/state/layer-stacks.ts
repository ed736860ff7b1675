/** Which layers a stack has, by its top layer: resolved once, since the parents of layers never change. */
import type { Reader } from "../engine/port.ts";
import { catalog } from "./keys.ts";
import { decodeLayer } from "./records.ts";

/** The most layers kept, counted over all stacks; 8 bytes each. All go when there are more. */
const LAYERS_KEPT_MAX = 200_000;
/** A stack that seems deeper has a damaged record: a layer that stands on itself. */
const STACK_LAYERS_MAX = 100_000;

export class LayerStacks {
  readonly #stacks = new Map<string, readonly string[]>();
  #layersKept = 0;

  /** The layers from `top` down to the bottom of its stack. */
  async resolve(reader: Reader, top: string): Promise<readonly string[]> {
    const known = this.#stacks.get(top);
    if (known !== undefined) return known;
    const layers = await this.#walkDown(reader, top);
    if (this.#layersKept + layers.length > LAYERS_KEPT_MAX) {
      this.#stacks.clear();
      this.#layersKept = 0;
    }
    this.#stacks.set(top, layers);
    this.#layersKept += layers.length;
    return layers;
  }

  async #walkDown(reader: Reader, top: string): Promise<readonly string[]> {
    const layers: string[] = [];
    for (let layer = top; layer !== "";) {
      const known = this.#stacks.get(layer);
      if (known !== undefined) return [...layers, ...known];
      layers.push(layer);
      if (layers.length > STACK_LAYERS_MAX) throw new Error(`the stack of layer ${top} has no bottom`);
      const record = await reader.get(catalog.layer(layer));
      if (record === undefined) throw new Error(`layer ${layer} has no record`);
      layer = decodeLayer(record);
    }
    return layers;
  }
}
