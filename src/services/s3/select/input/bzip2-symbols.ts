/** A block of BZIP2 up to the point where its bytes are only out of order: Huffman codes, runs of zeros, move to front. */
import type { BitReader } from "./bit-reader.ts";

const SYMBOLS_OF_GROUP = 50;
const CODE_BITS_MAX = 20;
const RUN_A = 0;
const RUN_B = 1;
const TABLES_MIN = 2;
const TABLES_MAX = 6;

type Options = {
  /** Bytes that the block may have. */
  readonly sizeMax: number;
  readonly corrupt: () => Error;
};

type Block = {
  readonly bytes: Uint8Array;
  /** How often each byte is among them. */
  readonly counts: Uint32Array;
};

/** A canonical Huffman code: for each length, the codes that are longer, and where its symbols begin. */
type Table = {
  readonly minBits: number;
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
};

/** Reads a block's symbols. Throws what `corrupt` gives. */
export const readSymbols = (bits: BitReader, { sizeMax, corrupt }: Options): Block => {
  const front = readUsedBytes(bits);
  if (front.length === 0) throw corrupt();
  const alphabet = front.length + 2;
  const tableCount = bits.read(3);
  if (tableCount < TABLES_MIN || tableCount > TABLES_MAX) throw corrupt();
  const selectors = readSelectors(bits, { tableCount, corrupt });
  const tables = Array.from({ length: tableCount }, () => readTable(bits, { alphabet, corrupt }));
  const next = symbolReader(bits, { selectors, tables, corrupt });
  return moveFromFront(next, { front, end: alphabet - 1, sizeMax, corrupt });
};

const readUsedBytes = (bits: BitReader): Uint8Array => {
  const groups = bits.read(16);
  const used: number[] = [];
  for (let group = 0; group < 16; group += 1) {
    if ((groups & (0x8000 >> group)) === 0) continue;
    const members = bits.read(16);
    for (let member = 0; member < 16; member += 1) {
      if ((members & (0x8000 >> member)) !== 0) used.push(group * 16 + member);
    }
  }
  return Uint8Array.from(used);
};

const readSelectors = (
  bits: BitReader,
  { tableCount, corrupt }: { readonly tableCount: number; readonly corrupt: () => Error },
): Uint8Array => {
  const count = bits.read(15);
  if (count === 0) throw corrupt();
  const front = Array.from({ length: tableCount }, (_, table) => table);
  return Uint8Array.from({ length: count }, () => {
    let place = 0;
    while (bits.read(1) === 1) {
      place += 1;
      if (place >= tableCount) throw corrupt();
    }
    const [table = 0] = front.splice(place, 1);
    front.unshift(table);
    return table;
  });
};

const readTable = (
  bits: BitReader,
  { alphabet, corrupt }: { readonly alphabet: number; readonly corrupt: () => Error },
): Table => {
  let length = bits.read(5);
  const lengths = Uint8Array.from({ length: alphabet }, () => {
    for (;;) {
      if (length < 1 || length > CODE_BITS_MAX) throw corrupt();
      if (bits.read(1) === 0) return length;
      length += bits.read(1) === 0 ? 1 : -1;
    }
  });
  return tableOf(lengths);
};

const tableOf = (lengths: Uint8Array): Table => {
  const counts = new Uint16Array(CODE_BITS_MAX + 2);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const limits = new Int32Array(CODE_BITS_MAX + 2);
  const bases = new Int32Array(CODE_BITS_MAX + 2);
  let code = 0;
  let symbols = 0;
  for (let length = 1; length <= CODE_BITS_MAX; length += 1) {
    const count = counts[length] ?? 0;
    bases[length] = symbols - code;
    code += count;
    symbols += count;
    limits[length] = code;
    code *= 2;
  }
  const order = Array.from(lengths, (length, symbol) => ({ length, symbol }));
  // Sorting is stable: among equal lengths symbols stay in their order.
  order.sort((a, b) => a.length - b.length);
  return {
    minBits: Math.min(...lengths),
    limits,
    bases,
    symbols: Uint16Array.from(order, ({ symbol }) => symbol),
  };
};

const symbolReader = (
  bits: BitReader,
  options: { readonly selectors: Uint8Array; readonly tables: readonly Table[]; readonly corrupt: () => Error },
): (() => number) => {
  const { selectors, tables, corrupt } = options;
  let group = 0;
  let left = 0;
  let table = tables[0];
  return () => {
    if (left === 0) {
      table = tables[selectors[group] ?? TABLES_MAX];
      group += 1;
      left = SYMBOLS_OF_GROUP;
    }
    left -= 1;
    if (table === undefined) throw corrupt();
    let length = table.minBits;
    let code = bits.read(length);
    while (code >= (table.limits[length] ?? 0)) {
      if (length >= CODE_BITS_MAX) throw corrupt();
      length += 1;
      code = code * 2 + bits.read(1);
    }
    return table.symbols[code + (table.bases[length] ?? 0)] ?? 0;
  };
};

const moveFromFront = (
  next: () => number,
  options: Options & { readonly front: Uint8Array; readonly end: number },
): Block => {
  const { front, end, sizeMax, corrupt } = options;
  const bytes = new Uint8Array(sizeMax);
  const counts = new Uint32Array(256);
  let size = 0;
  const put = (byte: number, times: number): void => {
    if (size + times > sizeMax) throw corrupt();
    bytes.fill(byte, size, size + times);
    counts[byte] = (counts[byte] ?? 0) + times;
    size += times;
  };
  let run = 0;
  let weight = 1;
  for (;;) {
    const symbol = next();
    if (symbol === RUN_A || symbol === RUN_B) {
      // How often the first byte comes is a number whose digits are 1 and 2.
      run += weight * (symbol === RUN_A ? 1 : 2);
      weight *= 2;
      if (run > sizeMax) throw corrupt();
      continue;
    }
    if (run > 0) put(front[0] ?? 0, run);
    run = 0;
    weight = 1;
    if (symbol === end) return { bytes: bytes.subarray(0, size), counts };
    const place = symbol - 1;
    const byte = front[place];
    if (byte === undefined) throw corrupt();
    front.copyWithin(1, 0, place);
    front[0] = byte;
    put(byte, 1);
  }
};
