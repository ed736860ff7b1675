/**
 * A look at a column's pages before they are read. hyparquet believes the counts in them, and in a damaged page a few bytes can say
 * "two thousand million times the same", which would keep the server busy for minutes and use up its memory.
 * https://github.com/apache/parquet-format/blob/master/Encodings.md
 */
import { gunzipSync } from "node:zlib";
import { snappyUncompress, type SchemaTree } from "hyparquet";
import { ROW_GROUP_BYTES_MAX } from "../limits.ts";
import { readThriftStruct, readVarint, type ByteCursor, type ThriftStruct } from "./thrift.ts";

export type ColumnPages = {
  readonly bytes: Uint8Array;
  readonly codec: string;
  /** The column's elements, from the root to its own. */
  readonly path: readonly SchemaTree[];
  /** As the row group's head says. */
  readonly valueCount: number;
};

const PAGE = { DATA: 0, DICTIONARY: 2, DATA_V2: 3 } as const;
/** The fields of a page's head, and of what it has for its kind. */
const HEAD = { type: 1, plainBytes: 2, packedBytes: 3, data: 5, dictionary: 7, dataV2: 8 } as const;
const DATA = { values: 1, encoding: 2 } as const;
const DATA_V2 = { values: 1, encoding: 4, definitionBytes: 5, repetitionBytes: 6, isCompressed: 7 } as const;
const ENCODING = { plainDictionary: 2, runs: 3, dictionary: 8 } as const;

const refuse = (reason: string): never => {
  throw new RangeError(reason);
};

const numberOf = (fields: ThriftStruct, id: number): number => {
  const value = fields.get(id);
  return typeof value === "number" && value >= 0 ? value : refuse(`field ${id} is no count`);
};

const structOf = (fields: ThriftStruct, id: number): ThriftStruct => {
  const value = fields.get(id);
  return value === undefined || typeof value === "number" ? refuse(`field ${id} is no structure`) : value;
};

const bitsFor = (highest: number): number => 32 - Math.clz32(highest);

/** The highest repetition and definition levels of a column. */
const levelsOf = (path: readonly SchemaTree[]): { repetition: number; definition: number } => {
  const kinds = path.slice(1).map(({ element }) => element.repetition_type);
  const repetition = kinds.filter((kind) => kind === "REPEATED").length;
  return { repetition, definition: kinds.filter((kind) => kind !== "REQUIRED").length };
};

/** Runs and bit-packed groups of numbers: none may give more than `count` are wanted. Says how many there are. */
const checkRuns = (cursor: ByteCursor, { bits, count, end }: { bits: number; count: number; end: number }): number => {
  let seen = 0;
  while (seen < count && cursor.at < end) {
    const head = readVarint(cursor);
    const size = head % 2 === 1 ? ((head - 1) / 2) * 8 : head / 2;
    // Groups of eight are filled up at their end.
    if (size > count - seen + 7) refuse("a run that is too long");
    cursor.at += head % 2 === 1 ? (size / 8) * bits : Math.ceil(bits / 8);
    seen += size;
  }
  return seen;
};

const checkLevels = (cursor: ByteCursor, options: { highest: number; count: number; end: number }): void => {
  const { highest, count, end } = options;
  if (highest === 0) return;
  if (end > cursor.bytes.length) refuse("levels beyond the page");
  if (checkRuns(cursor, { bits: bitsFor(highest), count, end }) < count) refuse("levels are missing");
  cursor.at = end;
};

/** Levels whose length stands before them. */
const checkMeasuredLevels = (cursor: ByteCursor, { highest, count }: { highest: number; count: number }): void => {
  if (highest === 0) return;
  const view = new DataView(cursor.bytes.buffer, cursor.bytes.byteOffset, cursor.bytes.byteLength);
  const length = view.getUint32(cursor.at, true);
  cursor.at += 4;
  checkLevels(cursor, { highest, count, end: cursor.at + length });
};

const checkValues = (cursor: ByteCursor, options: { encoding: number; count: number; isBoolean: boolean }): void => {
  const { encoding, count, isBoolean } = options;
  const end = cursor.bytes.length;
  if (encoding === ENCODING.runs && isBoolean) {
    cursor.at += 4;
    checkRuns(cursor, { bits: 1, count, end });
  } else if (encoding === ENCODING.plainDictionary || encoding === ENCODING.dictionary || encoding === ENCODING.runs) {
    const bits = cursor.bytes[cursor.at] ?? 0;
    cursor.at += 1;
    checkRuns(cursor, { bits, count, end });
  }
};

const unpacked = (bytes: Uint8Array, { codec, sizeBytes }: { codec: string; sizeBytes: number }): Uint8Array => {
  if (codec === "UNCOMPRESSED" || bytes.length === 0) return bytes;
  if (codec === "GZIP") return gunzipSync(bytes, { maxOutputLength: Math.max(1, sizeBytes) });
  const output = new Uint8Array(sizeBytes);
  snappyUncompress(bytes, output);
  return output;
};

/** Looks at every page of a column. Throws for one that cannot be what it says: any error. */
export const checkPages = ({ bytes, codec, path, valueCount }: ColumnPages): void => {
  const highest = levelsOf(path);
  const isBoolean = path.at(-1)?.element.type === "BOOLEAN";
  const cursor: ByteCursor = { bytes, at: 0 };

  const checkData = (page: Uint8Array, head: ThriftStruct): number => {
    const fields = structOf(head, HEAD.data);
    const count = numberOf(fields, DATA.values);
    if (count > valueCount) refuse("more values than the column has");
    const plain: ByteCursor = { bytes: unpacked(page, { codec, sizeBytes: numberOf(head, HEAD.plainBytes) }), at: 0 };
    checkMeasuredLevels(plain, { highest: highest.repetition, count });
    checkMeasuredLevels(plain, { highest: highest.definition, count });
    checkValues(plain, { encoding: numberOf(fields, DATA.encoding), count, isBoolean });
    return count;
  };

  const checkDataV2 = (page: Uint8Array, head: ThriftStruct): number => {
    const fields = structOf(head, HEAD.dataV2);
    const count = numberOf(fields, DATA_V2.values);
    if (count > valueCount) refuse("more values than the column has");
    const repetitionBytes = numberOf(fields, DATA_V2.repetitionBytes);
    const levelBytes = repetitionBytes + numberOf(fields, DATA_V2.definitionBytes);
    const levels: ByteCursor = { bytes: page, at: 0 };
    checkLevels(levels, { highest: highest.repetition, count, end: repetitionBytes });
    levels.at = repetitionBytes;
    checkLevels(levels, { highest: highest.definition, count, end: levelBytes });
    const sizeBytes = numberOf(head, HEAD.plainBytes) - levelBytes;
    const isPacked = fields.get(DATA_V2.isCompressed) !== 0;
    const packed = page.subarray(levelBytes);
    const plain = isPacked ? unpacked(packed, { codec, sizeBytes }) : packed;
    checkValues({ bytes: plain, at: 0 }, { encoding: numberOf(fields, DATA_V2.encoding), count, isBoolean });
    return count;
  };

  for (let seen = 0; seen < valueCount && cursor.at < bytes.length - 1;) {
    const head = readThriftStruct(cursor);
    const packedBytes = numberOf(head, HEAD.packedBytes);
    if (cursor.at + packedBytes > bytes.length || numberOf(head, HEAD.plainBytes) > ROW_GROUP_BYTES_MAX) {
      refuse("a page that is longer than it can be");
    }
    const page = bytes.subarray(cursor.at, cursor.at + packedBytes);
    cursor.at += packedBytes;
    const type = numberOf(head, HEAD.type);
    if (type === PAGE.DATA) seen += checkData(page, head);
    else if (type === PAGE.DATA_V2) seen += checkDataV2(page, head);
    else if (type !== PAGE.DICTIONARY) refuse("a page of another kind");
    // A bit is the least that a value takes.
    else if (numberOf(structOf(head, HEAD.dictionary), 1) > numberOf(head, HEAD.plainBytes) * 8) {
      refuse("a dictionary with more values than bits");
    }
    if (seen > valueCount) refuse("more values than the column has");
  }
};
