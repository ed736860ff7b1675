/** The parts of hash-wasm that are used, in a module of their own so that they are loaded on first use and nothing else of it is bundled. */
export { createXXHash128, createXXHash3, createXXHash64 } from "hash-wasm";
