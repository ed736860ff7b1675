/** A request's body as a handler gets it: decoded, hashed once, and proven by the time it has been read to its end. */
import { decodeChecksum, encodeChecksum, isChecksumAlgorithm } from "../checksums/algorithms.ts";
import type { ChecksumAlgorithm } from "../checksums/algorithms.ts";
import { createDigests } from "../checksums/digests.ts";
import { loadHashers } from "../checksums/hasher.ts";
import type { Payload, PayloadResult, ReceivedPayload } from "../payload.ts";
import {
  incompleteBody,
  invalidRequest,
  malformedTrailer,
  tooLong,
  wrongChecksum,
  wrongContentLength,
  wrongContentMd5,
  wrongPayloadSha256,
} from "./body-errors.ts";
import { algorithmOfTrailer, type BodyFacts } from "./body-facts.ts";
import { createBodySource, readBodyWhole } from "./body-source.ts";
import type { BodyBytes, BodyReader } from "./body-source.ts";
import type { ChunkSigning } from "./chunk-signatures.ts";
import { createChunkedDecoder } from "./decoder.ts";

type PayloadOptions = {
  /** Its body is read, and its `Expect: 100-continue` answered, when reading begins. */
  readonly request: BodyBytes;
  readonly facts: BodyFacts;
  /** Verifies chunk signatures; left out where the key is not known. */
  readonly signing?: ChunkSigning | undefined;
  /** How BadDigest gives a wrong Content-MD5 back: AWS does hex for PutObject, base64 as sent for UploadPart. */
  readonly contentMd5EchoedAs?: "hex" | "base64";
};

type DigestMap = ReadonlyMap<ChecksumAlgorithm, Uint8Array>;

const requireAlgorithm = (name: string): ChecksumAlgorithm => {
  if (isChecksumAlgorithm(name)) return name;
  throw new Error(`no such checksum algorithm: ${name}`);
};

const digestsToTake = (facts: BodyFacts, wanted: readonly string[]): Set<ChecksumAlgorithm> => {
  const algorithms = new Set(wanted.map(requireAlgorithm));
  if (facts.sha256 !== undefined) algorithms.add("SHA256");
  if (facts.contentMd5 !== undefined) algorithms.add("MD5");
  if (facts.checksum !== undefined) algorithms.add(facts.checksum.algorithm);
  if (facts.trailer !== undefined) algorithms.add(facts.trailer);
  return algorithms;
};

const requireChecksum = (digests: DigestMap, checksum: { algorithm: ChecksumAlgorithm; value: string }): void => {
  const calculated = digests.get(checksum.algorithm);
  if (calculated === undefined || encodeChecksum(calculated) !== checksum.value) {
    throw wrongChecksum(checksum.algorithm);
  }
};

const requireTrailer = (
  digests: DigestMap,
  trailers: ReadonlyMap<string, string>,
  algorithm: ChecksumAlgorithm | undefined,
): void => {
  // Only what x-amz-trailer announced may come, and it must.
  if (trailers.size !== (algorithm === undefined ? 0 : 1)) throw malformedTrailer();
  const [trailer] = trailers;
  if (algorithm === undefined || trailer === undefined) return;
  const [name, value] = trailer;
  if (algorithmOfTrailer(name) !== algorithm) throw malformedTrailer();
  if (decodeChecksum(algorithm, value) === undefined)
    throw invalidRequest(`Value for ${name} trailing header is invalid.`);
  requireChecksum(digests, { algorithm, value });
};

const requireContentMd5 = (digests: DigestMap, options: PayloadOptions): void => {
  const { contentMd5 } = options.facts;
  const md5 = digests.get("MD5");
  if (contentMd5 === undefined || md5 === undefined) return;
  const calculated = encodeChecksum(md5);
  if (calculated === contentMd5) return;
  const inHex = Buffer.from(contentMd5, "base64").toString("hex");
  throw wrongContentMd5({ expected: options.contentMd5EchoedAs === "base64" ? contentMd5 : inHex, calculated });
};

const requirePayloadSha256 = (digests: DigestMap, provided: string | undefined): void => {
  if (provided === undefined) return;
  const calculated = Buffer.from(digests.get("SHA256") ?? []).toString("hex");
  if (calculated !== provided) throw wrongPayloadSha256({ provided, calculated });
};

const NO_TRAILERS: ReadonlyMap<string, string> = new Map();

const receive = (options: PayloadOptions, wanted: readonly string[]): ReceivedPayload => {
  const { facts, request } = options;
  const { readWhole } = request;
  const algorithms = digestsToTake(facts, wanted);
  const digests = createDigests(algorithms);
  const decoder =
    facts.chunked === undefined ? undefined : createChunkedDecoder({ ...facts.chunked, signing: options.signing });
  let sizeBytes = 0;
  let result: PayloadResult | undefined;

  const take = (decoded: Uint8Array): void => {
    sizeBytes += decoded.length;
    if (facts.sizeBytes !== undefined && sizeBytes > facts.sizeBytes) throw incompleteBody();
    digests.update(decoded);
  };
  const reader: BodyReader = {
    begin() {
      request.continueBody();
      return loadHashers([...algorithms]);
    },
    push(bytes, emit) {
      if (decoder === undefined) {
        take(bytes);
        emit(bytes);
        return;
      }
      decoder.push(bytes, (decoded) => {
        take(decoded);
        emit(decoded);
      });
    },
    end() {
      const trailers = decoder?.end() ?? NO_TRAILERS;
      if (facts.sizeBytes !== undefined && sizeBytes !== facts.sizeBytes) {
        throw decoder === undefined ? wrongContentLength() : incompleteBody();
      }
      const finished = digests.finish();
      requirePayloadSha256(finished, facts.sha256);
      requireContentMd5(finished, options);
      if (facts.checksum !== undefined) requireChecksum(finished, facts.checksum);
      if (decoder !== undefined) requireTrailer(finished, trailers, facts.trailer);
      result = { sizeBytes, digests: finished };
    },
  };
  return {
    source: { [Symbol.asyncIterator]: () => createBodySource(request.body, reader)[Symbol.asyncIterator]() },
    whole: readWhole === undefined ? undefined : () => readBodyWhole(readWhole, reader),
    result() {
      if (result === undefined) throw new Error("the payload has not been read to its end");
      return result;
    },
  };
};

/** The payload of an S3 request. Nothing is read before the first step of `receive().source`. */
export const createPayload = (options: PayloadOptions): Payload => {
  const { facts } = options;
  const algorithm = facts.given;
  return {
    sizeBytes: facts.sizeBytes,
    given: algorithm === undefined ? undefined : { algorithm },
    hasDigest: algorithm !== undefined || facts.contentMd5 !== undefined,
    receive: ({ digests }) => receive(options, digests),
  };
};

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/**
 * Reads a whole payload into memory, for documents. Errors: those of the payload, and MaxMessageLengthExceeded above
 * `sizeBytesMax`.
 */
export const readWholePayload = async (
  payload: Payload,
  options: { readonly sizeBytesMax: number },
): Promise<Buffer> => {
  if (payload.sizeBytes !== undefined && payload.sizeBytes > options.sizeBytesMax) throw tooLong(options);
  const received = payload.receive({ digests: [] });
  if (received.whole !== undefined) return asBuffer(await received.whole());
  const runs: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const bytes of received.source) {
    sizeBytes += bytes.length;
    if (sizeBytes > options.sizeBytesMax) throw tooLong(options);
    runs.push(bytes);
  }
  const [first] = runs;
  return runs.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(runs, sizeBytes);
};
