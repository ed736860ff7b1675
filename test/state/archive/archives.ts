/** Archives in memory, for tests. */
import { exportState } from "../../../src/state/archive/export.ts";
import type { Compression } from "../../../src/state/archive/format.ts";
import { importState } from "../../../src/state/archive/import.ts";
import type { World } from "../../../src/state/world.ts";

export const archiveOf = async (
  world: World,
  options: { compression?: Compression; accountIds?: readonly string[]; snapshot?: string } = {},
): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exportState(world, { compression: "zstd", ...options })) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** In chunks that fit nothing. */
export async function* inChunks(bytes: Buffer, chunkBytes = 10_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export const importInto = (
  world: World,
  archive: Buffer,
  options: Omit<Parameters<typeof importState>[1], "source"> = {},
) => importState(world, { source: inChunks(archive), ...options });
