/** A set of internal ids at one bit each: they count up within each boot, so that a million of them take some 125 KB. */

const HALF_DIGITS = 8;
/** Ids that share a block of bits. */
const BLOCK_IDS = 64 * 1024;

const ID = /^[0-9a-f]{16}$/;

/** Whether `text` can be an id of a layer, a bucket or a holder. */
export const isId = (text: string): boolean => ID.test(text);

export class IdSet {
  readonly #blocks = new Map<string, Uint8Array>();

  /** `id` has 16 hex digits. */
  add(id: string): void {
    const { block, byte, bit } = placeOf(id);
    let bits = this.#blocks.get(block);
    if (bits === undefined) this.#blocks.set(block, (bits = new Uint8Array(BLOCK_IDS / 8)));
    bits[byte] = (bits[byte] ?? 0) | bit;
  }

  has(id: string): boolean {
    const { block, byte, bit } = placeOf(id);
    return ((this.#blocks.get(block)?.[byte] ?? 0) & bit) !== 0;
  }
}

const placeOf = (id: string): { block: string; byte: number; bit: number } => {
  const count = Number.parseInt(id.slice(HALF_DIGITS), 16);
  const within = count % BLOCK_IDS;
  return { block: id.slice(0, HALF_DIGITS + 4), byte: within >>> 3, bit: 1 << (within & 7) };
};
