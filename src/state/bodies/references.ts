/**
 * Who refers to a body. References are records, not counts, written and removed in their owner's transaction.
 *
 * A body's first holder needs no record: it is the record that the body was stored for. Only when a second holder comes are
 * both written down, and from then on the body dies when the last of them goes. A holder is named by its layer and, where a
 * layer may hold a body twice, by an id of its own: `<layer>` or `<layer>.<id>`. A record that moves to another key within
 * its stack keeps its holder; a holder of a lower, sealed layer is not the top layer's to let go.
 */
import { bodyKeys, catalog } from "../keys.ts";
import type { Extent, ManifestPart } from "../model.ts";
import { topLayer, type Stack } from "../stack.ts";
import type { Tx } from "../view.ts";
import type { ReceivedBody } from "./receive.ts";
import { bootOf, isInline } from "./store.ts";

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
  const holder = `${topLayer(stack)}.${scope.newId()}`;
  tx.put(bodyKeys.reference(bodyId, holder), "1");
  return { ...extent, holder };
};

export const shareParts = async (scope: Tx, stack: Stack, parts: readonly ManifestPart[]): Promise<ManifestPart[]> => {
  const shared: ManifestPart[] = [];
  for (const part of parts) {
    shared.push({ ...part, extents: await shareExtents(scope, stack, { extents: part.extents }) });
  }
  return shared;
};

/** More references to the bytes of `extents`; those that one of the layers `unlessHeldBy` holds stay as they are. */
export const shareExtents = async (
  scope: Tx,
  stack: Stack,
  { extents, unlessHeldBy }: { extents: readonly Extent[]; unlessHeldBy?: ReadonlySet<string> },
): Promise<Extent[]> => {
  const shared: Extent[] = [];
  for (const extent of extents) {
    const isHeld = unlessHeldBy?.has(layerOfHolder(extent.holder)) === true;
    shared.push(isHeld ? extent : await shareExtent(scope, stack, extent));
  }
  return shared;
};

/** Where the bytes of several parts are. */
export const extentsOf = (parts: readonly { readonly extents: readonly Extent[] }[]): Extent[] =>
  parts.flatMap(({ extents }) => extents);

/**
 * Takes back the references of what goes away in one step; a body that loses its last one dies with this transaction. Pass all
 * extents at once: whether a body has holders left is looked up once for each body, not for each of its extents.
 */
export const releaseExtents = async (scope: Tx, stack: Stack, extents: readonly Extent[]): Promise<void> => {
  const { tx } = scope;
  const shared = new Set<string>();
  for (const { bodyId, holder } of extents) {
    if (layerOfHolder(holder) !== topLayer(stack)) continue;
    if (shared.has(bodyId) || (await tx.get(bodyKeys.shared(bodyId))) !== undefined) {
      tx.delete(bodyKeys.reference(bodyId, holder));
      shared.add(bodyId);
    } else letDie(scope, bodyId);
  }
  for (const bodyId of shared) {
    const left = await tx.scan(bodyKeys.references(bodyId), { limit: 1 });
    if (left.length > 0) continue;
    tx.delete(bodyKeys.shared(bodyId));
    letDie(scope, bodyId);
  }
};

const letDie = ({ tx, aftermath }: Tx, bodyId: string): void => {
  if (isInline(bodyId)) tx.delete(bodyKeys.inline(bodyId));
  else {
    tx.delete(bodyKeys.file(bodyId));
    // Until the file is gone too, its boot has not ended, or not again: a crash may come in between.
    tx.put(catalog.unfinishedBoot(bootOf(bodyId)), bodyId);
    aftermath.deadBodies.push(bodyId);
  }
};
