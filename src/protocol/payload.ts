/** A request's body as a handler sees it: decoded, and verified by the time it has been read to its end. */
/** A checksum that came with a body, in a header or in its trailer. */
export type GivenChecksum = {
  /** As the S3 model names it: `CRC32`, `SHA256` ... */
  readonly algorithm: string;
};

/** What is known once the body has been read to its end. Digests are raw bytes, by the names that were asked for. */
export type PayloadResult = {
  readonly sizeBytes: number;
  readonly digests: ReadonlyMap<string, Uint8Array>;
};

export type ReceivedPayload = {
  /** The decoded bytes. Throws at the end, at the latest, when a signature, digest, trailer or length is wrong. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Reads all of a short body at once, instead of `source`; undefined for one that is long or does not say its length. */
  readonly whole: (() => Promise<Uint8Array>) | undefined;
  /** Call it once `source` has ended. */
  result(): PayloadResult;
};

export type Payload = {
  /** Decoded length where the client said it. */
  readonly sizeBytes: number | undefined;
  /** The checksum that the client announced; its value is verified on the way. */
  readonly given: GivenChecksum | undefined;
  /** Whether the client vouches for the body: with a checksum, in a header or the trailer, or with Content-MD5. */
  readonly hasDigest: boolean;
  /** Starts reading (an `Expect: 100-continue` is answered now) and computes `digests` (`MD5`, `CRC32`, ...) on the way. Once only. */
  receive(options: { readonly digests: readonly string[] }): ReceivedPayload;
};
