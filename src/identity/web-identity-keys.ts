/**
 * The keys that sign web identity tokens. They come from the server key and the world's name, so that a token stays good after a
 * restart and every node of a server publishes the same keys.
 */
import { checkPrime, createECDH, createHmac, createPrivateKey, hash } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { promisify } from "node:util";

import { createBoundedCache } from "./bounded-cache.ts";
import type { BoundedCache } from "./bounded-cache.ts";
import type { ServerKey } from "./server-key.ts";

/** The algorithms that GetWebIdentityToken knows. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html */
export const WEB_IDENTITY_ALGORITHMS = ["ES384", "RS256"] as const;
export type WebIdentityAlgorithm = (typeof WEB_IDENTITY_ALGORITHMS)[number];

export type WebIdentityKey = {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** As a JWKS document shows it. */
  readonly publicJwk: JsonWebKey;
};

const PRIME_BYTES = 128;
const PUBLIC_EXPONENT = 65_537n;
/** The order of P-384, of which a private key is less. */
const P384_ORDER = BigInt(
  "0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
);
const P384_BYTES = 48;
const WORLDS_MAX = 100;

const isPrime = promisify(checkPrime);

type Source = { readonly serverKey: ServerKey; readonly worldName: string };

const stream = ({ serverKey, worldName }: Source, purpose: string): Buffer =>
  Buffer.concat(
    [0, 1].map((block) =>
      createHmac("sha512", serverKey.webIdentityKey).update(`${purpose}/${block}/${worldName}`).digest(),
    ),
  );

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

const toBytes = (value: bigint): Buffer => {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
};

const base64url = (value: bigint): string => toBytes(value).toString("base64url");

/** The first prime from where the stream says, of exactly 1,024 bits, and such that the product of two has 2,048. */
const primeFrom = async (source: Source, purpose: string): Promise<bigint> => {
  const start = stream(source, purpose).subarray(0, PRIME_BYTES);
  start.writeUInt8(start.readUInt8(0) | 0xc0, 0);
  let candidate = toNumber(start) | 1n;
  while ((candidate - 1n) % PUBLIC_EXPONENT === 0n || !(await isPrime(candidate))) candidate += 2n;
  return candidate;
};

const inverse = (value: bigint, modulus: bigint): bigint => {
  let [a, b] = [value % modulus, modulus];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
};

const rsaJwk = async (source: Source): Promise<JsonWebKey> => {
  const p = await primeFrom(source, "rsa-p");
  const q = await primeFrom(source, "rsa-q");
  const d = inverse(PUBLIC_EXPONENT, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e: PUBLIC_EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  return {
    kty: "RSA",
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64url(value)])),
  };
};

const ecJwk = (source: Source): JsonWebKey => {
  const d = toNumber(stream(source, "ec-p384")) % (P384_ORDER - 1n);
  const secret = Buffer.from((d + 1n).toString(16).padStart(2 * P384_BYTES, "0"), "hex");
  const curve = createECDH("secp384r1");
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey().subarray(1);
  return {
    kty: "EC",
    crv: "P-384",
    d: secret.toString("base64url"),
    x: point.subarray(0, P384_BYTES).toString("base64url"),
    y: point.subarray(P384_BYTES).toString("base64url"),
  };
};

/** Members of a public key, in the order of https://www.rfc-editor.org/rfc/rfc7638#section-3.2 */
const PUBLIC_MEMBERS = { RS256: ["e", "kty", "n"], ES384: ["crv", "kty", "x", "y"] } as const;

const keyFrom = async (source: Source, algorithm: WebIdentityAlgorithm): Promise<WebIdentityKey> => {
  const jwk = algorithm === "RS256" ? await rsaJwk(source) : ecJwk(source);
  const publicMembers = Object.fromEntries(PUBLIC_MEMBERS[algorithm].map((name) => [name, jwk[name]]));
  const keyId = hash("sha256", JSON.stringify(publicMembers), "buffer").toString("base64url");
  return {
    keyId,
    privateKey: createPrivateKey({ key: jwk, format: "jwk" }),
    publicJwk: { ...publicMembers, kid: keyId, use: "sig", alg: algorithm },
  };
};

const made = new WeakMap<ServerKey, BoundedCache<Promise<WebIdentityKey>>>();

/** The key of a world for one algorithm: the same each time. The first RSA key takes some 100 ms to find. */
export const webIdentityKey = (source: Source, algorithm: WebIdentityAlgorithm): Promise<WebIdentityKey> => {
  let cache = made.get(source.serverKey);
  if (cache === undefined) {
    cache = createBoundedCache({ entriesMax: WORLDS_MAX * WEB_IDENTITY_ALGORITHMS.length });
    made.set(source.serverKey, cache);
  }
  return cache.getOrMake(`${algorithm}/${source.worldName}`, () => keyFrom(source, algorithm));
};
