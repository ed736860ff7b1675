/** Writing an archive: lines and bytes go in, the archive's own bytes come out as they are ready. */
import { createHash, hash } from "node:crypto";
import { createTarPacker } from "modern-tar";
import { canonicalJson } from "./canonical-json.ts";
import { compress } from "./compression.ts";
import { DigestSet } from "./digest-set.ts";
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  bodyFile,
  FILE_BODY_BYTES_MAX,
  FILE_CHARS_MAX,
  FILE_LINES_MAX,
  MANIFEST_FILE,
  recordsFile,
  TRAILER_FILE,
  type Compression,
  type Line,
  type Manifest,
  type Trailer,
} from "./format.ts";
import { sealed } from "./seal.ts";

/** Few bytes as they are; many are opened twice, for their digest and for the archive, and must be the same both times. */
export type ArchiveBytes =
  | Uint8Array
  | { readonly sizeBytes: number; readonly open: () => Promise<AsyncIterable<Uint8Array>> };

/** A line of the archive, in a folder of it; those of one folder stand together. `body` of the line is the writer's to fill in. */
export type ArchiveItem = { readonly folder: string; readonly line: Line; readonly bytes?: ArchiveBytes };

/** Who gives away an archive that was not read to its end loses nothing: all that was opened for it is closed. */
export const writeArchive = (options: {
  readonly manifest: Omit<Manifest, "format" | "version">;
  readonly items: AsyncIterable<ArchiveItem>;
  readonly compression: Compression;
}): AsyncGenerator<Uint8Array, void, undefined> =>
  sealed(compress(tarOf(options), options.compression), options.compression);

async function* tarOf(options: {
  manifest: Omit<Manifest, "format" | "version">;
  items: AsyncIterable<ArchiveItem>;
}): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const producing = produce(new FileWriter(controller), options).then(
    () => controller.finalize(),
    (error: unknown) => controller.error(error),
  );
  yield* readable;
  await producing;
}

const produce = async (
  writer: FileWriter,
  { manifest, items }: { manifest: Omit<Manifest, "format" | "version">; items: AsyncIterable<ArchiveItem> },
): Promise<void> => {
  const full: Manifest = { format: ARCHIVE_FORMAT, version: ARCHIVE_VERSION, ...manifest };
  await writer.text(MANIFEST_FILE, `${canonicalJson(full)}\n`);
  const records = new RecordsWriter(writer);
  for await (const item of items) await records.add(item);
  await records.flush();
  await writer.text(TRAILER_FILE, `${canonicalJson(writer.trailer())}\n`);
};

type Packer = ReturnType<typeof createTarPacker>["controller"];

/** Writes files, whose owners and times are always the same, and keeps their digests. */
class FileWriter {
  readonly #packer: Packer;
  readonly #digests: Record<string, string> = {};
  readonly #all = createHash("sha256");
  #files = 0;

  constructor(packer: Packer) {
    this.#packer = packer;
  }

  trailer(): Trailer {
    return { files: this.#files, digests: this.#digests, sha256: this.#all.copy().digest("hex") };
  }

  async text(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const digest = hash("sha256", bytes);
    this.#digests[name] = digest;
    await this.#add(name, { sizeBytes: bytes.byteLength, digest, chunks: [bytes] });
  }

  async body(digest: string, bytes: ArchiveBytes): Promise<void> {
    const name = bodyFile(digest);
    if (bytes instanceof Uint8Array) await this.#add(name, { sizeBytes: bytes.byteLength, digest, chunks: [bytes] });
    else await this.#add(name, { sizeBytes: bytes.sizeBytes, digest, chunks: await bytes.open() });
  }

  async #add(
    name: string,
    file: { sizeBytes: number; digest: string; chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> },
  ): Promise<void> {
    const { sizeBytes: size, digest, chunks } = file;
    const header = { name, size, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) } as const;
    const stream = this.#packer.add(header).getWriter();
    const check = createHash("sha256");
    for await (const chunk of chunks) {
      check.update(chunk);
      await stream.write(chunk);
    }
    await stream.close();
    if (check.digest("hex") !== digest) throw new Error(`the bytes of ${name} changed while they were read`);
    this.#all.update(`${name}\0${digest}\n`);
    this.#files += 1;
  }
}

type NewBody = { readonly digest: string; readonly bytes: ArchiveBytes };

/** Gathers lines to files, and writes ahead of each the bodies that it is the first to name. */
class RecordsWriter {
  readonly #writer: FileWriter;
  readonly #written = new DigestSet();
  #folder = "";
  #number = 0;
  #lines: string[] = [];
  #bodies: NewBody[] = [];
  #chars = 0;
  #bodyBytes = 0;

  constructor(writer: FileWriter) {
    this.#writer = writer;
  }

  async add({ folder, line, bytes }: ArchiveItem): Promise<void> {
    if (folder !== this.#folder || this.#isFull()) await this.flush();
    if (folder !== this.#folder) [this.#folder, this.#number] = [folder, 0];
    const digest = bytes === undefined || sizeOf(bytes) === 0 ? undefined : await this.#digestOf(bytes);
    const text = canonicalJson(digest === undefined ? line : { ...line, body: digest });
    this.#lines.push(text);
    this.#chars += text.length;
  }

  #isFull(): boolean {
    return (
      this.#lines.length >= FILE_LINES_MAX || this.#chars >= FILE_CHARS_MAX || this.#bodyBytes >= FILE_BODY_BYTES_MAX
    );
  }

  async #digestOf(bytes: ArchiveBytes): Promise<string> {
    const digest = await digestOf(bytes);
    const text = digest.toString("hex");
    if (this.#written.add(digest)) {
      this.#bodies.push({ digest: text, bytes });
      this.#bodyBytes += sizeOf(bytes);
    }
    return text;
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    for (const { digest, bytes } of this.#bodies) await this.#writer.body(digest, bytes);
    this.#number += 1;
    await this.#writer.text(recordsFile(this.#folder, this.#number), `${this.#lines.join("\n")}\n`);
    this.#lines = [];
    this.#bodies = [];
    this.#chars = 0;
    this.#bodyBytes = 0;
  }
}

const sizeOf = (bytes: ArchiveBytes): number => (bytes instanceof Uint8Array ? bytes.byteLength : bytes.sizeBytes);

const digestOf = async (bytes: ArchiveBytes): Promise<Buffer> => {
  if (bytes instanceof Uint8Array) return hash("sha256", bytes, "buffer");
  const digest = createHash("sha256");
  for await (const chunk of await bytes.open()) digest.update(chunk);
  return digest.digest();
};
