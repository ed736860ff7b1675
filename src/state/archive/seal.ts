/**
 * The seal at the end of an archive: the digest of all compressed bytes before it, in a form that decompressors step over. For
 * zstd that is a skippable frame, for gzip an empty member with a comment; so `tar` reads archives as they are.
 */
import { createHash, type Hash } from "node:crypto";
import { ARCHIVE_FORMAT, damaged, foreign, type Compression } from "./format.ts";

const textOf = (digest: string): string => `${ARCHIVE_FORMAT} sha256=${digest}\n`;

const SKIPPABLE_FRAME = 0x184d2a5e;
/** Deflate; a comment follows; no time, no flags, of an unknown system. */
const GZIP_COMMENT_HEADER = Buffer.from([0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 255]);
/** An empty block, the last; no checksum and no size of nothing. */
const GZIP_EMPTY = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

const frame = (text: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(SKIPPABLE_FRAME, 0);
  header.writeUInt32LE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

const SEALS: Readonly<Record<Compression, (text: string) => Buffer>> = {
  zstd: frame,
  gzip: (text) => Buffer.concat([GZIP_COMMENT_HEADER, Buffer.from(`${text}\0`), GZIP_EMPTY]),
};

const sealOf = (compression: Compression, digest: string): Buffer => SEALS[compression](textOf(digest));
const NO_DIGEST = "0".repeat(64);
const SEAL_BYTES: Readonly<Record<Compression, number>> = {
  zstd: sealOf("zstd", NO_DIGEST).length,
  gzip: sealOf("gzip", NO_DIGEST).length,
};

const MAGIC: readonly (readonly [compression: Compression, bytes: Buffer])[] = [
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ["gzip", Buffer.from([0x1f, 0x8b, 8])],
];
const MAGIC_BYTES = 4;

/** The bytes of `source`, and their seal. */
export async function* sealed(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash("sha256");
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  yield sealOf(compression, hash.digest("hex"));
}

/** What an archive is, once all of it has gone through. */
export type Sealed = {
  readonly compression: Compression;
  /** Without the seal. */
  readonly sizeBytes: number;
};

/** Looks at an archive as it comes in. */
export class SealCheck {
  readonly #hash: Hash = createHash("sha256");
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #sizeBytes = 0;
  #compression: Compression | undefined;

  /** Throws `ArchiveError` as soon as it is clear that this is none of ours. */
  add(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.byteLength;
    if (this.#compression !== undefined) return this.#keepTail(this.#compression, chunk);
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length < MAGIC_BYTES) return;
    const known = MAGIC.find(([, magic]) => this.#head.subarray(0, magic.length).equals(magic));
    if (known === undefined) throw foreign("this is no archive of Standin: it is neither zstd nor gzip");
    [this.#compression] = known;
    this.#keepTail(this.#compression, this.#head);
  }

  /** Throws `ArchiveError` where the seal is not that of what went through. */
  end(): Sealed {
    const compression = this.#compression;
    if (compression === undefined) throw foreign("this is no archive of Standin: it is too short");
    const sealBytes = SEAL_BYTES[compression];
    const digest = this.#hash.digest("hex");
    if (!this.#tail.equals(sealOf(compression, digest))) {
      throw this.#tail.includes(ARCHIVE_FORMAT)
        ? damaged("its bytes are not those that were sealed")
        : foreign(`this is no archive of Standin, or not all of one: the ${compression} data has no seal at its end`);
    }
    return { compression, sizeBytes: this.#sizeBytes - sealBytes };
  }

  /** All but the last bytes, which may be the seal, go into the digest. */
  #keepTail(compression: Compression, chunk: Uint8Array): void {
    const all = Buffer.concat([this.#tail, chunk]);
    const cut = Math.max(0, all.length - SEAL_BYTES[compression]);
    this.#hash.update(all.subarray(0, cut));
    this.#tail = Buffer.from(all.subarray(cut));
  }
}
