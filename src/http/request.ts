/** Node's request -> {@link WireRequest}. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { WHOLE_BODY_BYTES_MAX } from "../platform/limits.ts";
import type { WireRequest } from "../protocol/wire.ts";

/** The parts of a request target, or `undefined` for one that names no path (`*`, `host:port`). */
export type Target = { readonly rawPath: string; readonly rawQuery: string; readonly authority?: string };

const ABSOLUTE = /^https?:\/\/([^/?]*)/i;

/** Splits `/path?query` and, as proxies send it, `http://host/path?query`. */
export const parseTarget = (target: string): Target | undefined => {
  if (target.charCodeAt(0) === 0x2f) return splitQuery(target);
  const absolute = ABSOLUTE.exec(target);
  if (absolute === null) return undefined;
  const rest = target.slice(absolute[0].length);
  return { ...splitQuery(rest.startsWith("/") ? rest : `/${rest}`), authority: absolute[1] ?? "" };
};

const splitQuery = (target: string): Target => {
  const mark = target.indexOf("?");
  return mark < 0
    ? { rawPath: target, rawQuery: "" }
    : { rawPath: target.slice(0, mark), rawQuery: target.slice(mark + 1) };
};

/** True if the request's headers announce a body, be it an empty one. */
const announcesBody = (request: IncomingMessage): boolean =>
  request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;

const nothing = (): void => {};

/**
 * The body of a request as a stream that its reader may abandon: destroying Node's own request, as leaving a `for await`
 * early does, closes the connection before the client could be told why. Fails with `ECONNRESET` when the client goes away.
 */
class RequestBody extends Readable {
  readonly #request: IncomingMessage;
  #started = false;

  constructor(request: IncomingMessage) {
    // Nobody waits for the `close` of a body that has ended, and it costs two more turns of the event loop's queue.
    super({ highWaterMark: request.readableHighWaterMark, autoDestroy: false });
    this.#request = request;
    // A client that leaves after its reader did is nobody's error; `for await` and `pipeline` still see theirs.
    this.on("error", nothing);
  }

  override _read(): void {
    if (this.#started) this.#request.resume();
    else this.#start();
  }

  #start(): void {
    const request = this.#request;
    this.#started = true;
    if (request.destroyed && !request.readableEnded) {
      // Too late for its error: the client had left before anybody read.
      this.destroy(new Error("the client left before its body was read"));
      return;
    }
    request.on("error", (error) => this.destroy(error));
    request.on("end", () => this.push(null));
    request.on("data", (chunk) => {
      if (!this.push(chunk) && !this.destroyed) request.pause();
    });
  }

  /** Holds the rest back, for `response.ts` to read away once the answer is known. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#request.complete) this.#request.pause();
    done(error);
  }
}

/** Reads all of a body that is known to be short. */
const readWhole = (request: IncomingMessage): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    let bytes: Buffer | undefined;
    request.on("data", (chunk: Buffer) => {
      bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk]);
    });
    request.once("end", () => resolve(bytes ?? Buffer.alloc(0)));
    request.once("error", reject);
    if (request.destroyed) reject(new Error("the client left before its body was read"));
  });

const isShort = (length: string | undefined): boolean => length !== undefined && Number(length) <= WHOLE_BODY_BYTES_MAX;

const withoutPrefix = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);

/** Node joins all repeated headers but this one, which no S3 client sends. */
const joinedHeaders = (request: IncomingMessage): Readonly<Record<string, string>> => {
  const headers = request.headers as Record<string, string | string[]>;
  const cookies = headers["set-cookie"];
  if (Array.isArray(cookies)) return { ...(headers as Record<string, string>), "set-cookie": cookies.join(", ") };
  return headers as Record<string, string>;
};

/** Where a request goes; `world` is that of the port it came in on, if it has one of its own. */
type Route = { readonly target: Target; readonly world: string | undefined };

/**
 * Plain data for the pipeline; the body's stream is made when somebody asks for it. A class, because an object literal with a
 * getter gets a hidden class of its own each time, and with it a request's objects live until a full collection.
 */
class NodeWireRequest implements WireRequest {
  readonly method: string;
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly host: string;
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly world: string | undefined;
  readonly readWhole: (() => Promise<Uint8Array>) | undefined;
  readonly continueBody: () => void;
  readonly #request: IncomingMessage;
  #body: Readable | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, { target, world }: Route) {
    const joined = joinedHeaders(request);
    // An absolute target takes the Host header's place, also where that is signed (RFC 9112, 3.2.2).
    const headers = target.authority === undefined ? joined : { ...joined, host: target.authority };
    const { socket } = request;
    this.method = request.method ?? "";
    this.rawPath = target.rawPath;
    this.rawQuery = target.rawQuery;
    this.headers = headers;
    this.host = headers["host"] ?? "";
    this.secure = "encrypted" in socket;
    this.remoteAddress = withoutPrefix(socket.remoteAddress ?? "");
    this.readWhole = isShort(headers["content-length"]) ? () => readWhole(request) : undefined;
    this.continueBody = headers["expect"] === undefined ? nothing : continuation(request, response);
    this.world = world;
    this.#request = request;
  }

  get tls(): WireRequest["tls"] {
    if (!this.secure) return undefined;
    const socket = this.#request.socket as TLSSocket;
    const version = socket.getProtocol();
    return version === null ? undefined : { version, cipherSuite: socket.getCipher().name };
  }

  get body(): Readable {
    this.#body ??= announcesBody(this.#request) ? new RequestBody(this.#request) : Readable.from([]);
    return this.#body;
  }

  valuesOf(name: string): readonly string[] {
    const values = this.#request.headersDistinct;
    return Object.hasOwn(values, name) ? (values[name] ?? []) : [];
  }
}

export const toWireRequest = (request: IncomingMessage, response: ServerResponse, route: Route): WireRequest =>
  new NodeWireRequest(request, response, route);

const continued = new WeakSet<IncomingMessage>();

const continuation = (request: IncomingMessage, response: ServerResponse) => (): void => {
  // HTTP/1.0 knows no interim answers.
  if (continued.has(request) || response.headersSent || request.httpVersion === "1.0") return;
  continued.add(request);
  response.writeContinue();
};

/** True while the client has more of its body to send and is going to, not waiting for `100 Continue`. */
export const isSendingBody = (request: IncomingMessage): boolean =>
  !request.complete && announcesBody(request) && (request.headers.expect === undefined || continued.has(request));
