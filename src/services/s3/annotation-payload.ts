/** Receiving the payload of an annotation: a short text, so it is held in memory. */
import { isUtf8 } from "node:buffer";
import type { ReceivedPayload } from "../../protocol/payload.ts";
import type { ReceivedBody } from "../../state/bodies/bodies.ts";
import type { S3Context } from "./context.ts";
import { invalidRequest, S3Error } from "./errors.ts";
import { ANNOTATION_BYTES_MAX } from "./limits.ts";

const assertSize = (sizeBytes: number | undefined): void => {
  if (sizeBytes === undefined || sizeBytes <= ANNOTATION_BYTES_MAX) return;
  const fields = { ProposedSize: String(sizeBytes), MaxSizeAllowed: String(ANNOTATION_BYTES_MAX) };
  throw new S3Error("EntityTooLarge", fields);
};

const readText = async (received: ReceivedPayload): Promise<Uint8Array> => {
  if (received.whole !== undefined) return received.whole();
  const runs: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const run of received.source) {
    sizeBytes += run.byteLength;
    assertSize(sizeBytes);
    runs.push(run);
  }
  return Buffer.concat(runs, sizeBytes);
};

/**
 * Receives an annotation with its MD5 and the digest of `algorithm`, and runs `use` with them.
 * Errors: EntityTooLarge, InvalidRequest for no bytes at all, UnsupportedMediaType for what is not UTF-8, and what the body
 * itself turns out to be.
 */
export const receiveAnnotation = async <T>(
  { payload, bodies }: S3Context,
  { algorithm }: { readonly algorithm: string },
  use: (text: { readonly body: ReceivedBody; readonly md5: Uint8Array; readonly digest: Uint8Array }) => Promise<T>,
): Promise<T> => {
  assertSize(payload.sizeBytes);
  const received = payload.receive({ digests: ["MD5", algorithm] });
  const bytes = await readText(received);
  if (bytes.byteLength === 0) throw invalidRequest("The annotation payload must be between 1 byte and 1 MiB in size.");
  if (!isUtf8(bytes)) throw new S3Error("UnsupportedMediaType");
  const { digests } = received.result();
  const [md5, digest] = [digests.get("MD5"), digests.get(algorithm)];
  if (md5 === undefined || digest === undefined) throw new Error("a digest that was asked for is missing");
  return await bodies.storing(bytes, (body) => use({ body, md5, digest }));
};
