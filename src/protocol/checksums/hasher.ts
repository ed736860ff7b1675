/** Every checksum algorithm behind one interface, streaming or in one go. */
import { createHash, hash } from "node:crypto";
import { crc32 } from "node:zlib";

import type { ChecksumAlgorithm } from "./algorithms.ts";
import { crc32c } from "./crc32c.ts";
import { updateCrc64 } from "./crc64nvme.ts";
import type { Crc64State } from "./crc64nvme.ts";
import { createXxhash, isXxhash, loadXxhash } from "./xxhash.ts";

export type Hasher = {
  /** Takes more bytes; keeps no reference to them. */
  update(bytes: Uint8Array): void;
  /** The raw digest, big-endian. Once only, at the end. */
  digest(): Uint8Array;
};

/** Algorithms that node:crypto has, by its names. */
const NODE_NAMES: ReadonlyMap<ChecksumAlgorithm, string> = new Map([
  ["MD5", "md5"],
  ["SHA1", "sha1"],
  ["SHA256", "sha256"],
  ["SHA512", "sha512"],
]);

const bigEndian32 = (word: number): Buffer => {
  const digest = Buffer.allocUnsafe(4);
  digest.writeUInt32BE(word >>> 0);
  return digest;
};

const bigEndian64 = ({ high, low }: Crc64State): Buffer => {
  const digest = Buffer.allocUnsafe(8);
  digest.writeInt32BE(high, 0);
  digest.writeInt32BE(low, 4);
  return digest;
};

const crc32Hasher = (next: (bytes: Uint8Array, crc: number) => number): Hasher => {
  let crc = 0;
  return {
    update(bytes) {
      crc = next(bytes, crc);
    },
    digest: () => bigEndian32(crc),
  };
};

const crc64Hasher = (): Hasher => {
  const state: Crc64State = { high: 0, low: 0 };
  return { update: (bytes) => updateCrc64(state, bytes), digest: () => bigEndian64(state) };
};

const nodeHasher = (name: string): Hasher => {
  const inner = createHash(name);
  return { update: (bytes) => void inner.update(bytes), digest: () => inner.digest() };
};

/**
 * Loads what `createHasher` and `digestOf` need for these algorithms. Undefined when nothing is left to load, which is
 * always so for all but the XXHASH ones.
 */
export const loadHashers = (algorithms: readonly ChecksumAlgorithm[]): Promise<void> | undefined =>
  algorithms.some(isXxhash) ? loadXxhash() : undefined;

const HASHERS: Readonly<Record<ChecksumAlgorithm, () => Hasher>> = {
  CRC32: () => crc32Hasher(crc32),
  CRC32C: () => crc32Hasher(crc32c),
  CRC64NVME: crc64Hasher,
  MD5: () => nodeHasher("md5"),
  SHA1: () => nodeHasher("sha1"),
  SHA256: () => nodeHasher("sha256"),
  SHA512: () => nodeHasher("sha512"),
  XXHASH64: () => createXxhash("XXHASH64"),
  XXHASH3: () => createXxhash("XXHASH3"),
  XXHASH128: () => createXxhash("XXHASH128"),
};

/** A new streaming hasher. Throws for an XXHASH algorithm that `loadHashers` has not loaded. */
export const createHasher = (algorithm: ChecksumAlgorithm): Hasher => HASHERS[algorithm]();

/** Loads what `createHasherByName` needs. */
export const loadAllHashers = async (): Promise<void> => {
  await loadHashers(Object.keys(HASHERS) as ChecksumAlgorithm[]);
};

/** A hasher by the name that a checksum has where it is kept; undefined for one that is unknown. After `loadAllHashers`. */
export const createHasherByName = (name: string): Hasher | undefined =>
  Object.hasOwn(HASHERS, name) ? createHasher(name as ChecksumAlgorithm) : undefined;

/** The digest of bytes that are all there: cheaper than a hasher, which counts for small bodies. */
export const digestOf = (algorithm: ChecksumAlgorithm, bytes: Uint8Array): Uint8Array => {
  const nodeName = NODE_NAMES.get(algorithm);
  if (nodeName !== undefined) return hash(nodeName, bytes, "buffer");
  const hasher = createHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
};
