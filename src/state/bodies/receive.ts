/** From a stream of bytes to a body: small ones stay in memory until their transaction, large ones go to a file at once. */
import type { BodyFile, BodyStore } from "./store.ts";

/**
 * Bodies up to here live in the engine. Measured, CPU of storing one in the engine or as a file, 16 at a time: 14 and 69 us for 1 KiB,
 * 36 and 49 us for 16 KiB, 59 and 55 us for 32 KiB, 106 and 64 us for 64 KiB.
 */
export const INLINE_BYTES_MAX = 32 * 1024;
/** A file is written in runs of about this size, one thread-pool call each. */
const WRITE_RUN_BYTES = 256 * 1024;

/** Bytes that were received and that nothing refers to yet. */
export type ReceivedBody = {
  readonly bodyId: string;
  readonly sizeBytes: number;
  /** The bytes themselves when they are few. */
  readonly inline?: Uint8Array;
};

type Source = AsyncIterable<Uint8Array> | Uint8Array;

const joined = (chunks: readonly Uint8Array[], size: number): Uint8Array => {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
};

/** Writes runs to a file while the next run is being received: at most one write is under way. */
class FileWriter {
  readonly #file: BodyFile;
  #run: Uint8Array[];
  #runBytes: number;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: BodyFile, first: { chunks: Uint8Array[]; bytes: number }) {
    this.#file = file;
    this.#run = first.chunks;
    this.#runBytes = first.bytes;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#run.push(chunk);
    this.#runBytes += chunk.byteLength;
    if (this.#runBytes >= WRITE_RUN_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.#file.finish();
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.discard();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#runBytes === 0) return;
    this.#writing = this.#file.append(this.#run);
    // A failure is met by whoever awaits it next; until then it must not count as unhandled.
    this.#writing.catch(() => undefined);
    this.#run = [];
    this.#runBytes = 0;
  }
}

/** Receives `source` whole. When it throws, nothing is left behind, or `mayBeLeft` is told that a file could not be removed. */
export const receiveBody = async (
  source: Source,
  options: { store: BodyStore; newId: () => string; mayBeLeft: () => void },
): Promise<ReceivedBody> => {
  const { store, newId, mayBeLeft } = options;
  if (source instanceof Uint8Array) {
    if (source.byteLength > INLINE_BYTES_MAX) return receiveBody(once(source), options);
    return { bodyId: `i${newId()}`, sizeBytes: source.byteLength, inline: source };
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  let writer: FileWriter | undefined;
  const id = newId();
  try {
    for await (const chunk of source) {
      sizeBytes += chunk.byteLength;
      if (writer !== undefined) await writer.add(chunk);
      else {
        chunks.push(chunk);
        if (sizeBytes > INLINE_BYTES_MAX) {
          writer = new FileWriter(await store.create(`f${id}`), { chunks, bytes: sizeBytes });
        }
      }
    }
    if (writer === undefined) return { bodyId: `i${id}`, sizeBytes, inline: joined(chunks, sizeBytes) };
    await writer.finish();
    return { bodyId: `f${id}`, sizeBytes };
  } catch (error) {
    await writer?.discard().catch(mayBeLeft);
    throw error;
  }
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
