/**
 * How archives are compressed: parameters are fixed, and so is how bytes are handed to the compressor, which ends its blocks where
 * a chunk or the stream does. So the same bytes in give the same bytes out.
 */
import { pipeline, Readable, type Duplex } from "node:stream";
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from "node:zlib";
import type { Compression } from "./format.ts";

const CHUNK_BYTES = 256 * 1024;

const COMPRESSORS: Readonly<Record<Compression, () => Duplex>> = {
  zstd: () =>
    createZstdCompress({
      chunkSize: CHUNK_BYTES,
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
  // Node writes no time and no name into the header.
  gzip: () => createGzip({ chunkSize: CHUNK_BYTES, level: 6 }),
};

const DECOMPRESSORS: Readonly<Record<Compression, () => Duplex>> = {
  zstd: () => createZstdDecompress({ chunkSize: CHUNK_BYTES }),
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
};

/** A failure, and a consumer that goes away, end both sides. */
export async function* compress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  const compressor = COMPRESSORS[compression]();
  const feeding = feed(evenChunks(source), compressor).catch((error: unknown) => {
    compressor.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    yield* compressor as AsyncIterable<Uint8Array>;
  } finally {
    compressor.destroy();
    await feeding;
  }
}

/** Each chunk is through before the next one or the end is told: whether they come together is a matter of chance otherwise. */
const feed = async (chunks: AsyncIterable<Uint8Array>, compressor: Duplex): Promise<void> => {
  for await (const chunk of chunks) {
    await new Promise<void>((resolve, reject) => {
      compressor.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
  compressor.end();
};

/** The same bytes in chunks of one size; only the last is smaller. */
async function* evenChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let filled = 0;
  for await (const bytes of source) {
    for (let taken = 0; taken < bytes.byteLength;) {
      const some = Math.min(bytes.byteLength - taken, CHUNK_BYTES - filled);
      chunk.set(bytes.subarray(taken, taken + some), filled);
      taken += some;
      filled += some;
      if (filled < CHUNK_BYTES) continue;
      yield chunk;
      chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

export const decompress = (source: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> =>
  pipeline(Readable.from(source, { objectMode: true, highWaterMark: 1 }), DECOMPRESSORS[compression](), () => {
    // Whoever reads hears of it.
  });
