/**
 * Decompresses BZIP2, block by block, each at most 900,000 bytes. The format has no text but its program; this is
 * https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf.
 */
import { notCompressed, SelectError } from "../errors.ts";
import { createBitReader, type BitReader } from "./bit-reader.ts";
import { readSymbols } from "./bzip2-symbols.ts";

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const HEADER = 0x425a68; // "BZh"
const BLOCK_UNIT_BYTES = 100_000;
/** More than any block takes, its tables included, so that one of which this much is there is there whole. */
const COMPRESSED_BLOCK_BYTES_MAX = 1_500_000;

const corrupt = (): SelectError => new SelectError("TruncatedInput");

/** Errors: InvalidCompressionFormat, TruncatedInput. */
export const bunzip = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const bits = createBitReader(corrupt);
  const steps = decode(bits);
  for await (const chunk of source) {
    bits.push(chunk);
    // A step reads a block or less.
    while (bits.availableBytes() >= COMPRESSED_BLOCK_BYTES_MAX) {
      const { value, done } = steps.next();
      if (done === true) return;
      if (value.length > 0) yield value;
    }
  }
  for (const block of steps) if (block.length > 0) yield block;
};

/** The streams that lie one after another; gives the bytes of each block, and nothing after other steps. */
const decode = function* (bits: BitReader): Generator<Uint8Array, void> {
  let streams = 0;
  while (!bits.isEmpty()) {
    const level = readHeader(bits, { first: streams === 0 });
    streams += 1;
    yield* decodeStream(bits, level * BLOCK_UNIT_BYTES);
  }
  if (streams === 0) throw notCompressed("BZIP2");
};

const readHeader = (bits: BitReader, { first }: { readonly first: boolean }): number => {
  const wrong = (): SelectError => (first ? notCompressed("BZIP2") : corrupt());
  if (bits.availableBytes() < 4) throw wrong();
  const magic = bits.read(24);
  const level = bits.read(8) - 0x30;
  if (magic !== HEADER || level < 1 || level > 9) throw wrong();
  return level;
};

const decodeStream = function* (bits: BitReader, blockBytesMax: number): Generator<Uint8Array, void> {
  let streamCrc = 0;
  for (;;) {
    const magic = bits.read(24) * 2 ** 24 + bits.read(24);
    const crc = (bits.read(16) * 2 ** 16 + bits.read(16)) >>> 0;
    if (magic === END_MAGIC) {
      if (crc !== streamCrc) throw corrupt();
      bits.alignToByte();
      yield new Uint8Array(0);
      return;
    }
    if (magic !== BLOCK_MAGIC) throw corrupt();
    const block = decodeBlock(bits, blockBytesMax);
    if (crcOf(block) !== crc) throw corrupt();
    streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
    yield block;
  }
};

const decodeBlock = (bits: BitReader, blockBytesMax: number): Uint8Array => {
  // Randomized blocks were given up in 1997.
  if (bits.read(1) === 1) throw corrupt();
  const origin = bits.read(24);
  const { bytes, counts } = readSymbols(bits, { sizeMax: blockBytesMax, corrupt });
  if (origin >= bytes.length) throw corrupt();
  return expandRuns(undoSorting(bytes, { counts, origin }));
};

/** The Burrows-Wheeler transform, undone. */
const undoSorting = (
  bytes: Uint8Array,
  { counts, origin }: { readonly counts: Uint32Array; readonly origin: number },
): Uint8Array => {
  const next = new Uint32Array(bytes.length);
  const starts = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte += 1) starts[byte] = (starts[byte - 1] ?? 0) + (counts[byte - 1] ?? 0);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    next[starts[byte] ?? 0] = at;
    starts[byte] = (starts[byte] ?? 0) + 1;
  }
  const sorted = new Uint8Array(bytes.length);
  let at = next[origin] ?? 0;
  for (let to = 0; to < sorted.length; to += 1) {
    sorted[to] = bytes[at] ?? 0;
    at = next[at] ?? 0;
  }
  return sorted;
};

const RUN = 4;

/** Four equal bytes are followed by how many more there are. */
const expandRuns = (bytes: Uint8Array): Uint8Array => {
  const expanded = new Uint8Array(expandedLength(bytes));
  let to = 0;
  let run = 0;
  let last = -1;
  for (const byte of bytes) {
    if (run === RUN) {
      expanded.fill(last, to, to + byte);
      to += byte;
      run = 0;
      last = -1;
      continue;
    }
    run = byte === last ? run + 1 : 1;
    last = byte;
    expanded[to] = byte;
    to += 1;
  }
  return expanded;
};

const expandedLength = (bytes: Uint8Array): number => {
  let length = 0;
  let run = 0;
  let last = -1;
  for (const byte of bytes) {
    if (run === RUN) {
      length += byte;
      run = 0;
      last = -1;
      continue;
    }
    run = byte === last ? run + 1 : 1;
    last = byte;
    length += 1;
  }
  return length;
};

const CRC_POLYNOMIAL = 0x04c11db7;

/** The CRC-32 of bzip2 takes bits from the top, unlike that of gzip. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ CRC_POLYNOMIAL : value << 1;
  return value >>> 0;
});

const crcOf = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
};
