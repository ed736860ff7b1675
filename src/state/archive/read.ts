/** Reading an archive: the files of its tar, one after another, each held to its digest. */
import { createHash, hash } from "node:crypto";
import { createTarDecoder } from "modern-tar";
import { decompress } from "./compression.ts";
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  damaged,
  foreign,
  ArchiveError,
  MANIFEST_FILE,
  TRAILER_FILE,
  WHOLE_FILE_BYTES_MAX,
  type Compression,
  type Manifest,
  type Trailer,
} from "./format.ts";

const BODY_NAME = /^bodies\/([0-9a-f]{64})$/;
const ACCOUNT_ID = /^\d{12}$/;
const RECORDS_NAME = /^(records\/\d{12}|access-keys|identities)\/\d{8}\.jsonl$/;

/** A file of the archive. A body must be read to its end before the next file is asked for; what is read of it may be wrong until then. */
export type ArchiveFile =
  | { readonly type: "manifest"; readonly manifest: Manifest }
  | { readonly type: "body"; readonly digest: string; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly type: "records"; readonly folder: string; readonly lines: readonly unknown[] };

/**
 * The files of an archive without its seal, in their order, the manifest first. Throws `ArchiveError` where something is not as
 * it was written; with the last file the whole has been held to its trailer.
 */
export async function* readArchive(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<ArchiveFile, void, undefined> {
  const check = new TrailerCheck();
  let isFirst = true;
  let ended = false;
  for await (const { name, sizeBytes, chunks } of tarFiles(source, compression)) {
    if (ended) throw damaged("something follows its trailer");
    if (isFirst !== (name === MANIFEST_FILE))
      throw foreign("this is no archive of Standin: its first file is not a manifest");
    isFirst = false;
    const digest = BODY_NAME.exec(name)?.[1];
    if (digest !== undefined) {
      yield { type: "body", digest, chunks: held(name, { chunks, digest }) };
      check.add(name, digest);
      continue;
    }
    const text = await readText(name, { sizeBytes, chunks });
    if (name === TRAILER_FILE) {
      check.end(parse(name, text) as Trailer);
      ended = true;
      continue;
    }
    check.add(name, hash("sha256", text), { isNamed: true });
    if (name === MANIFEST_FILE) yield { type: "manifest", manifest: readManifest(parse(name, text)) };
    else {
      const lines = text.split("\n").filter(Boolean);
      yield { type: "records", folder: folderOf(name), lines: lines.map((line) => parse(name, line)) };
    }
  }
  if (!ended) throw isFirst ? foreign("this is no archive of Standin: it is empty") : damaged("it has no trailer");
}

const parse = (name: string, text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw damaged(`${name} is not JSON`);
  }
};

const folderOf = (name: string): string => {
  const folder = RECORDS_NAME.exec(name)?.[1];
  if (folder === undefined) throw damaged(`it has a file ${JSON.stringify(name)} that belongs to no archive`);
  return folder;
};

const readManifest = (document: unknown): Manifest => {
  const { format, version, ...rest } = document as Partial<Manifest>;
  if (format !== ARCHIVE_FORMAT) throw foreign("this is no archive of Standin: its manifest says something else");
  if (version === undefined || version > ARCHIVE_VERSION) {
    const known = `this program knows formats up to ${ARCHIVE_VERSION}`;
    throw foreign(`the archive has format ${version ?? "of no number"}; ${known}`);
  }
  const { whole, accounts } = rest;
  const named = Array.isArray(accounts) && accounts.every((account) => ACCOUNT_ID.test(account?.accountId ?? ""));
  if (typeof whole !== "boolean" || !named) throw damaged("its manifest does not say what it holds");
  return { format, version, whole, accounts };
};

type TarFile = { readonly name: string; readonly sizeBytes: number; readonly chunks: AsyncIterable<Uint8Array> };

/** Whatever a decompressor or the tar says of bytes that are not theirs is damage; what the disk says is not. */
const asDamage = (error: unknown): unknown => {
  if (error instanceof ArchiveError || (error instanceof Error && "syscall" in error)) return error;
  return damaged(error instanceof Error ? error.message : String(error));
};

async function* readable(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw asDamage(error);
  }
}

async function* tarFiles(source: AsyncIterable<Uint8Array>, compression: Compression): AsyncGenerator<TarFile> {
  try {
    const decoder = createTarDecoder({ strict: true });
    const bytes = ReadableStream.from<Uint8Array>(decompress(source, compression));
    for await (const { header, body } of bytes.pipeThrough(decoder)) {
      yield { name: header.name, sizeBytes: header.size, chunks: readable(body) };
    }
  } catch (error) {
    throw asDamage(error);
  }
}

const readText = async (name: string, { sizeBytes, chunks }: Omit<TarFile, "name">): Promise<string> => {
  if (sizeBytes > WHOLE_FILE_BYTES_MAX) throw damaged(`${name} is larger than ${WHOLE_FILE_BYTES_MAX} bytes`);
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
};

/** The chunks; once they have ended they were those of the digest. */
async function* held(
  name: string,
  { chunks, digest }: { chunks: AsyncIterable<Uint8Array>; digest: string },
): AsyncGenerator<Uint8Array> {
  const check = createHash("sha256");
  for await (const chunk of chunks) {
    check.update(chunk);
    yield chunk;
  }
  if (check.digest("hex") !== digest) throw damaged(`the bytes of ${name} are not those that it is named for`);
}

/** Holds all files to what the trailer says of them. */
class TrailerCheck {
  readonly #all = createHash("sha256");
  readonly #digests = new Map<string, string>();
  #files = 0;

  add(name: string, digest: string, { isNamed = false }: { isNamed?: boolean } = {}): void {
    this.#all.update(`${name}\0${digest}\n`);
    this.#files += 1;
    if (isNamed) this.#digests.set(name, digest);
  }

  end({ files, digests, sha256 }: Trailer): void {
    for (const [name, digest] of this.#digests)
      if (digests[name] !== digest) throw damaged(`${name} is not what the trailer says`);
    if (files !== this.#files || sha256 !== this.#all.digest("hex"))
      throw damaged("its files are not those that its trailer counts");
  }
}
