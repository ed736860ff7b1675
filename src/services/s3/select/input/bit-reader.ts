/** Bits out of chunks of bytes, the highest of each byte first. */

export type BitReader = {
  push(chunk: Uint8Array): void;
  /** 1 to 24 bits as a number. Throws what `atEnd` gives when there are not as many. */
  read(count: number): number;
  /** Whole bytes that have not been read. */
  availableBytes(): number;
  isEmpty(): boolean;
  alignToByte(): void;
};

export const createBitReader = (atEnd: () => Error): BitReader => {
  const chunks: Uint8Array[] = [];
  let first = new Uint8Array(0) as Uint8Array;
  let at = 0;
  let available = 0;
  let held = 0;
  let heldBits = 0;

  const nextByte = (): number => {
    while (at >= first.length) {
      const next = chunks.shift();
      if (next === undefined) throw atEnd();
      first = next;
      at = 0;
    }
    const byte = first[at] ?? 0;
    at += 1;
    available -= 1;
    return byte;
  };

  return {
    push: (chunk) => {
      chunks.push(chunk);
      available += chunk.length;
    },
    read: (count) => {
      while (heldBits < count) {
        held = ((held << 8) | nextByte()) >>> 0;
        heldBits += 8;
      }
      heldBits -= count;
      const value = held >>> heldBits;
      // What stays held is less than 8 bits, so that 24 more fit.
      held &= (1 << heldBits) - 1;
      return value;
    },
    availableBytes: () => available,
    isEmpty: () => available === 0,
    alignToByte: () => {
      held = 0;
      heldBits = 0;
    },
  };
};
