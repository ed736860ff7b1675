/**
 * Whether LevelDB would lose writes of its log as it opens a database. It takes a log that is damaged in its middle for one that
 * ends there, or leaves out a block of it, without a word. One that only ends within a record is in order: it was being written.
 * https://github.com/google/leveldb/blob/main/doc/log_format.md
 */

const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const TYPE_MAX = 4;
const MASK_DELTA = 0xa282ead8;
/** Castagnoli's, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const makeTable = (): Uint32Array => {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  return table;
};

let filled: Uint32Array | undefined;
/** Made when there is a log to check: a new database has none. */
const crcTable = (): Uint32Array => (filled ??= makeTable());

const maskedCrc = (log: Buffer, { from, to }: { from: number; to: number }): number => {
  const table = crcTable();
  let crc = 0xffffffff;
  for (let at = from; at < to; at += 1) crc = (table[(crc ^ (log[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
};

/** Where the record at `at` ends; undefined where there is none that is whole. */
const endOfRecord = (log: Buffer, at: number): number | undefined => {
  const blockEnd = Math.min(at - (at % BLOCK_BYTES) + BLOCK_BYTES, log.byteLength);
  if (at + HEADER_BYTES > blockEnd) return undefined;
  const end = at + HEADER_BYTES + log.readUInt16LE(at + 4);
  const type = log[at + 6] ?? 0;
  if (end > blockEnd || type === 0 || type > TYPE_MAX) return undefined;
  return maskedCrc(log, { from: at + 6, to: end }) === log.readUInt32LE(at) ? end : undefined;
};

/** What is left of a block is too short for a record, and zeros. */
const skipTrailer = (at: number): number => {
  const left = BLOCK_BYTES - (at % BLOCK_BYTES);
  return left < HEADER_BYTES ? at + left : at;
};

/** The first byte of a log's damage, after which there is more that was written; undefined for one in order. */
export const damageInLog = (log: Buffer): number | undefined => {
  let at = 0;
  for (let end: number | undefined = 0; end !== undefined; end = endOfRecord(log, at)) {
    at = skipTrailer(end);
    if (at >= log.byteLength) return undefined;
  }
  for (let later = at + 1; later < log.byteLength; later += 1) {
    if (endOfRecord(log, later) !== undefined) return at;
  }
  return undefined;
};
