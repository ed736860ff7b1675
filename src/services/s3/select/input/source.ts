/** The bytes of an object on their way into a query: counted, decompressed, known to be UTF-8. */
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { notCompressed, SelectError } from "../errors.ts";
import { bunzip } from "./bzip2.ts";

export type Bytes = AsyncIterable<Uint8Array>;

type ByteGenerator = AsyncGenerator<Uint8Array, void>;

/** What a query has read so far. */
export type Counts = {
  /** Bytes of the object. */
  scanned: number;
  /** Bytes after decompression. */
  processed: number;
};

export type Compression = "NONE" | "GZIP" | "BZIP2";

/** The bytes as one iterable, whatever they come as. */
export const bytesOf = async function* (content: Uint8Array | Readable): ByteGenerator {
  if (content instanceof Readable) yield* content as AsyncIterable<Uint8Array>;
  else if (content.byteLength > 0) yield content;
};

/** `source`, with `count` told the length of each chunk. */
export const counted = async function* (source: Bytes, count: (bytes: number) => void): ByteGenerator {
  for await (const chunk of source) {
    count(chunk.byteLength);
    yield chunk;
  }
};

/** Errors: InvalidCompressionFormat for what was never compressed so, TruncatedInput for what ends or breaks on the way. */
export const decompressed = (source: Bytes, compression: Compression): Bytes => {
  if (compression === "NONE") return source;
  return compression === "GZIP" ? gunzip(source) : bunzip(source);
};

const gunzip = async function* (source: Bytes): ByteGenerator {
  const unzip = createGunzip();
  // Errors of either reach whoever reads; a reader who stops early ends both.
  pipeline(Readable.from(source), unzip, () => undefined);
  let begun = false;
  try {
    for await (const chunk of unzip as AsyncIterable<Uint8Array>) {
      begun = true;
      yield chunk;
    }
  } catch (error) {
    throw gzipError(error, { begun });
  }
};

const gzipError = (error: unknown, { begun }: { readonly begun: boolean }): unknown => {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (!code.startsWith("Z_")) return error;
  if (code !== "Z_DATA_ERROR" || begun) return new SelectError("TruncatedInput");
  return notCompressed("GZIP");
};

/** `source` as text. Errors: InvalidTextEncoding. */
export const decoded = async function* (source: Bytes): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of source) yield decode(() => decoder.decode(chunk, { stream: true }));
  yield decode(() => decoder.decode());
};

const decode = (read: () => string): string => {
  try {
    return read();
  } catch {
    throw new SelectError("InvalidTextEncoding");
  }
};

/** `source` as it is, once it is known to be text. Errors: InvalidTextEncoding. */
export const checkedText = async function* (source: Bytes): ByteGenerator {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of source) {
    decode(() => decoder.decode(chunk, { stream: true }));
    yield chunk;
  }
  decode(() => decoder.decode());
};
