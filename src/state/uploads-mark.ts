/** Unfinished uploads learn that their key was written to meanwhile: a conditional completion is then refused (409). */
import { readCounter } from "./counters.ts";
import { layered } from "./keys.ts";
import { decodeUpload, encodeUpload } from "./records.ts";
import { putLayered, scanAllLayered } from "./stack.ts";
import type { KeyScope } from "./versions.ts";
import type { Tx } from "./view.ts";

/** Called by everything that puts or deletes `scope.key`. Not needed in a bucket that never had an upload. */
export const markUploadsOf = async (tx: Tx, { bucket, stack, key }: KeyScope): Promise<void> => {
  const unfinished = await readCounter(tx, stack, { bucketId: bucket.id, counter: "uploads" });
  if (unfinished === 0) return;
  const range = layered.uploadsOf(bucket.id, key);
  for (const [subkey, record] of await scanAllLayered(tx.reader, stack, range)) {
    const upload = decodeUpload(record, { key, uploadId: subkey.slice(range.start.length) });
    if (!upload.keyChanged) putLayered(tx.tx, stack, [subkey, encodeUpload({ ...upload, keyChanged: true })]);
  }
};
