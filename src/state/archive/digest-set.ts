/** A set of SHA-256 digests that takes about 64 bytes of memory for each, whatever their number. */

const DIGEST_BYTES = 32;
const INITIAL_SLOTS = 1024;

export class DigestSet {
  #slots = Buffer.alloc(INITIAL_SLOTS * DIGEST_BYTES);
  #used = new Uint8Array(INITIAL_SLOTS);
  #size = 0;

  /** Answers false where it was there already. */
  add(digest: Buffer): boolean {
    if (2 * (this.#size + 1) > this.#used.length) this.#grow();
    const slot = this.#find(digest);
    if (this.#used[slot] === 1) return false;
    digest.copy(this.#slots, slot * DIGEST_BYTES);
    this.#used[slot] = 1;
    this.#size += 1;
    return true;
  }

  /** Where it is, or where it would be put. A digest's own bits are as good as any hash of it. */
  #find(digest: Buffer): number {
    const slots = this.#used.length;
    let slot = digest.readUInt32LE(0) % slots;
    while (
      this.#used[slot] === 1 &&
      digest.compare(this.#slots, slot * DIGEST_BYTES, (slot + 1) * DIGEST_BYTES) !== 0
    ) {
      slot = (slot + 1) % slots;
    }
    return slot;
  }

  #grow(): void {
    const [slots, used] = [this.#slots, this.#used];
    this.#slots = Buffer.alloc(slots.length * 2);
    this.#used = new Uint8Array(used.length * 2);
    for (let slot = 0; slot < used.length; slot += 1) {
      if (used[slot] === 0) continue;
      const digest = slots.subarray(slot * DIGEST_BYTES, (slot + 1) * DIGEST_BYTES);
      const place = this.#find(digest);
      digest.copy(this.#slots, place * DIGEST_BYTES);
      this.#used[place] = 1;
    }
  }
}
