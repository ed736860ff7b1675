/** {@link WireResponse} -> Node's response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { HttpLimits } from "../platform/limits.ts";
import type { RecyclingStream, WireBody, WireResponse } from "../protocol/wire.ts";
import { isSendingBody } from "./request.ts";

type SendOptions = {
  readonly limits: HttpLimits;
  /** The connection is not to be used again. */
  readonly close: boolean;
  /** Called when a body's stream fails; the connection is cut then, so that nobody takes the part for the whole. */
  readonly onBodyError: (error: Error) => void;
};

/**
 * Writes `answer`. A response that has begun, or whose client is gone, is left alone and the answer's stream destroyed.
 * Throws, with nothing sent, for headers that HTTP forbids and for a `Content-Length` that is not the body's.
 */
export const sendResponse = (response: ServerResponse, answer: WireResponse, options: SendOptions): void => {
  const request = response.req;
  if (response.headersSent || response.destroyed) return discard(answer.body);
  const body = mayHaveBody(request, answer.status) ? answer.body : undefined;
  if (body !== answer.body) discard(answer.body);
  const head = flatten(answer.headers);
  if (!(body instanceof Readable) && mayHaveBody(request, answer.status)) nameLength(head, body);
  const unread = isSendingBody(request);
  if (options.close || (unread && isLong(request, options.limits))) head.pairs.push("Connection", "close");
  response.writeHead(answer.status, head.pairs);
  if (body instanceof Readable) {
    pump(response, { body, length: head.length, finish: finisher(response, options), onError: options.onBodyError });
  } else if (unread) {
    // All of the answer leaves at once, but the response does not end before the request has.
    response.flushHeaders();
    if (body !== undefined && body.length > 0) response.write(body);
    drain(response, options.limits);
  } else {
    endWith(response, body);
  }
};

/** Bodies up to here are joined with their head into one text, which is one write to the socket instead of two. */
const JOINED_BYTES_MAX = 16 * 1024;

const endWith = (response: ServerResponse, body: string | Uint8Array | undefined): void => {
  if (body instanceof Uint8Array && body.byteLength <= JOINED_BYTES_MAX) {
    const { buffer, byteOffset, byteLength } = body;
    response.end(Buffer.from(buffer, byteOffset, byteLength).toString("latin1"), "latin1");
  } else response.end(body);
};

/** Sends a small answer to a request that will never be complete, and ends its connection. */
export const sendAndClose = (response: ServerResponse, answer: WireResponse): void => {
  const head = flatten(answer.headers);
  response.writeHead(answer.status, [...head.pairs, "Connection", "close"]);
  response.end(answer.body, () => abort(response.req));
};

/** Closes the connection, and tells whoever reads the request's body: Node forgets it once it is answered. */
const abort = (request: IncomingMessage): void => {
  request.socket.destroy();
  request.destroy(new Error("the connection was closed before the request was complete"));
};

/** Lets go of what a body holds open. */
export const discard = (body: WireBody | undefined): void => {
  if (body instanceof Readable) body.destroy();
};

const mayHaveBody = (request: IncomingMessage, status: number): boolean =>
  request.method !== "HEAD" && status !== 204 && status !== 304;

/** Headers as the pairs that `writeHead` takes fastest, and the length that they name. */
type Head = { readonly pairs: string[]; length: number | undefined };

const CONTENT_LENGTH = "content-length";

/**
 * The length goes last: once Node knows it, it takes the characters of a `Content-Disposition` for bytes, and refuses or changes
 * those beyond ASCII.
 */
const flatten = (headers: WireResponse["headers"]): Head => {
  const pairs: string[] = [];
  let length: string | undefined;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (name.length === CONTENT_LENGTH.length && name.toLowerCase() === CONTENT_LENGTH) length = value;
    else pairs.push(name, value);
  }
  if (length === undefined) return { pairs, length };
  pairs.push("Content-Length", length);
  return { pairs, length: Number(length) };
};

const nameLength = (head: Head, body: string | Uint8Array | undefined): void => {
  const length = body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  if (head.length === undefined) head.pairs.push("Content-Length", String(length));
  else if (head.length !== length)
    throw new Error(`the body has ${length} bytes, its Content-Length says ${head.length}`);
  head.length = length;
};

/** True if more is announced than would be read for nothing. */
const isLong = (request: IncomingMessage, limits: HttpLimits): boolean =>
  Number(request.headers["content-length"] ?? 0) > limits.drainBytesMax;

const finisher =
  (response: ServerResponse, { limits }: SendOptions) =>
  (): void => {
    if (isSendingBody(response.req)) drain(response, limits);
    else response.end();
  };

/** Reads what is left of the request and throws it away, so that it is not taken for the next one; then ends the response. */
const drain = (response: ServerResponse, limits: HttpLimits): void => {
  const request = response.req;
  let left = limits.drainBytesMax;
  const cut = setTimeout(() => stop(), limits.drainMsMax);
  const stop = (): void => {
    clearTimeout(cut);
    response.end(() => abort(request));
  };
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) stop();
  });
  request.once("end", () => {
    clearTimeout(cut);
    response.end();
  });
  request.once("close", () => clearTimeout(cut));
  request.resume();
};

type PumpOptions = {
  readonly body: Readable;
  /** Bytes promised to the client; `undefined` for a chunked response. */
  readonly length: number | undefined;
  readonly finish: () => void;
  readonly onError: (error: Error) => void;
};

/** What takes a chunk back once it has left, where the stream wants them back. */
const recyclerOf = (body: Readable): ((chunk: Uint8Array) => void) | undefined => {
  if (!("recycle" in body)) return undefined;
  const stream = body as RecyclingStream;
  return (chunk) => stream.recycle(chunk);
};

/** Streams `body` with backpressure. Whatever ends early, the other side is let go of. */
const pump = (response: ServerResponse, { body, length, finish, onError }: PumpOptions): void => {
  const recycle = recyclerOf(body);
  let sent = 0;
  let done = false;
  const fail = (error: Error): void => {
    if (done) return;
    done = true;
    onError(error);
    response.destroy();
  };
  body.on("data", (chunk: Uint8Array) => {
    sent += chunk.byteLength;
    if (length !== undefined && sent > length) {
      fail(new Error(`the body is longer than its Content-Length, ${length}`));
      body.destroy();
    } else if (!response.write(chunk, recycle && (() => recycle(chunk)))) {
      body.pause();
    }
  });
  body.once("end", () => {
    if (length !== undefined && sent < length) {
      fail(new Error(`the body ended after ${sent} of ${length} bytes`));
      return;
    }
    done = true;
    finish();
  });
  body.once("error", fail);
  body.once("close", () => fail(new Error("the body was closed before its end")));
  response.on("drain", () => void body.resume());
  response.once("close", () => {
    done = true;
    body.destroy();
  });
};
