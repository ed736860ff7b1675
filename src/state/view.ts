/**
 * A view of a world and a transaction on it: which stack of layers an account has, and what a transaction must do once it
 * has committed. Everything else in `state/` is functions over these two.
 */
import { CommitFailedError } from "../engine/errors.ts";
import type { Engine, Reader, Transaction } from "../engine/port.ts";
import type { Due } from "./due.ts";
import type { NotedDue } from "./due-times.ts";
import { AccountChangedError, WorldGoneError } from "./errors.ts";
import { catalog } from "./keys.ts";
import type { LayerStacks } from "./layer-stacks.ts";
import type { Bucket } from "./model.ts";
import {
  decodeHead,
  decodeWorld,
  encodeHead,
  encodeLayer,
  encodeWorld,
  type Head,
  type WorldRecord,
} from "./records.ts";
import type { Stack } from "./stack.ts";
import type { WorldCache } from "./world-cache.ts";

/** The namespace of buckets has a stack of its own, kept like an account's under this name. */
export const NAMESPACE = "namespace";

/** Stands for the top layer of an account that never held anything when it was snapshot. */
export const NO_LAYER = "";

/** Of no cache. */
const NO_GENERATION = -1;

const EMPTY_STACK: Stack = { layers: [], epoch: 0 };

export type ViewScope = {
  readonly worldName: string;
  readonly cache: WorldCache;
  readonly layerStacks: LayerStacks;
  /** Keeps the bodies that were alive when it began; see bodies/reads.ts. */
  readonly readEpoch: number;
};

const sameEpoch = (stack: Stack, bucket: Bucket): Stack => {
  if (stack.epoch !== bucket.epoch) throw new AccountChangedError(bucket.accountId);
  return stack;
};

/** One consistent state of a world. */
export class View {
  readonly reader: Reader;
  readonly scope: ViewScope;
  #generation: number;
  readonly #layersBegunAt: number;

  constructor(reader: Reader, scope: ViewScope) {
    this.reader = reader;
    this.scope = scope;
    this.#generation = scope.cache.generation;
    this.#layersBegunAt = scope.layerStacks.generation;
  }

  /** The world's cache while it shows what this view sees: once anything was dropped, it may know of later commits. */
  get cache(): WorldCache | undefined {
    const { cache } = this.scope;
    return cache.generation === this.#generation ? cache : undefined;
  }

  /**
   * From now on all is read anew. A view that begins while a commit is on its way may see it before the cache has heard of it;
   * that shows where two accounts' stacks, one of them from the cache, contradict each other.
   */
  distrustCache(): void {
    this.#generation = NO_GENERATION;
  }

  /** The world's own record. Throws `WorldGoneError` when the world was deleted. */
  async worldRecord(): Promise<WorldRecord> {
    const { worldName } = this.scope;
    const record = await this.reader.get(catalog.world(worldName));
    if (record === undefined) throw new WorldGoneError(worldName);
    return decodeWorld(record);
  }

  async head(accountId: string): Promise<Head | undefined> {
    const record = await this.reader.get(catalog.head(this.scope.worldName, accountId));
    return record === undefined ? undefined : decodeHead(record);
  }

  /** The account's stack, from the cache where it is known. */
  stack(accountId: string): Stack | Promise<Stack> {
    return this.cache?.stacks.get(accountId) ?? this.#readStack(accountId);
  }

  async #readStack(accountId: string): Promise<Stack> {
    const head = await this.head(accountId);
    if (head === undefined) return EMPTY_STACK;
    const stack: Stack = { layers: await this.layersFrom(head.layerId), epoch: head.epoch };
    this.cache?.keepStack(accountId, stack);
    return stack;
  }

  /** The stack that holds a bucket. Throws `AccountChangedError` when its account was reset or restored since it was read. */
  stackOf(bucket: Bucket): Stack | Promise<Stack> {
    const stack = this.stack(bucket.accountId);
    return stack instanceof Promise ? stack.then((found) => sameEpoch(found, bucket)) : sameEpoch(stack, bucket);
  }

  /** The layers from `layerId` down to the bottom of its stack. */
  layersFrom(layerId: string): Promise<readonly string[]> {
    return this.scope.layerStacks.resolve(this.reader, layerId, { begunAt: this.#layersBegunAt });
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
  /** Accounts of which an identity was written, in either home. */
  readonly changedIdentities: Set<string>;
  /** Whether a head or snapshot let go of its layers. */
  abandonsLayers: boolean;
  /** Work that falls due, where any was written. */
  dues?: NotedDue[];
  /** The world's own record, where it was written. */
  worldRecord?: WorldRecord;
};

export const newAftermath = (): Aftermath => ({
  deadBodies: [],
  namedBodies: [],
  changedHeads: new Set(),
  changedBuckets: new Set(),
  changedIdentities: new Set(),
  abandonsLayers: false,
});

export class Tx extends View {
  readonly tx: Transaction;
  readonly aftermath: Aftermath;
  /** Draws an id for a layer, a bucket or a holder; see internal-ids.ts. */
  readonly newId: () => string;
  readonly #writable = new Map<string, Stack>();

  constructor(tx: Transaction, options: { scope: ViewScope; aftermath: Aftermath; newId: () => string }) {
    super(tx, options.scope);
    this.tx = tx;
    this.aftermath = options.aftermath;
    this.newId = options.newId;
  }

  /** None: all is read through the transaction, so that nothing lands in a layer that was sealed meanwhile. */
  override get cache(): undefined {
    return undefined;
  }

  override stack(accountId: string): Stack | Promise<Stack> {
    return this.#writable.get(accountId) ?? super.stack(accountId);
  }

  /** The account's stack with an unsealed layer on top, made if need be. */
  async writableStack(accountId: string): Promise<Stack> {
    const known = this.#writable.get(accountId);
    if (known !== undefined) return known;
    const head = await this.head(accountId);
    // A deleted world has no heads: nobody may give it one.
    if (head === undefined) await this.worldRecord();
    const below = head === undefined ? [] : await this.layersFrom(head.layerId);
    const epoch = head?.epoch ?? 0;
    const layers = head !== undefined && !head.sealed ? below : [this.#pushLayer(accountId, { head }), ...below];
    const stack: Stack = { layers, epoch };
    this.#writable.set(accountId, stack);
    return stack;
  }

  #pushLayer(accountId: string, { head }: { head: Head | undefined }): string {
    const layerId = this.newId();
    this.tx.put(catalog.layer(layerId), encodeLayer(head?.layerId ?? ""));
    this.setHead(accountId, { layerId, epoch: head?.epoch ?? 0, sealed: false });
    return layerId;
  }

  /** Makes `accountId` empty: a new bottom layer, a new epoch. */
  async startEmpty(accountId: string): Promise<void> {
    const head = await this.head(accountId);
    const layerId = this.newId();
    this.tx.put(catalog.layer(layerId), encodeLayer(""));
    this.setHead(accountId, { layerId, epoch: (head?.epoch ?? 0) + 1, sealed: false });
    this.aftermath.abandonsLayers = true;
    this.#writable.delete(accountId);
  }

  /** Work was written that falls due. */
  noteDue(accountId: string, { kind, dueAtMs, id }: Pick<Due, "kind" | "dueAtMs" | "id">): void {
    (this.aftermath.dues ??= []).push({ kind, accountId, dueAtMs, id });
  }

  /** Writes the world's own record; the world goes by it from the commit on. */
  putWorldRecord(record: WorldRecord): void {
    this.tx.put(catalog.world(this.scope.worldName), encodeWorld(record));
    this.aftermath.worldRecord = record;
  }

  setHead(accountId: string, head: Head): void {
    this.tx.put(catalog.head(this.scope.worldName, accountId), encodeHead(head));
    this.aftermath.changedHeads.add(accountId);
  }
}

/**
 * Runs `fn` as one transaction on the scope's world; resolves after the commit and what it leaves to be done. `inDoubt` is told
 * what was written when nobody knows whether the commit took place.
 */
export const runTransaction = async <T>(
  engine: Engine,
  options: {
    scope: ViewScope;
    newId: () => string;
    afterCommit: (aftermath: Aftermath) => void;
    inDoubt: (aftermath: Aftermath) => void;
    fn: (tx: Tx) => Promise<T>;
  },
): Promise<T> => {
  const { scope, newId, afterCommit, inDoubt, fn } = options;
  let aftermath = newAftermath();
  try {
    const result = await engine.transact((transaction) => {
      aftermath = newAftermath();
      return fn(new Tx(transaction, { scope, aftermath, newId }));
    });
    afterCommit(aftermath);
    return result;
  } catch (error) {
    if (error instanceof CommitFailedError) inDoubt(aftermath);
    throw error;
  }
};
