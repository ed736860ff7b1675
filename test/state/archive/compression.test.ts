import { setImmediate } from "node:timers/promises";
import test from "ava";
import { compress, decompress } from "../../../src/state/archive/compression.ts";

const BYTES = Buffer.from(Array.from({ length: 90_000 }, (_, at) => `${at * 7919}-`).join(""));

/** Some chunks come at once, others later. */
async function* inChunks(sizeBytes: number, { late }: { late: boolean }): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < BYTES.length; at += sizeBytes) {
    yield BYTES.subarray(at, at + sizeBytes);
    if (late) await setImmediate();
  }
}

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
};

for (const compression of ["zstd", "gzip"] as const) {
  test(`the same bytes are compressed to the same bytes, however they come (${compression})`, async (t) => {
    const expected = await collect(compress(inChunks(BYTES.length, { late: false }), compression));
    for (const sizeBytes of [1_000, 65_536, 262_144, 300_001]) {
      for (const late of [false, true]) {
        const compressed = await collect(compress(inChunks(sizeBytes, { late }), compression));
        t.true(compressed.equals(expected), `chunks of ${sizeBytes}`);
      }
    }
    t.true((await collect(decompress(inOne(expected), compression))).equals(BYTES));
  });

  test(`what goes wrong on the way to a compressor is told behind it (${compression})`, async (t) => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield BYTES;
      throw new Error("the disk is gone");
    };
    await t.throwsAsync(collect(compress(broken(), compression)), { message: "the disk is gone" });
  });

  test(`whoever stops reading ends what was read for it (${compression})`, async (t) => {
    let ended = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.allocUnsafe(100_000);
      } finally {
        ended = true;
      }
    };
    for await (const chunk of compress(endless(), compression)) {
      t.true(chunk.length > 0);
      break;
    }
    t.true(ended);
  });
}

async function* inOne(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
