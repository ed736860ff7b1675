/** What follows a failed commit: the database is opened again before anything else is written, as soon as there is room for it. */
import type { Logger } from "../../platform/logger.ts";
import { EngineUnavailableError } from "../errors.ts";
import type { Disk } from "./disk.ts";
import type { Views } from "./views.ts";

/** How long after an attempt that failed the next one may be made. */
const RETRY_MS = 100;

type RecoveryOptions = {
  readonly disk: Disk;
  readonly views: Views;
  readonly logger: Logger;
  readonly onSettled: () => Promise<void>;
};

export class Recovery {
  readonly #options: RecoveryOptions;
  /** Why nothing can be written; undefined while all is well. */
  #failure: { readonly cause: unknown } | undefined;
  #dueAtMs = 0;
  #running: Promise<void> | undefined;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  get isUnderWay(): boolean {
    return this.#running !== undefined;
  }

  get isDue(): boolean {
    return this.#failure !== undefined && performance.now() >= this.#dueAtMs;
  }

  /** What a transaction is told that cannot run. */
  get refusal(): EngineUnavailableError | undefined {
    return this.#failure === undefined ? undefined : new EngineUnavailableError(this.#failure);
  }

  /** A commit failed: nothing may be written until `run` has made it good. */
  failed(cause: unknown): void {
    this.#failure = { cause };
    this.#dueAtMs = 0;
  }

  /** Makes an attempt, if one is due, or waits for the one that is under way. Never rejects. */
  async run(): Promise<void> {
    if (this.#running === undefined && this.isDue) {
      this.#running = this.#attempt().finally(() => {
        this.#running = undefined;
      });
    }
    await this.#running;
  }

  async #attempt(): Promise<void> {
    const { disk, views, logger, onSettled } = this.#options;
    try {
      await disk.probe();
      await views.suspendedWhile(() => disk.reopen());
    } catch (cause) {
      this.#failure = { cause };
      this.#dueAtMs = performance.now() + RETRY_MS;
      logger.warn("the database cannot be written to yet", { cause });
      return;
    }
    this.#failure = undefined;
    logger.info("the database was opened again after a commit had failed");
    try {
      await onSettled();
    } catch (error) {
      logger.error("what failed commits left could not be looked at", { error });
    }
  }
}
