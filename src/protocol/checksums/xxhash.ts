/**
 * XXH64, XXH3 and XXH128 over WebAssembly. Making an instance takes a promise, so there is one of each and hashers take
 * turns in it, saving and loading their state (580 bytes at most).
 */
import type { IHasher } from "hash-wasm";

export type XxhashAlgorithm = "XXHASH64" | "XXHASH3" | "XXHASH128";

type Instance = { readonly wasm: IHasher; user: XxhashState | undefined };
type XxhashState = { saved: Uint8Array | undefined };

const instances = new Map<XxhashAlgorithm, Instance>();
let loading: Promise<void> | undefined;

const load = async (): Promise<void> => {
  const { createXXHash64, createXXHash3, createXXHash128 } = await import("./xxhash-wasm.ts");
  instances.set("XXHASH64", { wasm: await createXXHash64(), user: undefined });
  instances.set("XXHASH3", { wasm: await createXXHash3(), user: undefined });
  instances.set("XXHASH128", { wasm: await createXXHash128(), user: undefined });
};

export const isXxhash = (algorithm: string): algorithm is XxhashAlgorithm => algorithm.startsWith("XXHASH");

/** Undefined once loaded. */
export const loadXxhash = (): Promise<void> | undefined => {
  if (instances.size > 0) return undefined;
  loading ??= load().finally(() => {
    loading = undefined;
  });
  return loading;
};

const enter = (instance: Instance, state: XxhashState): IHasher => {
  const { wasm, user } = instance;
  if (user === state) return wasm;
  if (user !== undefined) user.saved = wasm.save();
  instance.user = state;
  return state.saved === undefined ? wasm.init() : wasm.load(state.saved);
};

/** Throws unless `loadXxhash` has finished. Digests are big-endian, as xxHash's canonical form. */
export const createXxhash = (algorithm: XxhashAlgorithm): { update(bytes: Uint8Array): void; digest(): Uint8Array } => {
  const instance = instances.get(algorithm);
  if (instance === undefined) throw new Error(`${algorithm} is not loaded yet: await loadHashers first`);
  const state: XxhashState = { saved: undefined };
  return {
    update(bytes) {
      enter(instance, state).update(bytes);
    },
    digest() {
      const digest = enter(instance, state).digest("binary");
      instance.user = undefined;
      return digest;
    },
  };
};
