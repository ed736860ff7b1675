/** The bytes of an archive on their way in: kept as a body that nothing names, checked by their seal, gone at the end. */
import type { Readable } from "node:stream";
import type { ReceivedBody } from "../bodies/bodies.ts";
import type { World } from "../world.ts";
import { SealCheck, type Sealed } from "./seal.ts";

/** An archive whose bytes are all there, and as they were sealed. */
export type ReceivedArchive = {
  readonly sealed: Sealed;
  /** Its bytes without the seal. */
  open(): Promise<AsyncIterable<Uint8Array>>;
};

/** Receives an archive and runs `use` with it. Throws `ArchiveError` before that if it is damaged or none of ours. */
export const receivingArchive = <T>(
  world: World,
  source: AsyncIterable<Uint8Array>,
  use: (archive: ReceivedArchive) => Promise<T>,
): Promise<T> => {
  const check = new SealCheck();
  return world.host.bodies.storing(checked(source, check), async (body) => {
    const sealed = check.end();
    return use({ sealed, open: () => openUnsealed(world, body, sealed) });
  });
};

async function* checked(source: AsyncIterable<Uint8Array>, check: SealCheck): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    check.add(chunk);
    yield chunk;
  }
}

const openUnsealed = async (
  world: World,
  { bodyId, inline }: ReceivedBody,
  { sizeBytes }: Sealed,
): Promise<AsyncIterable<Uint8Array>> => {
  if (inline !== undefined) return once(inline.subarray(0, sizeBytes));
  const extents = [{ bodyId, offsetBytes: 0, lengthBytes: sizeBytes, holder: "" }];
  return (await world.read((view) => world.host.bodies.openExtents(view, extents))) as Readable;
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
