/**
 * The CRC of two runs of bytes from the CRC of each, without the bytes. A CRC is a remainder modulo a polynomial P over GF(2),
 * so that crc(a + b) = crc(a) * x^(8 * length of b) mod P, xor crc(b). (What these CRCs put in at the start and the end cancels out.)
 */
import type { ChecksumAlgorithm } from "./algorithms.ts";

export type CrcAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME";

/** A polynomial, or remainder, as CRCs write it: the highest bit of `high` is the coefficient of x^0. 32-bit CRCs use `high` alone. */
type Polynomial = { readonly high: number; readonly low: number };
type Field = { readonly modulus: Polynomial; readonly lastBit: "high" | "low" };

const FIELDS: Readonly<Record<CrcAlgorithm, Field>> = {
  CRC32: { modulus: { high: 0xedb88320, low: 0 }, lastBit: "high" },
  CRC32C: { modulus: { high: 0x82f63b78, low: 0 }, lastBit: "high" },
  CRC64NVME: { modulus: { high: 0x9a6c9329, low: 0xac4bc9b5 }, lastBit: "low" },
};

export const isCrc = (algorithm: ChecksumAlgorithm): algorithm is CrcAlgorithm => Object.hasOwn(FIELDS, algorithm);

/** a * b mod P, a coefficient of `a` a step. */
const multiply = ({ modulus, lastBit }: Field, a: Polynomial, b: Polynomial): Polynomial => {
  let productHigh = 0;
  let productLow = 0;
  let { high, low } = b;
  for (const word of lastBit === "high" ? [a.high] : [a.high, a.low]) {
    for (let bit = 31; bit >= 0; bit--) {
      const taken = -((word >>> bit) & 1);
      productHigh ^= high & taken;
      productLow ^= low & taken;
      // b * x: a shift, and a reduction when the highest coefficient falls out.
      const carried = -((lastBit === "high" ? high : low) & 1);
      if (lastBit === "low") low = ((low >>> 1) | (high << 31)) ^ (modulus.low & carried);
      high = (high >>> 1) ^ (modulus.high & carried);
    }
  }
  return { high: productHigh, low: productLow };
};

const ONE: Polynomial = { high: 1 << 31, low: 0 };
const X: Polynomial = { high: 1 << 30, low: 0 };

/** x^(8 * lengthBytes) mod P, by repeated squaring. */
const shiftOf = (field: Field, lengthBytes: number): Polynomial => {
  let shift = ONE;
  let square = X;
  for (let doubling = 0; doubling < 3; doubling++) square = multiply(field, square, square);
  for (let rest = lengthBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(field, shift, square);
    square = multiply(field, square, square);
  }
  return shift;
};

/** Parts of one upload are nearly all of one length, so the last shift of each algorithm is kept. */
const lastShifts = new Map<CrcAlgorithm, { readonly lengthBytes: number; readonly shift: Polynomial }>();

const shiftFor = (algorithm: CrcAlgorithm, lengthBytes: number): Polynomial => {
  const last = lastShifts.get(algorithm);
  if (last?.lengthBytes === lengthBytes) return last.shift;
  const shift = shiftOf(FIELDS[algorithm], lengthBytes);
  lastShifts.set(algorithm, { lengthBytes, shift });
  return shift;
};

const readPolynomial = (digest: Uint8Array): Polynomial => {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return { high: view.getInt32(0), low: digest.byteLength === 8 ? view.getInt32(4) : 0 };
};

/** A run of bytes, known by its raw CRC and its length. */
export type CrcRun = { readonly digest: Uint8Array; readonly sizeBytes: number };

/** The raw CRC of the runs' bytes, one after another. Of no runs: the CRC of no bytes. */
export const combineCrcs = (algorithm: CrcAlgorithm, runs: readonly CrcRun[]): Uint8Array => {
  const field = FIELDS[algorithm];
  let high = 0;
  let low = 0;
  for (const { digest, sizeBytes } of runs) {
    const shifted = multiply(field, { high, low }, shiftFor(algorithm, sizeBytes));
    const own = readPolynomial(digest);
    high = shifted.high ^ own.high;
    low = shifted.low ^ own.low;
  }
  const combined = Buffer.alloc(field.lastBit === "low" ? 8 : 4);
  combined.writeInt32BE(high, 0);
  if (field.lastBit === "low") combined.writeInt32BE(low, 4);
  return combined;
};
