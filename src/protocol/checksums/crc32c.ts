/** CRC-32C (Castagnoli), reflected, by slicing: eight bytes a step through eight tables. */
import { splitByWords } from "./words.ts";

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

// One table of 256 words per slice, end to end. A constant, filled on first use: V8 then knows its length and checks no index.
const table = new Int32Array(SLICES * 256);
let filled = false;

const fillTable = (): void => {
  filled = true;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (-(crc & 1) & POLYNOMIAL);
    table[byte] = crc;
  }
  for (let index = 256; index < table.length; index++) {
    const before = table[index - 256]!;
    table[index] = (before >>> 8) ^ table[before & 0xff]!;
  }
};

const nextBytes = (crc: number, bytes: Uint8Array): number => {
  let state = crc;
  for (const byte of bytes) state = (state >>> 8) ^ table[(state ^ byte) & 0xff]!;
  return state;
};

const nextWords = (crc: number, words: Int32Array): number => {
  let state = crc;
  const { length } = words;
  for (let word = 0; word < length; word += 2) {
    const first = state ^ words[word]!;
    const second = words[word + 1]!;
    state =
      table[1792 | (first & 0xff)]! ^
      table[1536 | ((first >>> 8) & 0xff)]! ^
      table[1280 | ((first >>> 16) & 0xff)]! ^
      table[1024 | (first >>> 24)]! ^
      table[768 | (second & 0xff)]! ^
      table[512 | ((second >>> 8) & 0xff)]! ^
      table[256 | ((second >>> 16) & 0xff)]! ^
      table[second >>> 24]!;
  }
  return state;
};

/** Continues `crc` (0 to begin with) over `bytes`; unsigned 32 bits. */
export const crc32c = (bytes: Uint8Array, crc = 0): number => {
  if (!filled) fillTable();
  const { head, words, tail } = splitByWords(bytes);
  return ~nextBytes(nextWords(nextBytes(~crc, head), words), tail) >>> 0;
};
