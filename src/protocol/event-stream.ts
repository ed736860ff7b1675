/**
 * Messages of an event stream on the wire: a prelude of lengths, headers, a payload, and two checksums.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
 */
import { crc32 } from "node:zlib";

export type EventMessage = {
  /** By name, `:event-type`; each at most 255 bytes of name and 65,535 of value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: Uint8Array;
};

/** The message's length, that of its headers, and the checksum of both. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** The type of a header whose value is a text. */
const TEXT_TYPE = 7;
const NAME_BYTES_MAX = 255;
const VALUE_BYTES_MAX = 65_535;

const encodeHeader = ([name, value]: readonly [string, string]): Buffer => {
  const nameBytes = Buffer.byteLength(name);
  const valueBytes = Buffer.byteLength(value);
  if (nameBytes === 0 || nameBytes > NAME_BYTES_MAX || valueBytes > VALUE_BYTES_MAX) {
    throw new Error(`the header ${name.slice(0, NAME_BYTES_MAX)} does not fit into a message`);
  }
  const header = Buffer.allocUnsafe(1 + nameBytes + 3 + valueBytes);
  header.writeUInt8(nameBytes, 0);
  header.write(name, 1);
  header.writeUInt8(TEXT_TYPE, 1 + nameBytes);
  header.writeUInt16BE(valueBytes, 2 + nameBytes);
  header.write(value, 4 + nameBytes);
  return header;
};

const NOTHING = new Uint8Array(0);

/** One message as it is sent. */
export const encodeEventMessage = ({ headers, payload = NOTHING }: EventMessage): Buffer => {
  const head = Buffer.concat(Object.entries(headers).map(encodeHeader));
  const length = PRELUDE_BYTES + head.length + payload.byteLength + CHECKSUM_BYTES;
  const message = Buffer.allocUnsafe(length);
  message.writeUInt32BE(length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  message.set(head, PRELUDE_BYTES);
  message.set(payload, PRELUDE_BYTES + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, length - CHECKSUM_BYTES)), length - CHECKSUM_BYTES);
  return message;
};
