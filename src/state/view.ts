/**
 * A view of a world and a transaction on it: which stack of layers an account has, and what a transaction must do once it
 * has committed. Everything else in `state/` is functions over these two.
 */
import type { Engine, Reader, Transaction } from "../engine/port.ts";
import { catalog } from "./keys.ts";
import { decodeHead, decodeLayer, encodeHead, encodeLayer, type Head } from "./records.ts";
import type { Stack } from "./stack.ts";
import type { WorldCache } from "./world-cache.ts";

/** The namespace of buckets has a stack of its own, kept like an account's under this name. */
export const NAMESPACE = "namespace";

/** Parents of layers never change while anything stands on them: resolved stacks are kept by their top layer. */
export type LayerStacks = Map<string, readonly string[]>;
/** The most resolved stacks kept; each is a few dozen bytes a layer. */
const LAYER_STACKS_MAX = 10_000;

const EMPTY_STACK: Stack = { layers: [], epoch: 0 };

/** The layers from `top` down to the bottom of its stack. */
export const resolveLayers = async (reader: Reader, stacks: LayerStacks, top: string): Promise<readonly string[]> => {
  const known = stacks.get(top);
  if (known !== undefined) return known;
  const layers: string[] = [];
  for (let layer = top; layer !== "";) {
    layers.push(layer);
    const record = await reader.get(catalog.layer(layer));
    if (record === undefined) throw new Error(`layer ${layer} has no record`);
    layer = decodeLayer(record);
  }
  if (stacks.size >= LAYER_STACKS_MAX) stacks.clear();
  stacks.set(top, layers);
  return layers;
};

export type ViewScope = {
  readonly worldName: string;
  readonly cache: WorldCache;
  readonly layerStacks: LayerStacks;
  /** Keeps the bodies that were alive when it began; see bodies/reads.ts. */
  readonly readEpoch: number;
};

/** One consistent state of a world. */
export class View {
  readonly reader: Reader;
  readonly scope: ViewScope;
  /** The cache's generation when this view began: what it reads may be kept only if nothing changed since. */
  readonly generation: number;

  constructor(reader: Reader, scope: ViewScope) {
    this.reader = reader;
    this.scope = scope;
    this.generation = scope.cache.generation;
  }

  async head(accountId: string): Promise<Head | undefined> {
    const record = await this.reader.get(catalog.head(this.scope.worldName, accountId));
    return record === undefined ? undefined : decodeHead(record);
  }

  /** The account's stack, from the cache where it is known. */
  async stack(accountId: string): Promise<Stack> {
    const { cache, layerStacks } = this.scope;
    const cached = cache.stacks.get(accountId);
    if (cached !== undefined) return cached;
    const head = await this.head(accountId);
    if (head === undefined) return EMPTY_STACK;
    const stack = { layers: await resolveLayers(this.reader, layerStacks, head.layerId), epoch: head.epoch };
    cache.keepStack(accountId, { stack, generation: this.generation });
    return stack;
  }
}

/** What a transaction leaves to be done after its commit; made anew each time its function runs. */
export type Aftermath = {
  /** Bodies (files) that nothing refers to any more. */
  readonly deadBodies: string[];
  /** Bodies (files) that were received and that this transaction names. */
  readonly namedBodies: string[];
  /** Accounts whose head was written. */
  readonly changedHeads: Set<string>;
  /** Bucket names whose record or place in the namespace was written. */
  readonly changedBuckets: Set<string>;
};

export const newAftermath = (): Aftermath => ({
  deadBodies: [],
  namedBodies: [],
  changedHeads: new Set(),
  changedBuckets: new Set(),
});

export class Tx extends View {
  readonly tx: Transaction;
  readonly aftermath: Aftermath;
  readonly newLayerId: () => string;
  readonly #writable = new Map<string, Stack>();

  constructor(tx: Transaction, options: { scope: ViewScope; aftermath: Aftermath; newLayerId: () => string }) {
    super(tx, options.scope);
    this.tx = tx;
    this.aftermath = options.aftermath;
    this.newLayerId = options.newLayerId;
  }

  /** Read through the transaction, so that nothing lands in a layer that was sealed meanwhile. */
  override async stack(accountId: string): Promise<Stack> {
    const writable = this.#writable.get(accountId);
    if (writable !== undefined) return writable;
    const head = await this.head(accountId);
    if (head === undefined) return EMPTY_STACK;
    return { layers: await resolveLayers(this.reader, this.scope.layerStacks, head.layerId), epoch: head.epoch };
  }

  /** The account's stack with an unsealed layer on top, made if need be. */
  async writableStack(accountId: string): Promise<Stack> {
    const known = this.#writable.get(accountId);
    if (known !== undefined) return known;
    const head = await this.head(accountId);
    const below = head === undefined ? [] : await resolveLayers(this.reader, this.scope.layerStacks, head.layerId);
    const epoch = head?.epoch ?? 0;
    const layers = head !== undefined && !head.sealed ? below : [this.#pushLayer(accountId, { head }), ...below];
    const stack: Stack = { layers, epoch };
    this.#writable.set(accountId, stack);
    return stack;
  }

  #pushLayer(accountId: string, { head }: { head: Head | undefined }): string {
    const layerId = this.newLayerId();
    this.tx.put(catalog.layer(layerId), encodeLayer(head?.layerId ?? ""));
    this.setHead(accountId, { layerId, epoch: head?.epoch ?? 0, sealed: false });
    return layerId;
  }

  /** Makes `accountId` empty: a new bottom layer, a new epoch. */
  async startEmpty(accountId: string): Promise<void> {
    const head = await this.head(accountId);
    const layerId = this.newLayerId();
    this.tx.put(catalog.layer(layerId), encodeLayer(""));
    this.setHead(accountId, { layerId, epoch: (head?.epoch ?? 0) + 1, sealed: false });
    this.#writable.delete(accountId);
  }

  setHead(accountId: string, head: Head): void {
    this.tx.put(catalog.head(this.scope.worldName, accountId), encodeHead(head));
    this.aftermath.changedHeads.add(accountId);
  }
}

/** Runs `fn` as one transaction on the scope's world; resolves after the commit and what it leaves to be done. */
export const runTransaction = async <T>(
  engine: Engine,
  options: {
    scope: ViewScope;
    newLayerId: () => string;
    afterCommit: (aftermath: Aftermath) => void;
    fn: (tx: Tx) => Promise<T>;
  },
): Promise<T> => {
  const { scope, newLayerId, afterCommit, fn } = options;
  let aftermath = newAftermath();
  const result = await engine.transact((transaction) => {
    aftermath = newAftermath();
    return fn(new Tx(transaction, { scope, aftermath, newLayerId }));
  });
  afterCommit(aftermath);
  return result;
};
