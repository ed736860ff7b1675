/**
 * Views: consistent reads that cost no snapshot while nothing is being written. Views that begin between two batches share an
 * epoch; it reads the database directly, and is given a snapshot only when a batch is about to change what its views have begun
 * to read, or when a view begins to read while a batch is under way.
 */
import { EngineClosedError, ViewExpiredError } from "../errors.ts";
import { assertKey, assertLimit, assertRange } from "../keys.ts";
import { VIEW_MS_MAX } from "../port.ts";
import type { Entry, Key, KeyRange, Reader, ScanOptions } from "../port.ts";
import type { Disk, DiskSnapshot } from "./disk.ts";
import { PULSE_MS, type Pulse } from "./pulse.ts";

const VIEW_TICKS_MAX = VIEW_MS_MAX / PULSE_MS;

/** One committed state, and how many views read it. */
type Epoch = { snapshot: DiskSnapshot | undefined; readers: number; joinedAtTick: number; expired: boolean };

const newEpoch = (): Epoch => ({ snapshot: undefined, readers: 0, joinedAtTick: 0, expired: false });

export class Views {
  readonly disk: Disk;
  readonly pulse: Pulse;
  closed = false;
  #epoch = newEpoch();
  /** Former epochs that views still read. */
  readonly #former = new Set<Epoch>();
  #writing = false;
  #open = 0;
  #onNoneOpen: (() => void) | undefined;
  /** While the database is closed and opened again. */
  #suspension: Promise<void> | undefined;
  /** Tries to open a database that could not be opened again. */
  readonly #recover: () => Promise<void>;

  constructor(options: { disk: Disk; pulse: Pulse; recover: () => Promise<void> }) {
    this.disk = options.disk;
    this.pulse = options.pulse;
    this.#recover = options.recover;
  }

  get isSuspended(): boolean {
    return this.#suspension !== undefined;
  }

  get areOpen(): boolean {
    return this.#open > 0;
  }

  async read<T>(fn: (view: Reader) => Promise<T>): Promise<T> {
    this.#open++;
    this.pulse.start();
    const view = new LevelView(this);
    try {
      if (this.#suspension !== undefined) await this.#suspension;
      if (!this.disk.isOpen()) await this.#recover();
      return await fn(view);
    } finally {
      view.end();
      if (--this.#open === 0) this.#onNoneOpen?.();
    }
  }

  /** The state that a view reads from its first read on. It holds every write acknowledged so far. */
  join(): Epoch {
    const epoch = this.#epoch;
    epoch.readers++;
    epoch.joinedAtTick = this.pulse.now;
    // No write is acknowledged while the batch is under way, so whoever comes during it may share one snapshot; that has the
    // whole batch or nothing of it.
    if (this.#writing) epoch.snapshot ??= this.disk.snapshot();
    return epoch;
  }

  leave(epoch: Epoch): void {
    if (--epoch.readers === 0 && this.#former.delete(epoch)) epoch.snapshot?.close();
  }

  /** Must be called before each batch. */
  beforeBatch(): void {
    this.#writing = true;
    if (this.#epoch.readers > 0) this.#epoch.snapshot ??= this.disk.snapshot();
  }

  /** Must be called after each batch, before its writes are acknowledged. */
  afterBatch(): void {
    this.#writing = false;
    const former = this.#epoch;
    if (former.snapshot === undefined) return;
    this.#epoch = newEpoch();
    if (former.readers === 0) former.snapshot.close();
    else this.#former.add(former);
  }

  /** Gives up the snapshots of views that are too old to read. */
  expire(): void {
    for (const epoch of this.#former) if (this.pulse.now - epoch.joinedAtTick > VIEW_TICKS_MAX) this.#giveUp(epoch);
  }

  /** Runs `reopen`, which no view outlives: those that have begun to read can read no further. */
  async suspendedWhile(reopen: () => Promise<void>): Promise<void> {
    const present = this.#epoch;
    this.#epoch = newEpoch();
    if (present.readers > 0) this.#former.add(present);
    for (const epoch of this.#former) this.#giveUp(epoch);
    const reopening = reopen();
    this.#suspension = reopening.catch(() => undefined);
    try {
      await reopening;
    } finally {
      this.#suspension = undefined;
    }
  }

  /** Waits until no view is open, for as long as one may last. */
  async close(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, VIEW_MS_MAX);
        this.#onNoneOpen = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.closed = true;
    for (const epoch of this.#former) this.#giveUp(epoch);
  }

  #giveUp(epoch: Epoch): void {
    epoch.expired = true;
    this.#former.delete(epoch);
    epoch.snapshot?.close();
  }
}

class LevelView implements Reader {
  readonly #views: Views;
  readonly #bornAtTick: number;
  #epoch: Epoch | undefined;
  #ended = false;

  constructor(views: Views) {
    this.#views = views;
    this.#bornAtTick = views.pulse.now;
  }

  async get(key: Key): Promise<string | undefined> {
    assertKey(key);
    return this.#views.disk.get(key, this.#snapshot());
  }

  async getBytes(key: Key): Promise<Uint8Array | undefined> {
    assertKey(key);
    return this.#views.disk.getBytes(key, this.#snapshot());
  }

  /** One by one: a read costs 1 to 2 us here, and four by way of the thread pool 13. */
  async getMany(keys: readonly Key[]): Promise<(string | undefined)[]> {
    const snapshot = this.#snapshot();
    const { disk } = this.#views;
    return keys.map((key) => {
      assertKey(key);
      return disk.get(key, snapshot);
    });
  }

  async scan(range: KeyRange, { reverse = false, limit }: ScanOptions): Promise<Entry[]> {
    assertRange(range);
    assertLimit(limit);
    const { start, end } = range;
    const snapshot = this.#snapshot();
    try {
      return await this.#views.disk.scan({ start, end, reverse, limit, keysOnly: false, snapshot });
    } catch (error) {
      // Its snapshot may have been given up between two trips to the disk.
      throw this.#epoch?.expired ? new ViewExpiredError() : error;
    }
  }

  end(): void {
    this.#ended = true;
    if (this.#epoch !== undefined) this.#views.leave(this.#epoch);
  }

  /** What to read from; nothing means the database as it is. */
  #snapshot(): DiskSnapshot | undefined {
    const views = this.#views;
    if (this.#ended) throw new Error("The view has ended");
    if (views.closed) throw new EngineClosedError();
    if (views.pulse.now - this.#bornAtTick > VIEW_TICKS_MAX || this.#epoch?.expired) throw new ViewExpiredError();
    if (views.isSuspended) throw new ViewExpiredError();
    this.#epoch ??= views.join();
    return this.#epoch.snapshot;
  }
}
