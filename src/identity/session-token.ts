/**
 * Session tokens: a sealed document that says what temporary credentials may do, so that nothing about them is stored.
 * A token is base64 of: format number, nonce, ciphertext, tag. The nonce is a MAC of the plaintext, so that equal documents
 * give equal tokens and no nonce ever seals two. The plaintext is the compressed document (format 1), or that with its length before
 * it and zeros behind it (format 2), where somebody asked for a larger token.
 */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";

import { AwsError } from "../protocol/aws-error.ts";
import type { Partition, Principal, Session } from "../protocol/caller.ts";
import { createBoundedCache } from "./bounded-cache.ts";
import type { BoundedCache } from "./bounded-cache.ts";
import type { ServerKey } from "./server-key.ts";

/** Longest token, in characters. AWS packs policies and tags into a bounded token too. */
export const SESSION_TOKEN_CHARACTERS_MAX = 4096;
const DOCUMENT_BYTES_MAX = 256 * 1024;
const FORMAT = 1;
const PADDED_FORMAT = 2;
const LENGTH_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;
const CANONICAL_BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Opened tokens that are remembered, good and bad. */
const OPENED_TOKENS_MAX = 1000;

/** What a token says of its credentials. */
export type SessionGrant = {
  readonly accessKeyId: string;
  readonly partition: Partition;
  readonly accountId: string;
  readonly principal: Exclude<Principal, { readonly kind: "Anonymous" }>;
  readonly session: Session;
};

/** Zeros, so that the token comes out at least so long. */
const padded = (document: Uint8Array, charactersMin: number): Buffer => {
  const plainBytes = Math.ceil((charactersMin * 3) / 4) - HEAD_BYTES - TAG_BYTES;
  const plain = Buffer.alloc(Math.max(plainBytes, LENGTH_BYTES + document.length));
  plain.writeUInt32BE(document.length);
  plain.set(document, LENGTH_BYTES);
  return plain;
};

const unpadded = (plain: Buffer): Buffer => plain.subarray(LENGTH_BYTES, LENGTH_BYTES + plain.readUInt32BE());

const nonceFor = (serverKey: ServerKey, document: Uint8Array): Buffer =>
  createHmac("sha256", serverKey.tokenNonceKey).update(document).digest().subarray(0, NONCE_BYTES);

const seal = (serverKey: ServerKey, plain: Uint8Array, format: number): string => {
  const nonce = nonceFor(serverKey, plain);
  const cipher = createCipheriv("aes-256-gcm", serverKey.tokenKey, nonce);
  cipher.setAAD(Buffer.of(format));
  return Buffer.concat([Buffer.of(format), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString(
    "base64",
  );
};

/**
 * Seals a grant into a token of at least `charactersMin` characters, which is `SESSION_TOKEN_CHARACTERS_MAX` at most.
 * Errors: PackedPolicyTooLarge when session policy and tags make it longer than `SESSION_TOKEN_CHARACTERS_MAX`.
 */
export const sealSessionToken = (
  serverKey: ServerKey,
  grant: SessionGrant,
  { charactersMin = 0 }: { readonly charactersMin?: number } = {},
): string => {
  const text = Buffer.from(JSON.stringify(grant));
  const document = deflateRawSync(text);
  const short = seal(serverKey, document, FORMAT);
  const token = short.length >= charactersMin ? short : seal(serverKey, padded(document, charactersMin), PADDED_FORMAT);
  if (text.length > DOCUMENT_BYTES_MAX || token.length > SESSION_TOKEN_CHARACTERS_MAX) {
    const percent = Math.ceil((token.length / SESSION_TOKEN_CHARACTERS_MAX) * 100);
    throw new AwsError(
      "PackedPolicyTooLarge",
      {},
      { status: 400, message: `Packed size of session policy and tags consumes ${percent}% of allotted space.` },
    );
  }
  return token;
};

const unseal = (serverKey: ServerKey, token: string): SessionGrant | undefined => {
  if (token.length > SESSION_TOKEN_CHARACTERS_MAX || !CANONICAL_BASE64.test(token)) return undefined;
  const sealed = Buffer.from(token, "base64");
  const format = sealed[0];
  if (sealed.length <= HEAD_BYTES + TAG_BYTES || (format !== FORMAT && format !== PADDED_FORMAT)) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", serverKey.tokenKey, sealed.subarray(1, HEAD_BYTES));
  decipher.setAAD(sealed.subarray(0, 1));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
    const document = format === PADDED_FORMAT ? unpadded(plain) : plain;
    // Only this server can have sealed what the tag proves, so its shape is known.
    const text = inflateRawSync(document, { maxOutputLength: DOCUMENT_BYTES_MAX });
    return JSON.parse(text.toString()) as SessionGrant;
  } catch {
    return undefined;
  }
};

const opened = new WeakMap<ServerKey, BoundedCache<SessionGrant | undefined>>();

/** What a token says; undefined for one that is garbled or was sealed by another server. Never throws. */
export const openSessionToken = (serverKey: ServerKey, token: string): SessionGrant | undefined => {
  let cache = opened.get(serverKey);
  if (cache === undefined) {
    cache = createBoundedCache({ entriesMax: OPENED_TOKENS_MAX });
    opened.set(serverKey, cache);
  }
  if (token.length > SESSION_TOKEN_CHARACTERS_MAX) return undefined;
  return cache.getOrMake(token, () => unseal(serverKey, token));
};
