/** Several digests over one pass of the bytes. */
import type { ChecksumAlgorithm } from "./algorithms.ts";
import { createHasher, digestOf } from "./hasher.ts";
import type { Hasher } from "./hasher.ts";

export type Digests = {
  update(bytes: Uint8Array): void;
  /** The raw digests by algorithm. Once only, at the end. */
  finish(): Map<ChecksumAlgorithm, Uint8Array>;
};

const NO_BYTES = new Uint8Array(0);

/**
 * Hashes with each of `algorithms`. The first run of bytes is kept (not copied) until a second comes, so that a body of one
 * run is hashed in one go: the caller must not overwrite it.
 */
export const createDigests = (algorithms: ReadonlySet<ChecksumAlgorithm>): Digests => {
  let first: Uint8Array | undefined;
  let hashers: (readonly [ChecksumAlgorithm, Hasher])[] | undefined;
  return {
    update(bytes) {
      if (hashers === undefined) {
        if (first === undefined) {
          first = bytes;
          return;
        }
        hashers = [...algorithms].map((algorithm) => [algorithm, createHasher(algorithm)] as const);
        for (const [, hasher] of hashers) hasher.update(first);
        first = undefined;
      }
      for (const [, hasher] of hashers) hasher.update(bytes);
    },
    finish() {
      const digests = new Map<ChecksumAlgorithm, Uint8Array>();
      if (hashers === undefined) {
        for (const algorithm of algorithms) digests.set(algorithm, digestOf(algorithm, first ?? NO_BYTES));
      } else {
        for (const [algorithm, hasher] of hashers) digests.set(algorithm, hasher.digest());
      }
      return digests;
    },
  };
};
