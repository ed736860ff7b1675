/** The bytes of extents as a stream. */
import { Readable } from "node:stream";
import { callbackify } from "node:util";
import type { OpenFile } from "../../platform/files.ts";
import type { Extent } from "../model.ts";
import type { BodyStore } from "./store.ts";

/** How much of a file is read at a time. */
const READ_RUN_BYTES = 256 * 1024;
/** Buffers that are kept to be filled again: one on its way to the client, one waiting, one being filled. */
const KEPT_BUFFERS_MAX = 3;

/** Bytes that are in memory, or those of a file. */
export type Piece = { readonly bytes: Uint8Array } | { readonly file: Extent };

/**
 * Reads pieces one after another. A consumer that gives its chunks back (`recycle`) has them filled again, so that a body of any
 * length makes no garbage; one that does not gets a new buffer each time.
 */
export class ExtentStream extends Readable {
  readonly #store: BodyStore;
  readonly #pieces: readonly Piece[];
  readonly #onClose: () => void;
  readonly #free: Buffer[] = [];
  #at = 0;
  #doneBytes = 0;
  #file: OpenFile | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: { store: BodyStore; pieces: readonly Piece[]; onClose: () => void }) {
    super({ highWaterMark: READ_RUN_BYTES });
    this.#store = options.store;
    this.#pieces = options.pieces;
    this.#onClose = options.onClose;
  }

  /** Takes back a chunk that its consumer has done with: its bytes will change. */
  recycle(chunk: Uint8Array): void {
    const { buffer, byteOffset } = chunk;
    if (byteOffset !== 0 || buffer.byteLength !== READ_RUN_BYTES || this.#free.length >= KEPT_BUFFERS_MAX) return;
    this.#free.push(Buffer.from(buffer));
  }

  override _read(): void {
    this.#reading = this.#next().then(
      (chunk) => void this.push(chunk ?? null),
      (error: unknown) => void this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    callbackify(() => this.#letGo())(() => done(error));
  }

  /** A read that is under way still uses the file. Nothing that fails here is the consumer's to know. */
  async #letGo(): Promise<void> {
    await this.#reading;
    await this.#closeFile().catch(() => undefined);
    this.#onClose();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const piece = this.#pieces[this.#at];
    if (piece === undefined) return undefined;
    if ("bytes" in piece) {
      this.#at += 1;
      // What the state holds is not the consumer's to give back.
      return Buffer.from(piece.bytes);
    }
    return this.#readFile(piece.file);
  }

  async #readFile({ bodyId, offsetBytes, lengthBytes }: Extent): Promise<Uint8Array> {
    this.#file ??= await this.#store.open(bodyId);
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(READ_RUN_BYTES);
    const wanted = buffer.subarray(0, Math.min(READ_RUN_BYTES, lengthBytes - this.#doneBytes));
    const bytes = await this.#file.read(wanted, offsetBytes + this.#doneBytes);
    if (bytes === 0) throw new Error(`body ${bodyId} ends too early`);
    this.#doneBytes += bytes;
    if (this.#doneBytes === lengthBytes) {
      await this.#closeFile();
      this.#at += 1;
      this.#doneBytes = 0;
    }
    return wanted.subarray(0, bytes);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
