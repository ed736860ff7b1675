/**
 * The chain of signatures in a signed aws-chunked body: each chunk's covers the one before it, the first the request's own.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import { createHash, createHmac, hash, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { AwsError } from "../aws-error.ts";

/** What a verified SigV4 request hands on so that its chunks can be verified too. */
export type ChunkSigning = {
  readonly accessKeyId: string;
  /** The key derived from the secret for `scope`. */
  readonly signingKey: KeyObject;
  /** `20130524/us-east-1/s3/aws4_request` */
  readonly scope: string;
  /** `20130524T000000Z` */
  readonly amzDate: string;
  /** The signature of the request's headers, in hex. */
  readonly seedSignature: string;
};

export type ChunkSignatures = {
  /** Bytes of the chunk that is being read. */
  update(bytes: Uint8Array): void;
  /** Ends a chunk, also the last one of no bytes. Throws SignatureDoesNotMatch. */
  endChunk(signature: string): void;
  /** Verifies the signature of `name:value\n` lines. Throws SignatureDoesNotMatch. */
  endTrailer(options: { readonly lines: string; readonly signature: string }): void;
};

const EMPTY_SHA256 = hash("sha256", "", "hex");

const hexBytes = (text: string): string => (Buffer.from(text).toString("hex").match(/../g) ?? []).join(" ");

const requireEqual = (options: {
  readonly signing: ChunkSigning;
  readonly stringToSign: string;
  readonly calculated: string;
  readonly provided: string;
}): void => {
  const calculated = Buffer.from(options.calculated);
  const provided = Buffer.from(options.provided);
  if (calculated.length === provided.length && timingSafeEqual(calculated, provided)) return;
  throw new AwsError(
    "SignatureDoesNotMatch",
    {
      AWSAccessKeyId: options.signing.accessKeyId,
      StringToSign: options.stringToSign,
      SignatureProvided: options.provided,
      StringToSignBytes: hexBytes(options.stringToSign),
    },
    {
      status: 403,
      message:
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    },
  );
};

/** Begins a chain at `signing.seedSignature`. */
export const createChunkSignatures = (signing: ChunkSigning): ChunkSignatures => {
  let previous = signing.seedSignature;
  let chunkHash = createHash("sha256");
  const verify = (stringToSign: string, provided: string): void => {
    const calculated = createHmac("sha256", signing.signingKey).update(stringToSign).digest("hex");
    requireEqual({ signing, stringToSign, calculated, provided });
    previous = calculated;
  };
  return {
    update: (bytes) => void chunkHash.update(bytes),
    endChunk(signature) {
      const bytes = chunkHash.digest("hex");
      chunkHash = createHash("sha256");
      verify(
        `AWS4-HMAC-SHA256-PAYLOAD\n${signing.amzDate}\n${signing.scope}\n${previous}\n${EMPTY_SHA256}\n${bytes}`,
        signature,
      );
    },
    endTrailer({ lines, signature }) {
      const trailer = hash("sha256", lines, "hex");
      verify(`AWS4-HMAC-SHA256-TRAILER\n${signing.amzDate}\n${signing.scope}\n${previous}\n${trailer}`, signature);
    },
  };
};
