/** The bytes of a request: signed in form only, its payload unsigned, its body's CRC32 in a header. */
import { crc32 } from "node:zlib";

import type { Address } from "./connection.ts";
import { signV4 } from "./sign.ts";

export type Method = "GET" | "HEAD" | "PUT" | "POST" | "DELETE";

export type RequestShape = {
  readonly method: Method;
  /** Path and query, encoded. The first `#` becomes the request's number, in eight digits. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** No CRC32 header: in a completion it would be that of the object, not of the body. */
  readonly unchecked?: true;
};

/** With a secret requests are signed in earnest; without one in form only. */
export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey?: string };

/** A request but for its number. */
export type Template = {
  readonly method: Method;
  readonly head: Buffer;
  /** Where the digits of the number begin; undefined when the target has none. */
  readonly digitsAt: number | undefined;
  readonly body: Uint8Array | undefined;
};

const DIGITS = 8;
const DIGIT_ZERO = 48;
const SIGNED_HEADERS = "host;x-amz-content-sha256;x-amz-date";
const PAYLOAD = "UNSIGNED-PAYLOAD";

/** A CRC32 as S3 writes it: four bytes, big-endian, in base64. */
export const crc32Base64 = (crc: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString("base64");
};

type Signed = Pick<RequestShape, "method" | "target"> & { readonly host: string };

const signatureHeaders = (
  { accessKeyId, secretAccessKey }: Credentials,
  { method, target, host }: Signed,
): Record<string, string> => {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const signature =
    secretAccessKey === undefined
      ? "0".repeat(64)
      : signV4({ method, target, host, date, scope, signedHeaders: SIGNED_HEADERS, payload: PAYLOAD, secretAccessKey });
  return {
    "x-amz-date": date,
    "x-amz-content-sha256": PAYLOAD,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`,
  };
};

const bodyHeaders = ({ body, unchecked }: RequestShape): Record<string, string> =>
  body === undefined
    ? {}
    : {
        "content-length": String(body.byteLength),
        ...(unchecked === true ? {} : { "x-amz-checksum-crc32": crc32Base64(crc32(body)) }),
      };

/** Makes the template of requests to `address`. Its signing time is now, so make one per round. */
export const createTemplate = (shape: RequestShape, address: Address, credentials?: Credentials): Template => {
  const host = `${address.host}:${address.port}`;
  const headers = {
    host,
    ...(credentials === undefined ? {} : signatureHeaders(credentials, { ...shape, host })),
    ...bodyHeaders(shape),
    ...shape.headers,
  };
  const digitsAt = shape.target.indexOf("#");
  const target = shape.target.replace("#", "0".repeat(DIGITS));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return {
    method: shape.method,
    head: Buffer.from(`${shape.method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"),
    digitsAt: digitsAt === -1 ? undefined : shape.method.length + 1 + digitsAt,
    body: shape.body,
  };
};

/** Writes `number` (0 to 99,999,999) into the head, in place. */
export const writeNumber = (head: Buffer, digitsAt: number, number: number): void => {
  let rest = number;
  for (let at = digitsAt + DIGITS - 1; at >= digitsAt; at--) {
    head[at] = DIGIT_ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
};

/** The same eight digits as text, for keys that stand in a body. */
export const numberText = (number: number): string => String(number).padStart(DIGITS, "0");
