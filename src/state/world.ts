/** A world: one isolated AWS. All reading and writing of state goes through one. */
import type { Engine } from "../engine/port.ts";
import { Activity } from "./activity.ts";
import type { Bodies } from "./bodies/bodies.ts";
import { WorldGoneError } from "./errors.ts";
import type { Draw } from "./id-stream.ts";
import { IdStream } from "./id-stream.ts";
import { catalog } from "./keys.ts";
import type { LayerStacks } from "./layer-stacks.ts";
import type { WorldSettings } from "./model.ts";
import type { WorldRecord } from "./records.ts";
import { runTransaction, View, type Aftermath, type Tx } from "./view.ts";
import { WorldCache } from "./world-cache.ts";

/** What all worlds of a store share. */
export type WorldHost = {
  readonly engine: Engine;
  readonly bodies: Bodies;
  readonly layerStacks: LayerStacks;
  readonly newId: () => string;
  /** Called after a commit that may have left layers behind which nothing leads to. */
  readonly layersAbandoned: () => void;
  /** Drops every world's stacks from memory: layers got other parents. */
  readonly forgetStacks: () => void;
};

export type SettingsChange = { readonly [Name in keyof WorldSettings]?: WorldSettings[Name] | undefined };

/** `settings` with `change` applied; a member that is named with `undefined` is taken away. */
export const mergeSettings = (settings: WorldSettings, change: SettingsChange): WorldSettings => {
  const merged = Object.entries({ ...settings, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(merged) as WorldSettings;
};

export class World {
  readonly name: string;
  readonly host: WorldHost;
  readonly cache = new WorldCache();
  /** When it was last used, and by how many it is now. */
  readonly activity = new Activity();
  /** `ending`: its last transaction is under way. */
  #life: "there" | "ending" | "gone" = "there";
  #record: WorldRecord;
  #ids: IdStream;

  constructor(options: { name: string; host: WorldHost; record: WorldRecord }) {
    this.name = options.name;
    this.host = options.host;
    this.#record = options.record;
    this.#ids = this.#newIds();
  }

  /** The world's id stream. */
  get ids(): IdStream {
    return this.#ids;
  }

  get record(): WorldRecord {
    return this.#record;
  }

  /** The settings as they are now. */
  get settings(): WorldSettings {
    return this.#record.settings;
  }

  /** Whether it was deleted. */
  get isGone(): boolean {
    return this.#life === "gone";
  }

  /**
   * Goes by what is stored of it from now on, nothing if it is gone: commits may have taken place that were thought to have
   * failed. Call it while no transaction runs.
   */
  renew(record: WorldRecord | undefined): void {
    if (record === undefined) {
      this.#life = "gone";
      return;
    }
    this.#record = record;
    // Its position may have been set, and its seed.
    this.#ids = this.#newIds();
  }

  #assertThere(): void {
    if (this.isGone || this.#life === "ending") throw new WorldGoneError(this.name);
  }

  /** Changes settings; a member that is named with `undefined` is taken away. */
  async updateSettings(change: SettingsChange): Promise<void> {
    await this.updateRecord((record) => ({ ...record, settings: mergeSettings(record.settings, change) }));
  }

  /** Changes the world's own record in a transaction, so that of two changes at once none is lost. */
  async updateRecord(change: (record: WorldRecord) => WorldRecord): Promise<void> {
    await this.transact(async (tx) => tx.putWorldRecord(change(await tx.worldRecord())));
  }

  /** Starts the id stream anew from `seed`, 64 hex digits. */
  async reseed(seed: string): Promise<void> {
    await this.transact(async (tx) => {
      tx.putWorldRecord({ ...(await tx.worldRecord()), seed });
      tx.tx.put(catalog.idPosition(this.name), "0");
    });
    this.#ids = this.#newIds();
  }

  /** One position of the world's id stream: drawn once for each request. */
  draw(): Draw | Promise<Draw> {
    return this.#ids.draw();
  }

  /** Runs `fn` on one consistent state, for at most a second. `fn` awaits nothing but the view. */
  async read<T>(fn: (view: View) => Promise<T>): Promise<T> {
    this.#assertThere();
    const { engine, bodies, layerStacks } = this.host;
    const readEpoch = bodies.reads.begin();
    const scope = { worldName: this.name, cache: this.cache, layerStacks, readEpoch };
    try {
      return await engine.read((reader) => fn(new View(reader, scope)));
    } finally {
      bodies.reads.end(readEpoch);
    }
  }

  /** Runs `fn` as a transaction; it may run more than once and awaits nothing but its transaction. */
  async transact<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    // Transactions run in their order: whatever got past this runs before the one that deletes the world.
    this.#assertThere();
    return this.#run(fn);
  }

  /** Runs `fn` as the world's last transaction: all other work is refused from now on, unless it fails. */
  async transactLast<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    this.#assertThere();
    this.#life = "ending";
    try {
      const result = await this.#run(fn);
      this.#life = "gone";
      return result;
    } catch (error) {
      // It may be gone after all.
      if (this.#life === "ending") this.#life = "there";
      throw error;
    }
  }

  async #run<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    const { engine, bodies, layerStacks, newId } = this.host;
    const readEpoch = bodies.reads.begin();
    const scope = { worldName: this.name, cache: this.cache, layerStacks, readEpoch };
    const afterCommit = (aftermath: Aftermath): void => this.#afterCommit(aftermath);
    const inDoubt = (aftermath: Aftermath): void => this.#inDoubt(aftermath);
    try {
      return await runTransaction(engine, { scope, newId, afterCommit, inDoubt, fn });
    } finally {
      bodies.reads.end(readEpoch);
    }
  }

  #forgetChanged({ changedHeads, changedBuckets, changedIdentities }: Aftermath): void {
    this.cache.drop({ heads: changedHeads, buckets: changedBuckets, identities: changedIdentities });
  }

  /** The commit may have taken place. */
  #inDoubt(aftermath: Aftermath): void {
    this.#forgetChanged(aftermath);
    this.cache.bucketCounts.clear();
    if (aftermath.dues !== undefined) this.cache.dueTimes.note(aftermath.dues);
    if (aftermath.deadBodies.length > 0) this.host.bodies.dead.doubt();
  }

  #afterCommit(aftermath: Aftermath): void {
    this.#forgetChanged(aftermath);
    const { deadBodies, namedBodies, worldRecord, dues } = aftermath;
    if (worldRecord !== undefined) this.#record = worldRecord;
    if (dues !== undefined) this.cache.dueTimes.note(dues);
    // Its clock may have been moved.
    else if (worldRecord !== undefined) this.cache.dueTimes.changed();
    if (aftermath.abandonsLayers) this.host.layersAbandoned();
    if (namedBodies.length > 0) this.host.bodies.keep(namedBodies);
    if (deadBodies.length > 0) void this.host.bodies.dead.bury(deadBodies);
  }

  #newIds(): IdStream {
    const seed = Buffer.from(this.#record.seed, "hex");
    return new IdStream({ seed, lease: (positions) => this.#leaseIds(positions) });
  }

  async #leaseIds(positions: number): Promise<number> {
    const key = catalog.idPosition(this.name);
    this.#assertThere();
    return this.host.engine.transact(async (tx) => {
      const start = Number((await tx.get(key)) ?? 0);
      tx.put(key, String(start + positions));
      return start;
    });
  }
}
