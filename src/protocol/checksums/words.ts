/** Bytes seen as words of 32 bits, which is what makes the sliced CRCs fast. */

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

/** The same bytes in order: at most three to the first aligned one, an even number of little-endian words, at most seven more. */
export type WordSplit = { readonly head: Uint8Array; readonly words: Int32Array; readonly tail: Uint8Array };

/** Copies nothing. On a big-endian machine there are no words, and all is tail. */
export const splitByWords = (bytes: Uint8Array): WordSplit => {
  const headBytes = -bytes.byteOffset & 3;
  const wordCount = Math.floor((bytes.length - headBytes) / 8) * 2;
  if (wordCount <= 0 || !LITTLE_ENDIAN) return { head: NO_BYTES, words: NO_WORDS, tail: bytes };
  return {
    head: headBytes === 0 ? NO_BYTES : bytes.subarray(0, headBytes),
    words: new Int32Array(bytes.buffer, bytes.byteOffset + headBytes, wordCount),
    tail: bytes.subarray(headBytes + wordCount * 4),
  };
};
