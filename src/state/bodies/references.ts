/**
 * Who refers to a body. References are records, not counts, written and removed in their owner's transaction.
 *
 * A body's first holder needs no record: it is the record that the body was stored for. Only when a second holder comes are
 * both written down, and from then on the body dies when the last of them goes. A holder is named by its layer and, where a
 * layer may hold a body twice, by an id of its own: `<layer>` or `<layer>.<id>`. A record that moves to another key within
 * its stack keeps its holder; a holder of a lower, sealed layer is not the top layer's to let go.
 */
import { bodyKeys } from "../keys.ts";
import type { Extent, ManifestPart } from "../model.ts";
import { topLayer, type Stack } from "../stack.ts";
import type { Tx } from "../view.ts";
import type { ReceivedBody } from "./receive.ts";
import { isInline } from "./store.ts";

const LAYER_ID_CHARS = 16;
const layerOfHolder = (holder: string): string => holder.slice(0, LAYER_ID_CHARS);

/** Stores a received body for the record that is about to name it. */
export const adoptBody = ({ tx, aftermath }: Tx, stack: Stack, body: ReceivedBody): Extent[] => {
  if (body.sizeBytes === 0) return [];
  if (body.inline === undefined) {
    tx.put(bodyKeys.file(body.bodyId), String(body.sizeBytes));
    aftermath.namedBodies.push(body.bodyId);
  } else tx.put(bodyKeys.inline(body.bodyId), body.inline);
  return [{ bodyId: body.bodyId, offsetBytes: 0, lengthBytes: body.sizeBytes, holder: topLayer(stack) }];
};

/** Another reference to the bytes of `extent`, for a record in the top layer of `stack`. Writes no bytes. */
const shareExtent = async (scope: Tx, stack: Stack, extent: Extent): Promise<Extent> => {
  const { tx } = scope;
  const { bodyId } = extent;
  if ((await tx.get(bodyKeys.shared(bodyId))) === undefined) {
    tx.put(bodyKeys.shared(bodyId), "1");
    tx.put(bodyKeys.reference(bodyId, extent.holder), "1");
  }
  const holder = `${topLayer(stack)}.${scope.newLayerId()}`;
  tx.put(bodyKeys.reference(bodyId, holder), "1");
  return { ...extent, holder };
};

export const shareParts = async (scope: Tx, stack: Stack, parts: readonly ManifestPart[]): Promise<ManifestPart[]> => {
  const shared: ManifestPart[] = [];
  for (const part of parts) {
    const extents: Extent[] = [];
    for (const extent of part.extents) extents.push(await shareExtent(scope, stack, extent));
    shared.push({ ...part, extents });
  }
  return shared;
};

/** Takes back the references of a record that goes away; a body that loses its last one dies with this transaction. */
export const releaseExtents = async (scope: Tx, stack: Stack, extents: readonly Extent[]): Promise<void> => {
  for (const extent of extents) await releaseExtent(scope, stack, extent);
};

const releaseExtent = async (scope: Tx, stack: Stack, { bodyId, holder }: Extent): Promise<void> => {
  const { tx } = scope;
  if (layerOfHolder(holder) !== topLayer(stack)) return;
  const shared = bodyKeys.shared(bodyId);
  if ((await tx.get(shared)) !== undefined) {
    tx.delete(bodyKeys.reference(bodyId, holder));
    const left = await tx.scan(bodyKeys.references(bodyId), { limit: 1 });
    if (left.length > 0) return;
    tx.delete(shared);
  }
  if (isInline(bodyId)) tx.delete(bodyKeys.inline(bodyId));
  else {
    tx.delete(bodyKeys.file(bodyId));
    scope.aftermath.deadBodies.push(bodyId);
  }
};
