/** How much a world is used: what its time to live is counted by. */

export class Activity {
  #requests = 0;
  #lastMs = 0;

  /** Real time of the last request, its beginning or its end; milliseconds since 1970. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Requests that are under way, on either plane. */
  get requests(): number {
    return this.#requests;
  }

  begin(nowMs: number): void {
    this.#requests += 1;
    this.#lastMs = nowMs;
  }

  end(nowMs: number): void {
    this.#requests -= 1;
    this.#lastMs = nowMs;
  }

  /** Counts as a request that is over. */
  touch(nowMs: number): void {
    this.#lastMs = nowMs;
  }
}
