/**
 * Decodes `Content-Encoding: aws-chunked`: chunks of `size[;chunk-signature=...]`, bytes and CRLF, a last one of size 0,
 * then trailing headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { incompleteBody, invalidChunkSize, malformedTrailer } from "./body-errors.ts";
import { createChunkSignatures } from "./chunk-signatures.ts";
import type { ChunkSigning, ChunkSignatures } from "./chunk-signatures.ts";

/** A chunk's first line: size, signature and what extensions a client may add. */
export const CHUNK_HEADER_BYTES_MAX = 4096;
/** All chunks but the last must have this many bytes. */
export const CHUNK_BYTES_MIN = 8192;
/** All trailing lines together. */
export const TRAILER_BYTES_MAX = 16_384;

export type ChunkedDecoder = {
  /** Takes bytes as they came; gives decoded ones, as views on them, to `emit`. Throws an AwsError as soon as it can. */
  push(bytes: Buffer, emit: (decoded: Buffer) => void): void;
  /** Call at the end of the bytes: the trailing headers by lower-case name, without their signature. Throws an AwsError. */
  end(): ReadonlyMap<string, string>;
};

type Options = {
  /** Whether each chunk must carry a signature. */
  readonly signed: boolean;
  /** Whether the trailer must carry one. */
  readonly signedTrailer: boolean;
  /** Verifies the signatures; left out when the key is not known. */
  readonly signing?: ChunkSigning | undefined;
};

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CHUNK_HEADER = /^([0-9a-fA-F]{1,12})(?:;(.*))?$/;
const SIGNATURE = /(?:^|;)\s*chunk-signature=([0-9a-f]{64})\s*(?:;|$)/;
const TRAILER_SIGNATURE = "x-amz-trailer-signature";

const parseChunkHeader = (
  line: string,
  signed: boolean,
): { readonly sizeBytes: number; readonly signature: string } => {
  const [, size, extensions = ""] = CHUNK_HEADER.exec(line) ?? [];
  const signature = SIGNATURE.exec(extensions)?.[1] ?? "";
  if (size === undefined || (signed && signature === "")) throw incompleteBody();
  return { sizeBytes: Number.parseInt(size, 16), signature };
};

const parseTrailerLine = (line: string): readonly [string, string] => {
  const colon = line.indexOf(":");
  if (colon <= 0) throw malformedTrailer();
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
};

/** Reads lines that may come in pieces. */
const createLineReader = () => {
  let kept: Buffer | undefined;
  return {
    /** The line that begins (or goes on) at `at`, without its end, and where the next begins; undefined when it has not ended yet. */
    read(
      bytes: Buffer,
      at: number,
      lineBytesMax: number,
    ): { readonly line: string; readonly next: number } | undefined {
      const feed = bytes.indexOf(LINE_FEED, at);
      const piece = bytes.subarray(at, feed < 0 ? bytes.length : feed);
      const whole = kept === undefined ? piece : Buffer.concat([kept, piece]);
      if (whole.length > lineBytesMax) throw incompleteBody();
      if (feed < 0) {
        kept = whole;
        return undefined;
      }
      kept = undefined;
      const end = whole.at(-1) === CARRIAGE_RETURN ? whole.length - 1 : whole.length;
      return { line: whole.toString("latin1", 0, end), next: feed + 1 };
    },
    pending: (): boolean => kept !== undefined && kept.length > 0,
  };
};

/** The trailing headers of a body, read to their empty line. */
const createTrailers = (options: Options, signatures: ChunkSignatures | undefined) => {
  const trailers = new Map<string, string>();
  let sizeBytes = 0;
  let signature: string | undefined;
  return {
    add(line: string): void {
      sizeBytes += line.length + 2;
      const [name, value] = parseTrailerLine(line);
      if (sizeBytes > TRAILER_BYTES_MAX || trailers.has(name)) throw malformedTrailer();
      if (name === TRAILER_SIGNATURE) signature = value;
      else trailers.set(name, value);
    },
    finish(): ReadonlyMap<string, string> {
      if (options.signedTrailer && signature === undefined) throw malformedTrailer();
      if (options.signedTrailer) {
        const lines = [...trailers].map(([name, value]) => `${name}:${value}\n`).join("");
        signatures?.endTrailer({ lines, signature: signature ?? "" });
      }
      return trailers;
    },
  };
};

/** One decoder decodes one body. */
export const createChunkedDecoder = (options: Options): ChunkedDecoder => {
  const signatures = options.signed && options.signing ? createChunkSignatures(options.signing) : undefined;
  const trailers = createTrailers(options, signatures);
  const lines = createLineReader();
  let state: "header" | "data" | "dataEnd" | "trailer" | "done" = "header";
  let chunk = 0;
  let sizeBytes = 0;
  let leftBytes = 0;
  let signature = "";

  const beginChunk = (line: string): void => {
    const next = parseChunkHeader(line, options.signed);
    if (next.sizeBytes > 0 && chunk > 0 && sizeBytes < CHUNK_BYTES_MIN) throw invalidChunkSize({ chunk, sizeBytes });
    chunk++;
    ({ sizeBytes, signature } = next);
    leftBytes = sizeBytes;
    state = "data";
    if (sizeBytes > 0) return;
    signatures?.endChunk(signature);
    state = "trailer";
  };

  const takeLine = (line: string): void => {
    if (state === "header") {
      beginChunk(line);
    } else if (state === "dataEnd") {
      if (line !== "") throw incompleteBody();
      signatures?.endChunk(signature);
      state = "header";
    } else if (line === "") {
      state = "done";
    } else {
      trailers.add(line);
    }
  };

  return {
    push(bytes, emit) {
      let at = 0;
      while (at < bytes.length) {
        if (state === "done") throw malformedTrailer();
        if (state === "data") {
          const decoded = bytes.subarray(at, at + leftBytes);
          signatures?.update(decoded);
          emit(decoded);
          at += decoded.length;
          leftBytes -= decoded.length;
          if (leftBytes === 0) state = "dataEnd";
        } else {
          const read = lines.read(bytes, at, state === "trailer" ? TRAILER_BYTES_MAX : CHUNK_HEADER_BYTES_MAX);
          if (read === undefined) return;
          at = read.next;
          takeLine(read.line);
        }
      }
    },
    end() {
      // Some clients leave out the empty line at the very end.
      if ((state !== "done" && state !== "trailer") || lines.pending()) throw incompleteBody();
      return trailers.finish();
    },
  };
};
