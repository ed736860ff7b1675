/** Bodies: bytes that came in, bytes that go out, and the end of those that nothing refers to. */
import type { Readable } from "node:stream";
import { CommitFailedError } from "../../engine/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import { readManifest } from "../objects.ts";
import type { Bucket, Extent, ObjectVersion } from "../model.ts";
import type { View } from "../view.ts";
import { createDeadFiles, type DeadFiles } from "./dead-files.ts";
import { createOpener, sliceExtents } from "./open.ts";
import { createReadTracker, type ReadTracker } from "./reads.ts";
import { receiveBody, type ReceivedBody } from "./receive.ts";
import type { BodyStore } from "./store.ts";

export type { ReceivedBody } from "./receive.ts";

export type ByteRange = { readonly offsetBytes: number; readonly lengthBytes: number };

export type Bodies = {
  readonly reads: ReadTracker;
  /**
   * Receives the bytes of `source` and runs `use` with them. `use` makes them part of the state by naming them in
   * its transaction; if it does not, or either throws, the bytes are gone and nothing has changed.
   */
  storing<T>(source: AsyncIterable<Uint8Array> | Uint8Array, use: (body: ReceivedBody) => Promise<T>): Promise<T>;
  /** The bytes of `range` of an object: few as they are, many as a stream that outlives `view`. Destroy it if it is not read. */
  openContent(
    view: View,
    options: { bucket: Bucket; object: ObjectVersion; range: ByteRange },
  ): Promise<Uint8Array | Readable>;
  /** The bytes of `extents` laid end to end, in the same way. */
  openExtents(view: View, extents: readonly Extent[]): Promise<Uint8Array | Readable>;
  /** A commit has named these: they are no longer their receiver's to throw away. */
  keep(bodyIds: readonly string[]): void;
  readonly dead: DeadFiles;
};

export const createBodies = (options: { store: BodyStore; newId: () => string; logger: Logger }): Bodies => {
  const { store, newId, logger } = options;
  const reads = createReadTracker();
  const opener = createOpener({ store, reads });
  const dead = createDeadFiles({ store, reads, logger });
  /** Files that were received and that no commit has named yet. */
  const unnamed = new Set<string>();

  return {
    reads,
    storing: async (source, use) => {
      const body = await receiveBody(source, { store, newId, mayBeLeft: () => dead.doubt() });
      if (body.inline !== undefined) return await use(body);
      unnamed.add(body.bodyId);
      try {
        return await use(body);
      } catch (error) {
        // A batch that failed may have reached the disk all the same: the next start compares files and records.
        if (error instanceof CommitFailedError && unnamed.delete(body.bodyId)) dead.doubt();
        throw error;
      } finally {
        if (unnamed.delete(body.bodyId)) void dead.remove(body.bodyId);
      }
    },
    openContent: (view, { bucket, object, range }) => {
      const whole = range.offsetBytes === 0 && range.lengthBytes === object.sizeBytes;
      const open = (extents: readonly Extent[]): Promise<Uint8Array | Readable> =>
        opener.open(view, whole ? extents : sliceExtents(extents, range));
      if (!object.hasManifest) return open(object.extents);
      return readManifest(view, bucket, object).then((parts) => open(parts.flatMap((part) => part.extents)));
    },
    openExtents: (view, extents) => opener.open(view, extents),
    keep: (bodyIds) => {
      for (const bodyId of bodyIds) unnamed.delete(bodyId);
    },
    dead,
  };
};
