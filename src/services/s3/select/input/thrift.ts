/** The head of a Parquet page: a structure in Thrift's compact protocol, of which only the numbers are kept. */
export type ThriftStruct = ReadonlyMap<number, number | ThriftStruct>;

export type ByteCursor = { readonly bytes: Uint8Array; at: number };

const DEPTH_MAX = 8;
const VARINT_BYTES_MAX = 10;

const TYPE = { TRUE: 1, FALSE: 2, BYTE: 3, I64: 6, DOUBLE: 7, BINARY: 8, STRUCT: 12 } as const;

const byteAt = (cursor: ByteCursor): number => {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new RangeError("the bytes end too early");
  cursor.at += 1;
  return byte;
};

/** A number of any length, seven bits a byte, the lowest first. Throws RangeError. */
export const readVarint = (cursor: ByteCursor): number => {
  let value = 0;
  for (let place = 0; place < VARINT_BYTES_MAX; place += 1) {
    const byte = byteAt(cursor);
    value += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return value;
  }
  throw new RangeError("a number that does not end");
};

const readSigned = (cursor: ByteCursor): number => {
  const value = readVarint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
};

/** Reads a structure. Throws RangeError for what is none. */
export const readThriftStruct = (cursor: ByteCursor, depth = 0): ThriftStruct => {
  if (depth > DEPTH_MAX) throw new RangeError("structures within structures");
  const fields = new Map<number, number | ThriftStruct>();
  let id = 0;
  for (;;) {
    const head = byteAt(cursor);
    if (head === 0) return fields;
    id = head >> 4 === 0 ? readSigned(cursor) : id + (head >> 4);
    const value = readValue(cursor, { type: head & 0x0f, depth });
    if (value !== undefined) fields.set(id, value);
  }
};

const readValue = (
  cursor: ByteCursor,
  { type, depth }: { readonly type: number; readonly depth: number },
): number | ThriftStruct | undefined => {
  if (type === TYPE.TRUE || type === TYPE.FALSE) return type === TYPE.TRUE ? 1 : 0;
  if (type === TYPE.BYTE) return byteAt(cursor);
  if (type > TYPE.BYTE && type <= TYPE.I64) return readSigned(cursor);
  if (type === TYPE.STRUCT) return readThriftStruct(cursor, depth + 1);
  if (type !== TYPE.DOUBLE && type !== TYPE.BINARY) {
    throw new RangeError("a type that the head of a page does not have");
  }
  const skipped = type === TYPE.DOUBLE ? 8 : readVarint(cursor);
  cursor.at += skipped;
  return undefined;
};
