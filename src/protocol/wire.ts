/** A request and a response as plain data: what `http/` hands to the pipeline and gets back. */
import type { Readable } from "node:stream";

/** One request as it came in, nothing decoded yet. */
export type WireRequest = {
  readonly method: string;
  /** The path of the request target as sent, percent-escapes untouched: `/bucket/a%20key`. Never empty. */
  readonly rawPath: string;
  /** The query of the request target as sent, without its `?`; empty when there is none. */
  readonly rawQuery: string;
  /** Lower-case names; a header sent more than once is joined with `, ` (as Node does). */
  readonly headers: Readonly<Record<string, string>>;
  /** A header's values apart, in the order in which they came, by its lower-case name: for what has to know whether they were joined. */
  valuesOf?(name: string): readonly string[];
  /** Host header as sent, or the authority of an absolute target. Empty when missing. */
  readonly host: string;
  /** True when it came over TLS. */
  readonly secure: boolean;
  /** What the TLS connection agreed on, by OpenSSL's names; read while it is open. */
  readonly tls?: { readonly version: string; readonly cipherSuite: string } | undefined;
  readonly remoteAddress: string;
  /** The world that its port is for; absent on the main port. */
  readonly world?: string | undefined;
  /** The body's bytes as sent: undecoded aws-chunked, unverified. */
  readonly body: Readable;
  /**
   * Reads a short body at once; absent for one that is longer than `WHOLE_BODY_BYTES_MAX` or does not say its length. Rejects
   * when the client goes away. Either this or `body` is read, once.
   */
  readonly readWhole?: (() => Promise<Uint8Array>) | undefined;
  /** Sends `100 Continue` when the client waits for it; called once, by whoever is about to read the body. */
  readonly continueBody: () => void;
};

/** A stream that fills a chunk again once its consumer has given it back. */
export type RecyclingStream = Readable & { recycle(chunk: Uint8Array): void };

/** Small bodies as they are, large ones as a stream. */
export type WireBody = string | Uint8Array | Readable;

export type WireResponse = {
  readonly status: number;
  /** Names as they shall appear on the wire. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent for an empty body. Never sent for HEAD, 204 and 304. */
  readonly body?: WireBody;
};
