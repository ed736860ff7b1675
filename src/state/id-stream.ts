/**
 * The ids that clients see: request ids, version ids, upload ids. They are a keyed function of the world's seed and of its
 * position, which goes up by one with each request; positions are leased in blocks, so that drawing one writes nothing.
 */
import { createCipheriv, createHmac, type Cipheriv } from "node:crypto";

/** Positions leased at a time. After a crash at most so many are skipped. */
const LEASE_POSITIONS = 1_024;
/** Positions whose key stream is made at a time: a world that nobody uses holds little more than its name. */
const BLOCK_POSITIONS = 64;
/** Bytes of key stream for each position: a multiple of the cipher's block. */
const POSITION_BYTES = 80;
const CIPHER_BLOCK_BYTES = 16;
const ZEROS = Buffer.alloc(BLOCK_POSITIONS * POSITION_BYTES);
const REQUEST_ID_BYTES = 10;
const HOST_ID_BYTES = 56;

const REQUEST_ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** In ASCII order, so that texts of one length sort as the numbers they write. */
const ORDERED_ALPHABET = "0123456789abcdefghijklmnopqrstuv";
const UPLOAD_ID_POSITION_CHARS = 10;
const UPLOAD_ID_RANDOM_BYTES = 36;
const VERSION_ID_BYTES = 24;

/** Five bits a character, most significant first. */
const base32 = (bytes: Uint8Array, alphabet: string): string => {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31];
    }
  }
  return text;
};

const orderedNumber = (value: number, chars: number): string => {
  let text = "";
  for (let rest = value; text.length < chars; rest = Math.floor(rest / 32)) text = ORDERED_ALPHABET[rest % 32] + text;
  return text;
};

const UPLOAD_ID = new RegExp(`^[${ORDERED_ALPHABET}]{${UPLOAD_ID_POSITION_CHARS}}[A-Za-z0-9_-]{48}$`);

/** The position of the stream that an upload id was drawn at; undefined for one of another form. */
export const positionOfUploadId = (uploadId: string): number | undefined => {
  if (!UPLOAD_ID.test(uploadId)) return undefined;
  let position = 0;
  for (let at = 0; at < UPLOAD_ID_POSITION_CHARS; at += 1) {
    position = position * 32 + ORDERED_ALPHABET.indexOf(uploadId.charAt(at));
  }
  return position;
};

/** The ids of one request. */
export class Draw {
  readonly position: number;
  readonly #seed: Buffer;
  readonly #bytes: Buffer;
  #derived = 0;

  constructor(options: { seed: Buffer; position: number; bytes: Buffer }) {
    this.#seed = options.seed;
    this.position = options.position;
    this.#bytes = options.bytes;
  }

  /** 16 upper-case letters and digits. */
  get requestId(): string {
    return base32(this.#bytes.subarray(0, REQUEST_ID_BYTES), REQUEST_ID_ALPHABET);
  }

  /** 76 characters of base64. */
  get hostId(): string {
    return this.#bytes.toString("base64", REQUEST_ID_BYTES, REQUEST_ID_BYTES + HOST_ID_BYTES);
  }

  /** 32 characters; another one at each call. */
  versionId(): string {
    return this.#next("version", VERSION_ID_BYTES).toString("base64").replaceAll("+", ".").replaceAll("/", "_");
  }

  /** 58 characters that sort in the order in which uploads begin; another one at each call. */
  uploadId(): string {
    const random = this.#next("upload", UPLOAD_ID_RANDOM_BYTES).toString("base64url");
    return orderedNumber(this.position, UPLOAD_ID_POSITION_CHARS) + random;
  }

  /** `size` bytes, at most 32, of a named purpose; others at each call. */
  bytes(purpose: string, size: number): Buffer {
    return this.#next(purpose, size);
  }

  #next(purpose: string, size: number): Buffer {
    this.#derived += 1;
    return createHmac("sha512", this.#seed)
      .update(`${purpose}:${this.position}:${this.#derived}`)
      .digest()
      .subarray(0, size);
  }
}

export class IdStream {
  readonly #seed: Buffer;
  readonly #lease: (positions: number) => Promise<number>;
  #next = 0;
  #end = 0;
  #block: Buffer = Buffer.alloc(0);
  #blockStart = 0;
  #blockEnd = 0;
  /** Gives the key stream from `#cipherAt` on. Making one costs as much as answering two requests. */
  #cipher: Cipheriv | undefined;
  #cipherAt = 0;
  #leasing: Promise<void> | undefined;
  #generation = 0;

  /** `lease` takes so many positions out of the world's record and answers the first. `seed` has 32 bytes. */
  constructor(options: { seed: Buffer; lease: (positions: number) => Promise<number> }) {
    this.#seed = options.seed;
    this.#lease = options.lease;
  }

  /** The position that the next draw gets, where it is known. */
  get position(): number | undefined {
    return this.#next < this.#end ? this.#next : undefined;
  }

  /** The next position; at once, unless a new block has to be leased. */
  draw(): Draw | Promise<Draw> {
    return this.#next < this.#end ? this.#take() : this.#takeAfterLease();
  }

  /**
   * The ids of work that no request asked for, by a name that no other work has: they take no position, so that what requests get
   * does not depend on when such work is done.
   */
  drawFor(work: string): Draw {
    const seed = createHmac("sha256", this.#seed).update(`work:${work}`).digest();
    const blocks = ["0", "1"].map((block) => createHmac("sha512", seed).update(block).digest());
    return new Draw({ seed, position: 0, bytes: Buffer.concat(blocks, POSITION_BYTES) });
  }

  async #takeAfterLease(): Promise<Draw> {
    while (this.#next >= this.#end) {
      this.#leasing ??= this.#takeLease(this.#generation).finally(() => {
        this.#leasing = undefined;
      });
      await this.#leasing;
    }
    return this.#take();
  }

  #take(): Draw {
    const position = this.#next;
    this.#next += 1;
    if (position >= this.#blockEnd) this.#makeBlock(position);
    const at = (position - this.#blockStart) * POSITION_BYTES;
    return new Draw({ seed: this.#seed, position, bytes: this.#block.subarray(at, at + POSITION_BYTES) });
  }

  /** Makes the key stream from `start` on. */
  #makeBlock(start: number): void {
    const positions = Math.min(BLOCK_POSITIONS, this.#end - start);
    if (this.#cipher === undefined || this.#cipherAt !== start) this.#cipher = this.#cipherFrom(start);
    this.#block = this.#cipher.update(ZEROS.subarray(0, positions * POSITION_BYTES));
    this.#cipherAt = start + positions;
    this.#blockStart = start;
    this.#blockEnd = start + positions;
  }

  #cipherFrom(start: number): Cipheriv {
    const counter = Buffer.alloc(CIPHER_BLOCK_BYTES);
    counter.writeBigUInt64BE(BigInt(start) * BigInt(POSITION_BYTES / CIPHER_BLOCK_BYTES), 8);
    return createCipheriv("aes-256-ctr", this.#seed, counter);
  }

  /** Forgets the lease: the world's record was set to another position. */
  restart(): void {
    this.#generation += 1;
    this.#next = 0;
    this.#end = 0;
    this.#blockEnd = 0;
  }

  async #takeLease(generation: number): Promise<void> {
    const start = await this.#lease(LEASE_POSITIONS);
    if (generation !== this.#generation) return;
    this.#blockEnd = start;
    this.#next = start;
    this.#end = start + LEASE_POSITIONS;
  }
}
