/** Reading the bytes of extents, as they lie or as a stream. */
import type { Readable } from "node:stream";
import { bodyKeys } from "../keys.ts";
import type { Extent } from "../model.ts";
import type { View } from "../view.ts";
import { ExtentStream, type Piece } from "./extent-stream.ts";
import type { ReadTracker } from "./reads.ts";
import { isInline, type BodyStore } from "./store.ts";

/** The extents that make up the `lengthBytes` bytes at `offsetBytes` of `extents` laid end to end. */
export const sliceExtents = (
  extents: readonly Extent[],
  range: { offsetBytes: number; lengthBytes: number },
): Extent[] => {
  const end = range.offsetBytes + range.lengthBytes;
  const sliced: Extent[] = [];
  let at = 0;
  for (const extent of extents) {
    const from = Math.max(range.offsetBytes, at);
    const to = Math.min(end, at + extent.lengthBytes);
    if (from < to) sliced.push({ ...extent, offsetBytes: extent.offsetBytes + from - at, lengthBytes: to - from });
    at += extent.lengthBytes;
  }
  return sliced;
};

export type Opener = {
  /**
   * The bytes of `extents`: small ones as they are, others as a stream that stays good after `view` has ended. A stream
   * that is not wanted after all must be destroyed.
   */
  open(view: View, extents: readonly Extent[]): Promise<Uint8Array | Readable>;
};

export const createOpener = ({ store, reads }: { store: BodyStore; reads: ReadTracker }): Opener => {
  const readInline = async (view: View, extent: Extent): Promise<Uint8Array> => {
    const bytes = await view.reader.getBytes(bodyKeys.inline(extent.bodyId));
    if (bytes === undefined) throw new Error(`body ${extent.bodyId} is not there`);
    const { offsetBytes, lengthBytes } = extent;
    return lengthBytes === bytes.byteLength ? bytes : bytes.subarray(offsetBytes, offsetBytes + lengthBytes);
  };

  const openPieces = async (view: View, extents: readonly Extent[]): Promise<Uint8Array | Readable> => {
    if (extents.length === 0) return new Uint8Array(0);
    const pieces: Piece[] = [];
    for (const extent of extents) {
      pieces.push(isInline(extent.bodyId) ? { bytes: await readInline(view, extent) } : { file: extent });
    }
    const { readEpoch } = view.scope;
    reads.retain(readEpoch);
    return new ExtentStream({ store, pieces, onClose: () => reads.end(readEpoch) });
  };

  return {
    open: (view, extents) => {
      const [only] = extents;
      const small = only !== undefined && extents.length === 1 && isInline(only.bodyId);
      return small ? readInline(view, only) : openPieces(view, extents);
    },
  };
};
