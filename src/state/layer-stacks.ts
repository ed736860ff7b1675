/** Which layers a stack has, by its top layer: resolved once, since only flattening changes the parents of layers. */
import type { Reader } from "../engine/port.ts";
import { catalog } from "./keys.ts";
import { decodeLayer } from "./records.ts";

/** The most layers kept, counted over all stacks; 8 bytes each. All go when there are more. */
const LAYERS_KEPT_MAX = 200_000;
/** A stack that seems deeper has a damaged record: a layer that stands on itself. */
const STACK_LAYERS_MAX = 100_000;

const NOTHING_KNOWN: ReadonlyMap<string, readonly string[]> = new Map();

export class LayerStacks {
  readonly #stacks = new Map<string, readonly string[]>();
  readonly #onDeep: (top: string, depth: number) => void;
  #layersKept = 0;
  /** Goes up when layers got other parents. */
  generation = 0;

  /** `onDeep` hears of every stack that is resolved, so that deep ones can be flattened. */
  constructor(onDeep: (top: string, depth: number) => void = () => {}) {
    this.#onDeep = onDeep;
  }

  /** Forgets everything: layers got other parents. What was resolved before may be read until it is collected. */
  forget(): void {
    this.generation += 1;
    this.#stacks.clear();
    this.#layersKept = 0;
  }

  /**
   * The layers from `top` down to the bottom of its stack. `begunAt` is the generation when `reader` began: what it sees is kept
   * only if no layer got another parent since, for those whose place was taken are soon collected.
   */
  async resolve(reader: Reader, top: string, { begunAt }: { begunAt: number }): Promise<readonly string[]> {
    // A reader that began before layers got other parents may not see what is known now.
    if (begunAt !== this.generation) return this.#walkDown(reader, top, { known: NOTHING_KNOWN });
    const known = this.#stacks.get(top);
    if (known !== undefined) return known;
    const layers = await this.#walkDown(reader, top, { known: this.#stacks });
    this.#onDeep(top, layers.length);
    if (begunAt !== this.generation) return layers;
    if (this.#layersKept + layers.length > LAYERS_KEPT_MAX) {
      this.#stacks.clear();
      this.#layersKept = 0;
    }
    this.#stacks.set(top, layers);
    this.#layersKept += layers.length;
    return layers;
  }

  async #walkDown(
    reader: Reader,
    top: string,
    { known: stacks }: { known: ReadonlyMap<string, readonly string[]> },
  ): Promise<readonly string[]> {
    const layers: string[] = [];
    for (let layer = top; layer !== "";) {
      const known = stacks.get(layer);
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
