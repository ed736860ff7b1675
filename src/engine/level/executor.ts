/**
 * The serial executor: transactions run one at a time in order of arrival, each on what those before it have written, and their
 * writes reach the disk in groups. While one group is being written the next one collects. Hence no read-sets, no conflicts
 * and no retries; and a group that fails takes with it all that has run since it took off.
 */
import type { Logger } from "../../platform/logger.ts";
import { CommitFailedError, TransactionStalledError } from "../errors.ts";
import type { Disk } from "./disk.ts";
import { addWrites, isFull, newGroup, type Group, type Waiter } from "./group.ts";
import { Queue } from "./queue.ts";
import { PULSE_MS, type Pulse } from "./pulse.ts";
import { Recovery } from "./recovery.ts";
import { LevelTransaction, type Unflushed } from "./transaction.ts";
import type { Views } from "./views.ts";

type Run = (tx: LevelTransaction) => Promise<unknown>;

/** A transaction that somebody waits for. */
class Job implements Waiter {
  readonly run: Run;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #value: unknown;

  constructor(run: Run, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.run = run;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** What its function returned, to be handed on once that is durable. */
  returned(value: unknown): void {
    this.#value = value;
  }

  landed(): void {
    this.#resolve(this.#value);
  }

  failed(error: unknown): void {
    this.#reject(error);
  }
}

export type ExecutorOptions = {
  readonly disk: Disk;
  readonly views: Views;
  readonly pulse: Pulse;
  readonly logger: Logger;
  /** How long a transaction may do nothing. */
  readonly stalledMsMax: number;
  /** Called once it is settled whether a commit that failed took place. */
  readonly onSettled: () => Promise<void>;
};

/** The transaction whose turn it is, and since when it has done nothing. */
type Running = { readonly tx: LevelTransaction; readonly job: Job; steps: number; sinceTick: number };

export class Executor implements Unflushed {
  flying: Group | undefined;
  collecting: Group = newGroup();
  readonly #options: ExecutorOptions;
  readonly #waiting = new Queue<Job>();
  #running: Running | undefined;
  #isTakeOffDue = false;
  #onIdle: (() => void) | undefined;
  readonly #recovery: Recovery;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#recovery = new Recovery(options);
  }

  get isBusy(): boolean {
    return (
      this.#running !== undefined ||
      this.#recovery.isUnderWay ||
      this.flying !== undefined ||
      this.collecting.transactions > 0 ||
      this.#waiting.length > 0
    );
  }

  transact<T>(fn: (tx: LevelTransaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(new Job(fn, resolve as (value: unknown) => void, reject));
      this.#runNext();
    });
  }

  /** Waits for every transaction that has arrived. */
  async idle(): Promise<void> {
    if (!this.isBusy) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Gives a transaction up that has done nothing for too long, so that the others go on. */
  expire(): void {
    const running = this.#running;
    const { pulse, stalledMsMax, logger } = this.#options;
    if (running === undefined) return;
    const { steps } = running.tx;
    if (steps !== running.steps) {
      running.steps = steps;
      running.sinceTick = pulse.now;
    }
    if ((pulse.now - running.sinceTick) * PULSE_MS <= stalledMsMax) return;
    const error = new TransactionStalledError(stalledMsMax);
    running.tx.failure ??= error;
    this.#running = undefined;
    running.job.failed(running.tx.failure);
    logger.error("a transaction stalled", { error });
    this.#runNext();
  }

  #runNext(): void {
    if (this.#running !== undefined) return;
    // Goes on once the group that is being written has landed.
    if (this.flying !== undefined && isFull(this.collecting)) return;
    if (this.#recovery.isUnderWay) return;
    if (this.#recovery.isDue) return void this.recover();
    const job = this.#nextJob();
    if (job === undefined) {
      if (!this.isBusy) this.#onIdle?.();
      return;
    }
    const { disk, pulse } = this.#options;
    const tx = new LevelTransaction({ disk, unflushed: this });
    this.#running = { tx, job, steps: 0, sinceTick: pulse.now };
    pulse.start();
    runSafely(job.run, tx).then(
      (value) => this.#returned(tx, { job, value }),
      (error: unknown) => this.#threw(tx, { job, error }),
    );
  }

  /** None while nothing can be written: whoever waits is told so. */
  #nextJob(): Job | undefined {
    for (;;) {
      const job = this.#waiting.shift();
      const { refusal } = this.#recovery;
      if (job === undefined || refusal === undefined) return job;
      job.failed(refusal);
    }
  }

  #returned(tx: LevelTransaction, { job, value }: { job: Job; value: unknown }): void {
    if (this.#running?.tx !== tx) return;
    this.#running = undefined;
    tx.ended = true;
    job.returned(value);
    if (tx.failure !== undefined) job.failed(tx.failure);
    else if (tx.hasWrites) this.#collect(tx, job);
    else if (tx.seen !== undefined && (tx.seen === this.flying || tx.seen === this.collecting))
      tx.seen.waiters.push(job);
    else job.landed();
    this.#runNext();
  }

  #threw(tx: LevelTransaction, { job, error }: { job: Job; error: unknown }): void {
    if (this.#running?.tx !== tx) return;
    this.#running = undefined;
    tx.ended = true;
    job.failed(tx.failure ?? error);
    this.#runNext();
  }

  #collect(tx: LevelTransaction, job: Job): void {
    const group = this.collecting;
    try {
      addWrites(group, { writes: tx.settle(), bytes: tx.bytes });
    } catch (error) {
      job.failed(error);
      return;
    }
    group.waiters.push(job);
    if (isFull(group)) this.#takeOff();
    else this.#takeOffSoon();
  }

  /**
   * A group takes off once the event loop has handed out what had come in: requests that arrived together share a batch, and
   * its cost, whether or not another batch was in flight.
   */
  #takeOffSoon(): void {
    if (this.#isTakeOffDue || this.flying !== undefined) return;
    this.#isTakeOffDue = true;
    setImmediate(() => {
      this.#isTakeOffDue = false;
      this.#takeOff();
    });
  }

  #takeOff(): void {
    const group = this.collecting;
    if (this.flying !== undefined || group.transactions === 0) return;
    this.flying = group;
    this.collecting = newGroup();
    this.#options.views.beforeBatch();
    this.#options.disk.write(group.writes).then(
      () => this.#landed(group),
      (error: unknown) => this.#crashed(group, error),
    );
  }

  #landed(group: Group): void {
    this.flying = undefined;
    this.#options.views.afterBatch();
    for (const waiter of group.waiters) waiter.landed();
    if (isFull(this.collecting)) this.#takeOff();
    else if (this.collecting.transactions > 0) this.#takeOffSoon();
    this.#runNext();
  }

  /** Whatever ran since the group took off ran on what is not there. */
  #crashed(group: Group, cause: unknown): void {
    const dependent = this.collecting;
    this.flying = undefined;
    this.collecting = newGroup();
    this.#options.views.afterBatch();
    const error = new CommitFailedError({ cause });
    if (this.#running !== undefined) this.#running.tx.failure ??= error;
    this.#options.logger.error("a commit failed", {
      cause,
      transactions: group.transactions + dependent.transactions,
    });
    this.#recovery.failed(cause);
    void this.#tellOnceSettled([...group.waiters, ...dependent.waiters], error);
  }

  /** They are told once it is known whether their writes are there, so that nobody goes on with what was read before. */
  async #tellOnceSettled(waiters: readonly Waiter[], error: Error): Promise<void> {
    await this.recover();
    for (const waiter of waiters) waiter.failed(error);
  }

  /** Opens the database again, if that is due; then whatever waits goes on. */
  async recover(): Promise<void> {
    await this.#recovery.run();
    // Those that wait for the recovery itself go first.
    setImmediate(() => this.#runNext());
  }
}

/** A function that throws before it returns a promise is one whose promise rejects. */
const runSafely = (run: Run, tx: LevelTransaction): Promise<unknown> => {
  try {
    return run(tx);
  } catch (error) {
    return Promise.reject(error);
  }
};
