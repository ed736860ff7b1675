/** Sealed texts that say why a request was denied: only this server can read them. */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";

import type { ServerKey } from "./server-key.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of a decoded text: what fits into AWS's 10,240 characters when it is encoded is not much longer. */
const MESSAGE_BYTES_MAX = 256 * 1024;
const URL_BASE64 = /^[A-Za-z0-9_-]+$/;

/** Seals a text; equal ones give equal messages. */
export const sealMessage = ({ messageKey }: ServerKey, text: string): string => {
  const packed = deflateRawSync(text);
  const nonce = createHmac("sha256", messageKey).update(packed).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", messageKey, nonce);
  return Buffer.concat([nonce, cipher.update(packed), cipher.final(), cipher.getAuthTag()]).toString("base64url");
};

/** The text of a message; undefined for one that this server did not seal. Never throws. */
export const openMessage = ({ messageKey }: ServerKey, message: string): string | undefined => {
  const sealed = URL_BASE64.test(message) ? Buffer.from(message, "base64url") : Buffer.alloc(0);
  if (sealed.length <= NONCE_BYTES + TAG_BYTES || sealed.toString("base64url") !== message) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", messageKey, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const packed = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return inflateRawSync(packed, { maxOutputLength: MESSAGE_BYTES_MAX }).toString();
  } catch {
    return undefined;
  }
};
