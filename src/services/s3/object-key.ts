/** Keys of objects. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
import { S3Error } from "./errors.ts";
import { KEY_BYTES_MAX } from "./limits.ts";

/** UTF-8 bytes that one unit of a JavaScript text may take. */
const BYTES_PER_UNIT_MAX = 3;

/** Errors: KeyTooLongError. */
export const assertKey = (key: string): void => {
  if (key.length * BYTES_PER_UNIT_MAX <= KEY_BYTES_MAX) return;
  const bytes = Buffer.byteLength(key);
  if (bytes <= KEY_BYTES_MAX) return;
  throw new S3Error("KeyTooLongError", { Size: String(bytes), MaxSizeAllowed: String(KEY_BYTES_MAX) });
};
