/** Receiving the body of PutObject and UploadPart. */
import type { ReceivedBody } from "../../state/bodies/bodies.ts";
import type { S3Context } from "./context.ts";
import { S3Error } from "./errors.ts";
import { PUT_BYTES_MAX } from "./limits.ts";

/** A body that has come in whole and was verified. */
export type ReceivedUpload = {
  readonly body: ReceivedBody;
  readonly md5: Uint8Array;
  /** The raw digest of an algorithm that was asked for. */
  readonly digest: (algorithm: string) => Uint8Array;
};

const assertSize = (sizeBytes: number | undefined): void => {
  if (sizeBytes === undefined || sizeBytes <= PUT_BYTES_MAX) return;
  throw new S3Error("EntityTooLarge", { ProposedSize: String(sizeBytes), MaxSizeAllowed: String(PUT_BYTES_MAX) });
};

/**
 * Receives the request's body, with its MD5 and `digests`, and runs `use` with it.
 * Errors: EntityTooLarge, and what the body itself turns out to be.
 */
export const receiveUpload = async <T>(
  { payload, bodies }: S3Context,
  { digests }: { readonly digests: readonly string[] },
  use: (upload: ReceivedUpload) => Promise<T>,
): Promise<T> => {
  assertSize(payload.sizeBytes);
  const received = payload.receive({ digests: digests.includes("MD5") ? digests : ["MD5", ...digests] });
  const source = received.whole === undefined ? received.source : await received.whole();
  return await bodies.storing(source, async (body) => {
    assertSize(body.sizeBytes);
    const computed = received.result().digests;
    const digest = (algorithm: string): Uint8Array => {
      const raw = computed.get(algorithm);
      if (raw === undefined) throw new Error(`the payload has no ${algorithm}`);
      return raw;
    };
    return use({ body, md5: digest("MD5"), digest });
  });
};
