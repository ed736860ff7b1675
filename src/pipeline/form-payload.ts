/** The file of a browser's form as a payload: what PutObject gets for a body. */
import type { SizeRange } from "../identity/post-policy.ts";
import { readBodyFacts } from "../protocol/aws-chunked/body-facts.ts";
import { createPayload } from "../protocol/aws-chunked/verified-payload.ts";
import { Readable } from "node:stream";
import type { Payload } from "../protocol/payload.ts";
import { S3Error } from "../services/s3/errors.ts";
import { PUT_BYTES_MAX } from "../services/s3/limits.ts";

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

const tooLarge = (sizeBytes: number, most: number): S3Error =>
  new S3Error("EntityTooLarge", { ProposedSize: String(sizeBytes), MaxSizeAllowed: String(most) });

/**
 * The bytes of a file that its policy and S3 itself let through. One that is too large for its policy is read to its end, so
 * that the client hears what its size is; nothing of what is too much is given out.
 */
async function* withinRange(file: Bytes, { sizeBytesMin, sizeBytesMax }: SizeRange): Bytes {
  let sizeBytes = 0;
  for await (const run of file) {
    sizeBytes += run.length;
    if (sizeBytes > PUT_BYTES_MAX) throw tooLarge(sizeBytes, Math.min(sizeBytesMax, PUT_BYTES_MAX));
    if (sizeBytes <= sizeBytesMax) yield run;
  }
  if (sizeBytes > sizeBytesMax) throw tooLarge(sizeBytes, sizeBytesMax);
  if (sizeBytes < sizeBytesMin) {
    throw new S3Error("EntityTooSmall", { ProposedSize: String(sizeBytes), MinSizeAllowed: String(sizeBytesMin) });
  }
}

/** What the file's own stream came to grief over; to whoever reads the payload it looks like a client that left. */
type Trouble = { error?: unknown };

async function* noting(file: Bytes, trouble: Trouble): Bytes {
  try {
    yield* file;
  } catch (error) {
    trouble.error = error;
    throw error;
  }
}

async function* untangled(source: AsyncIterable<Uint8Array>, trouble: Trouble): Bytes {
  try {
    yield* source;
  } catch (error) {
    throw trouble.error ?? error;
  }
}

/**
 * The payload of a form. Errors: those of fields about the file; when it is read also EntityTooLarge, EntityTooSmall and those of
 * the form's rest.
 */
export const createFormPayload = (
  file: Bytes,
  { headers, range }: { readonly headers: Readonly<Record<string, string>>; readonly range: SizeRange },
): Payload => {
  const facts = readBodyFacts(headers, { checksumHeader: "body" });
  const trouble: Trouble = {};
  const body = (): Readable => Readable.from(noting(withinRange(file, range), trouble), { objectMode: false });
  const payload = createPayload({ request: { body: body(), continueBody: () => undefined }, facts });
  return {
    ...payload,
    receive: (options) => {
      const received = payload.receive(options);
      return { ...received, source: untangled(received.source, trouble), whole: undefined };
    },
  };
};
