/** Reads HTTP/1.1 responses off a socket with as little work as they allow. */

export type RawResponse = {
  readonly status: number;
  /** Status line and headers as they came. */
  readonly head: string;
  readonly bodyBytes: number;
  /** The body, where it was asked for or tells of an error; else empty. */
  readonly body: Buffer;
  /** False when the server wants the connection closed. */
  readonly keepAlive: boolean;
};

export type ReadOptions = {
  readonly method: string;
  /** What becomes of the body: counted only (the default), kept, or handed on piece by piece. */
  readonly body?: "count" | "keep" | ((piece: Buffer) => void);
};

export type ResponseReader = {
  /** Takes what came; answers the response once it is whole. Bytes beyond it are an error, since nothing more was asked. */
  feed(bytes: Buffer): RawResponse | undefined;
  /** The peer closed: the end of a body without a length, an error anywhere else. */
  close(): RawResponse;
};

/** So much of an error's body is kept. */
const ERROR_BYTES_MAX = 2000;
const HEAD_END = "\r\n\r\n";
const NO_BYTES = Buffer.alloc(0);

const bodyLengthOf = (method: string, status: number, head: string): number | "chunked" | "until-close" => {
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return "chunked";
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? "until-close" : Number(length);
};

const staysOpen = (head: string): boolean =>
  head.startsWith("HTTP/1.1") ? !/\r\nconnection: *close/i.test(head) : /\r\nconnection: *keep-alive/i.test(head);

/** Takes the chunks of a chunked body apart; answers true at its end. */
const createChunkReader = (onPiece: (piece: Buffer) => void): ((bytes: Buffer) => boolean) => {
  let left = 0;
  let line = "";
  let state: "size" | "data" | "data-end" | "trailer" = "size";
  const endOfLine = (): boolean => {
    const text = line.trimEnd();
    line = "";
    if (state === "trailer") return text === "";
    if (state === "data-end") {
      state = "size";
      return false;
    }
    left = Number.parseInt(text, 16);
    if (Number.isNaN(left)) throw new Error(`not the size of a chunk: ${text}`);
    state = left === 0 ? "trailer" : "data";
    return false;
  };
  return (bytes) => {
    let at = 0;
    while (at < bytes.byteLength) {
      if (state === "data") {
        const piece = bytes.subarray(at, at + left);
        onPiece(piece);
        at += piece.byteLength;
        left -= piece.byteLength;
        if (left === 0) state = "data-end";
        continue;
      }
      const end = bytes.indexOf("\n", at);
      line += bytes.toString("latin1", at, end === -1 ? bytes.byteLength : end + 1);
      at = end === -1 ? bytes.byteLength : end + 1;
      if (end !== -1 && endOfLine()) return true;
    }
    return false;
  };
};

/** A reader for one response. */
export const createResponseReader = ({ method, body = "count" }: ReadOptions): ResponseReader => {
  let head = "";
  let status = 0;
  let pending: Buffer = NO_BYTES;
  let expected: number | "chunked" | "until-close" = 0;
  let bodyBytes = 0;
  const kept: Buffer[] = [];

  const take = (piece: Buffer): void => {
    bodyBytes += piece.byteLength;
    if (status >= 300) {
      if (bodyBytes <= ERROR_BYTES_MAX) kept.push(piece);
    } else if (body === "keep") kept.push(piece);
    else if (body !== "count") body(piece);
  };
  const readChunks = createChunkReader(take);
  const whole = (): RawResponse => ({
    status,
    head,
    bodyBytes,
    body: kept.length === 0 ? NO_BYTES : Buffer.concat(kept),
    keepAlive: expected !== "until-close" && staysOpen(head),
  });

  const feedBody = (bytes: Buffer): RawResponse | undefined => {
    if (expected === "chunked") return readChunks(bytes) ? whole() : undefined;
    if (bytes.byteLength > 0) take(bytes);
    if (expected === "until-close") return undefined;
    if (bodyBytes > expected) throw new Error(`more bytes than the response has: ${bodyBytes} of ${expected}`);
    return bodyBytes === expected ? whole() : undefined;
  };

  const feedHead = (bytes: Buffer): RawResponse | undefined => {
    pending = pending.byteLength === 0 ? bytes : Buffer.concat([pending, bytes]);
    const end = pending.indexOf(HEAD_END);
    if (end === -1) return undefined;
    head = pending.toString("latin1", 0, end);
    const rest = pending.subarray(end + HEAD_END.length);
    pending = NO_BYTES;
    status = Number(head.slice(9, 12));
    if (status < 200) {
      head = "";
      return rest.byteLength === 0 ? undefined : feedHead(rest);
    }
    expected = bodyLengthOf(method, status, head);
    return feedBody(rest);
  };

  return {
    feed: (bytes) => (head === "" ? feedHead(bytes) : feedBody(bytes)),
    close() {
      if (head === "" || expected !== "until-close") throw new Error("the server closed the connection mid-answer");
      return whole();
    },
  };
};
