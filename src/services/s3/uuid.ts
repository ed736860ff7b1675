const VERSION_BYTE = 6;
const VARIANT_BYTE = 8;

/** A UUID of version 4 whose other bits are those of 16 bytes, as text. */
export const uuidOf = (bytes: Buffer): string => {
  const marked = Buffer.from(bytes);
  marked.writeUInt8((marked.readUInt8(VERSION_BYTE) & 0x0f) | 0x40, VERSION_BYTE);
  marked.writeUInt8((marked.readUInt8(VARIANT_BYTE) & 0x3f) | 0x80, VARIANT_BYTE);
  return marked.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
