/** State as an archive, by RPC. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { worldClock } from "../../harness/world-clock.ts";
import type { Platform } from "../../platform/platform.ts";
import { exportState } from "../../state/archive/export.ts";
import { importState, type Imported } from "../../state/archive/import.ts";
import type { State } from "../../state/state.ts";
import { invalidField } from "../errors.ts";
import { readAccountIds, readSnapshotName, readWorld } from "../fields.ts";
import {
  ExportStateRequest_Compression as Compression,
  type ImportStateRequest,
  type ImportStateResponseSchema,
  type StateService,
} from "../generated/standin/v1/state_pb.ts";
import { snapshotMessage } from "../messages.ts";

type Options = { readonly state: State; readonly platform: Platform };

/** What is asked of an export: of a message, or of a query. */
export type ExportRequest = {
  readonly world: string;
  readonly snapshot: string;
  readonly accountIds: readonly string[];
  readonly compression: Compression;
};

/** Throws INVALID_ARGUMENT and NOT_FOUND at once; what the state throws, with the first chunk. */
export const startExport = (state: State, request: ExportRequest): AsyncGenerator<Uint8Array, void, undefined> => {
  const world = readWorld(state, request.world);
  const accountIds = readAccountIds(request.accountIds);
  return exportState(world, {
    ...(request.snapshot === "" ? {} : { snapshot: readSnapshotName(request.snapshot, "snapshot") }),
    ...(accountIds === undefined ? {} : { accountIds }),
    compression: readCompression(request.compression),
  });
};

const readCompression = (compression: Compression): "zstd" | "gzip" => {
  switch (compression) {
    case Compression.UNSPECIFIED:
    case Compression.ZSTD:
      return "zstd";
    case Compression.GZIP:
      return "gzip";
    default:
      throw invalidField("compression", "must be a known one");
  }
};

/** What is asked of an import. */
export type ImportTarget = {
  readonly world: string;
  readonly snapshot: string;
  readonly replace: boolean;
  readonly accountIds: readonly string[];
};

export const runImport = async (
  { state, platform }: Options,
  { target, source }: { target: ImportTarget; source: AsyncIterable<Uint8Array> },
): Promise<MessageInitShape<typeof ImportStateResponseSchema>> => {
  const world = readWorld(state, target.world);
  const accountIds = readAccountIds(target.accountIds);
  const name = target.snapshot === "" ? undefined : readSnapshotName(target.snapshot, "snapshot");
  if (name === undefined && target.replace) throw invalidField("replace", "needs a snapshot");
  const nowMs = worldClock(world, platform).nowMs();
  const imported = await importState(world, {
    source,
    ...(accountIds === undefined ? {} : { accountIds }),
    ...(name === undefined ? {} : { snapshot: { name, replace: target.replace, nowMs } }),
  });
  return importedMessage(imported);
};

const importedMessage = ({
  accountIds,
  whole,
  snapshot,
}: Imported): MessageInitShape<typeof ImportStateResponseSchema> => ({
  accountIds: [...accountIds],
  whole,
  ...(snapshot === undefined ? {} : { snapshot: snapshotMessage(snapshot) }),
});

export const createArchiveRpcs = (
  options: Options,
): Pick<ServiceImpl<typeof StateService>, "exportState" | "importState"> => ({
  exportState: async function* (request) {
    for await (const chunk of startExport(options.state, request)) yield { chunk };
  },

  importState: async (messages) => {
    const pieces = messages[Symbol.asyncIterator]();
    const first = await pieces.next();
    if (first.done === true || first.value.piece.case !== "target")
      throw invalidField("target", "must be the first message");
    return runImport(options, { target: first.value.piece.value, source: chunksOf(pieces) });
  },
});

async function* chunksOf(pieces: AsyncIterator<ImportStateRequest>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) return;
    if (value.piece.case !== "chunk") throw invalidField("chunk", "must be in all messages but the first");
    yield value.piece.value;
  }
}
