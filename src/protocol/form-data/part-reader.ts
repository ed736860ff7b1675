/**
 * Reads multipart/form-data part by part, at the pace of whoever asks, and holds no more of it than one run of bytes. Pulled, not
 * pushed: between the last field and the file's first byte the pipeline has to find out who is asking.
 * https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1
 */
import { incompleteBody } from "../aws-chunked/body-errors.ts";
import { parseDisposition, type Disposition } from "./content-disposition.ts";
import { malformedForm } from "./form-errors.ts";

export type PartReader = {
  /**
   * The next part's name, once the one before has been read to its end; undefined after the last.
   * Errors: MalformedPOSTRequest, IncompleteBody.
   */
  next(): Promise<Disposition | undefined>;
  /** The bytes of the part that `next` gave. Errors: MalformedPOSTRequest where the form ends within it, IncompleteBody. */
  content(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Bytes of the form that have been read, delimiters and headers of parts among them. */
  positionBytes(): number;
};

type PartReaderOptions = {
  readonly boundary: string;
  /** Bytes of one part's headers, and of what stands before the first part. */
  readonly headerBytesMax: number;
};

const CRLF = "\r\n";
const HEADER_END = "\r\n\r\n";
const DISPOSITION = "content-disposition:";

const readHeaders = (block: string): Disposition => {
  for (const line of block.split(CRLF)) {
    if (line.toLowerCase().startsWith(DISPOSITION)) return parseDisposition(line.slice(DISPOSITION.length).trim());
  }
  throw malformedForm();
};

/** A reader of the form in `source`. */
export const createPartReader = (source: AsyncIterable<Uint8Array>, options: PartReaderOptions): PartReader => {
  const { boundary, headerBytesMax } = options;
  const delimiter = Buffer.from(`${CRLF}--${boundary}`);
  const runs = source[Symbol.asyncIterator]();
  // A delimiter begins with the end of the line before it; the first one has none.
  let held = Buffer.from(CRLF);
  let position = -CRLF.length;

  const take = (bytes: number): Buffer => {
    const taken = held.subarray(0, bytes);
    held = held.subarray(bytes);
    position += bytes;
    return taken;
  };

  const more = async (): Promise<void> => {
    const run = await runs.next().catch(() => {
      // Only a client that has gone away makes a body fail.
      throw incompleteBody();
    });
    if (run.done === true) throw malformedForm();
    held = Buffer.concat([held, run.value]);
  };

  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const at = held.indexOf(delimiter);
      if (at >= 0) {
        if (at > 0) yield take(at);
        take(delimiter.length);
        return;
      }
      // Its last bytes may be the beginning of a delimiter.
      const certain = held.length - delimiter.length + 1;
      if (certain > 0) yield take(certain);
      await more();
    }
  }

  /** What stands behind a delimiter: white space and a new line before another part, `--` at the end. */
  const hasPart = async (): Promise<boolean> => {
    for (;;) {
      const text = held.subarray(0, headerBytesMax).toString("latin1");
      if (text.startsWith("--")) return false;
      const line = text.replace(/^[ \t]+/, "");
      if (line.startsWith(CRLF)) {
        take(text.length - line.length);
        return true;
      }
      const undecided = CRLF.startsWith(line) || text === "-";
      if (!undecided || text.length >= headerBytesMax) throw malformedForm();
      await more();
    }
  };

  const headers = async (): Promise<Disposition> => {
    for (;;) {
      const end = held.indexOf(HEADER_END);
      if (end > headerBytesMax || (end < 0 && held.length > headerBytesMax)) throw malformedForm();
      if (end >= 0) return readHeaders(take(end + HEADER_END.length).toString("utf8"));
      await more();
    }
  };

  let begun = false;
  let ended = false;
  return {
    async next() {
      if (ended) return undefined;
      if (!begun) {
        begun = true;
        // What stands before the first delimiter is nobody's.
        for await (const _ of content()) if (position > headerBytesMax) throw malformedForm();
      }
      if (await hasPart()) return headers();
      ended = true;
      return undefined;
    },
    content,
    positionBytes: () => position,
  };
};
