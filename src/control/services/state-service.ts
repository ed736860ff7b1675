/** State between suites: reset, snapshot, restore. */
import type { ServiceImpl } from "@connectrpc/connect";
import { forgetAccess } from "../../access/kept-decisions.ts";
import { beginSnapshot } from "../../harness/issued-sessions.ts";
import { worldClock } from "../../harness/world-clock.ts";
import type { Platform } from "../../platform/platform.ts";
import {
  createSnapshot,
  deleteSnapshot,
  getSnapshot,
  listSnapshots,
  resetAccounts,
  resetEverything,
  restoreSnapshot,
} from "../../state/snapshots.ts";
import type { State } from "../../state/state.ts";
import { invalidField, notFound } from "../errors.ts";
import { readAccountIds, readSnapshotName, readWorld } from "../fields.ts";
import type { StateService } from "../generated/standin/v1/state_pb.ts";
import { snapshotMessage } from "../messages.ts";
import { createPageTokens, readPageSize } from "../paging.ts";
import { createArchiveRpcs } from "./archive-rpcs.ts";
import { createDiffRpcs } from "./diff-rpcs.ts";

const snapshotTokens = createPageTokens<[name: string]>("snapshots", { parts: 1 });

type Options = { readonly state: State; readonly platform: Platform };

export const createStateService = ({ state, platform }: Options): ServiceImpl<typeof StateService> => ({
  ...createArchiveRpcs({ state, platform }),
  ...createDiffRpcs({ state, platform }),

  reset: async (request) => {
    const world = readWorld(state, request.world);
    const accountIds = readAccountIds(request.accountIds);
    if (request.everything && accountIds !== undefined)
      throw invalidField("accountIds", "must be empty where everything is true");
    const emptied = request.everything
      ? await resetEverything(world)
      : await resetAccounts(world, accountIds === undefined ? {} : { accountIds });
    if (accountIds === undefined) forgetAccess(world);
    return { accountIds: emptied.toSorted() };
  },

  createSnapshot: async (request) => {
    const world = readWorld(state, request.world);
    const name = readSnapshotName(request.name);
    const accountIds = readAccountIds(request.accountIds);
    const taken = beginSnapshot(world, name);
    const snapshot = await createSnapshot(world, {
      name,
      ...(accountIds === undefined ? {} : { accountIds }),
      replace: request.replace,
      nowMs: worldClock(world, platform).nowMs(),
    });
    taken();
    return { snapshot: snapshotMessage(snapshot) };
  },

  listSnapshots: async (request) => {
    const world = readWorld(state, request.world);
    const after = snapshotTokens.read(request.pageToken)?.[0];
    const pageSize = readPageSize(request.pageSize);
    const found = await listSnapshots(world, { ...(after === undefined ? {} : { after }), limit: pageSize + 1 });
    const page = found.slice(0, pageSize);
    const last = page.at(-1);
    return {
      snapshots: page.map(snapshotMessage),
      nextPageToken: found.length > pageSize && last !== undefined ? snapshotTokens.write([last.name]) : "",
    };
  },

  getSnapshot: async (request) => {
    const world = readWorld(state, request.world);
    const name = readSnapshotName(request.name);
    const snapshot = await getSnapshot(world, name);
    if (snapshot === undefined) throw notFound({ type: "snapshot", name, world: world.name });
    return { snapshot: snapshotMessage(snapshot) };
  },

  restoreSnapshot: async (request) => {
    const world = readWorld(state, request.world);
    return { snapshot: snapshotMessage(await restoreSnapshot(world, readSnapshotName(request.name))) };
  },

  deleteSnapshot: async (request) => {
    const world = readWorld(state, request.world);
    const name = readSnapshotName(request.name);
    if (!(await deleteSnapshot(world, name))) throw notFound({ type: "snapshot", name, world: world.name });
    return {};
  },
});
