/** A world: one isolated AWS. All reading and writing of state goes through one. */
import type { Engine } from "../engine/port.ts";
import type { Bodies } from "./bodies/bodies.ts";
import type { Draw } from "./id-stream.ts";
import { IdStream } from "./id-stream.ts";
import { catalog } from "./keys.ts";
import type { LayerStacks } from "./layer-stacks.ts";
import type { WorldSettings } from "./model.ts";
import { decodeWorld, encodeWorld, type WorldRecord } from "./records.ts";
import { runTransaction, View, type Aftermath, type Tx } from "./view.ts";
import { WorldCache } from "./world-cache.ts";

/** What all worlds of a store share. */
export type WorldHost = {
  readonly engine: Engine;
  readonly bodies: Bodies;
  readonly layerStacks: LayerStacks;
  readonly newId: () => string;
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

  /** Changes settings; a member that is named with `undefined` is taken away. */
  async updateSettings(change: SettingsChange): Promise<void> {
    await this.updateRecord((record) => ({ ...record, settings: mergeSettings(record.settings, change) }));
  }

  /** Changes the world's own record in a transaction, so that of two changes at once none is lost. */
  async updateRecord(change: (record: WorldRecord) => WorldRecord): Promise<void> {
    const key = catalog.world(this.name);
    this.#record = await this.host.engine.transact(async (tx) => {
      const present = await tx.get(key);
      const record = change(present === undefined ? this.#record : decodeWorld(present));
      tx.put(key, encodeWorld(record));
      return record;
    });
  }

  /** Starts the id stream anew from `seed`, 64 hex digits. */
  async reseed(seed: string): Promise<void> {
    await this.updateRecord((record) => ({ ...record, seed }));
    await this.host.engine.transact(async (tx) => tx.put(catalog.idPosition(this.name), "0"));
    this.#ids = this.#newIds();
  }

  /** One position of the world's id stream: drawn once for each request. */
  draw(): Draw | Promise<Draw> {
    return this.#ids.draw();
  }

  /** Runs `fn` on one consistent state, for at most a second. `fn` awaits nothing but the view. */
  async read<T>(fn: (view: View) => Promise<T>): Promise<T> {
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

  #forgetChanged({ changedHeads, changedBuckets }: Aftermath): void {
    this.cache.drop({ heads: changedHeads, buckets: changedBuckets });
  }

  /** The commit may have taken place. */
  #inDoubt(aftermath: Aftermath): void {
    this.#forgetChanged(aftermath);
    if (aftermath.deadBodies.length > 0) this.host.bodies.dead.doubt();
  }

  #afterCommit(aftermath: Aftermath): void {
    this.#forgetChanged(aftermath);
    const { deadBodies, namedBodies } = aftermath;
    if (namedBodies.length > 0) this.host.bodies.keep(namedBodies);
    if (deadBodies.length > 0) void this.host.bodies.dead.bury(deadBodies);
  }

  #newIds(): IdStream {
    const seed = Buffer.from(this.#record.seed, "hex");
    return new IdStream({ seed, lease: (positions) => this.#leaseIds(positions) });
  }

  async #leaseIds(positions: number): Promise<number> {
    const key = catalog.idPosition(this.name);
    return this.host.engine.transact(async (tx) => {
      const start = Number((await tx.get(key)) ?? 0);
      tx.put(key, String(start + positions));
      return start;
    });
  }
}
