/**
 * A coarse clock for limits of seconds. It ticks only while something runs that has such a limit, so that nothing on the way
 * of a request reads a clock, and a blocked event loop costs a transaction one tick, not its life.
 */

/** How long a tick takes. A limit is reached at the first tick after it. */
export const PULSE_MS = 250;

export class Pulse {
  /** Ticks so far. */
  now = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #onTick: () => { isNeeded: boolean };

  constructor(onTick: () => { isNeeded: boolean }) {
    this.#onTick = onTick;
  }

  /** Ticks from now on, until `onTick` says that nobody needs it. */
  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), PULSE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.now++;
    if (!this.#onTick().isNeeded) this.stop();
  }
}
