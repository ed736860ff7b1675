/** One isolated AWS for each test worker. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs, type Duration } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { WantedWorld, WorldKeeper } from "../../harness/world-keeper.ts";
import { ACCESS_LOG_DELAY_MS } from "../../platform/limits.ts";
import { BUCKETS_PER_ACCOUNT_MAX } from "../../state/buckets.ts";
import { DEFAULT_WORLD, type State } from "../../state/state.ts";
import type { World } from "../../state/world.ts";
import { invalidField } from "../errors.ts";
import { readNewWorldName, readSnapshotName, readWorldNamed } from "../fields.ts";
import type {
  CreateWorldRequest,
  UpdateWorldRequest,
  WorldSchema,
  WorldService,
  WorldSettingsSchema,
} from "../generated/standin/v1/world_pb.ts";
import { createPageTokens, readPageSize } from "../paging.ts";
import {
  AUTH_MODES,
  BUCKET_NAMESPACES,
  CLIENT_CLOCKS,
  NEW_BUCKETS,
  readPort,
  readSeed,
  readSettings,
  readTimeToLive,
  S3_PAGE_ENTRIES_MAX,
} from "../world-fields.ts";

const worldTokens = createPageTokens<[name: string]>("worlds", { parts: 1 });

type Options = { readonly state: State; readonly worlds: WorldKeeper };

export const createWorldService = ({ state, worlds }: Options): ServiceImpl<typeof WorldService> => {
  const describe = (world: World) => worldMessage(world, worlds);
  return {
    createWorld: async (request) => {
      const from = readOrigin(state, request);
      const world = await worlds.create({
        name: readNewWorldName(request.name),
        from,
        port: readPort(request.port),
        ephemeral: request.ephemeral ?? from !== undefined,
        timeToLiveMs: readTimeToLive(request.timeToLive),
        settings: readSettings(request.settings),
        seed: readSeed(request.idSeed),
      });
      return { world: describe(world) };
    },

    getWorld: (request) => ({ world: describe(readWorldNamed(state, { name: request.name, field: "name" })) }),

    listWorlds: (request) => {
      const after = worldTokens.read(request.pageToken)?.[0] ?? "";
      const pageSize = readPageSize(request.pageSize);
      const found = state.worlds().filter(({ name }) => name > after);
      const page = found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, pageSize);
      const last = page.at(-1);
      return {
        worlds: page.map(describe),
        nextPageToken: found.length > pageSize && last !== undefined ? worldTokens.write([last.name]) : "",
      };
    },

    updateWorld: async (request) => {
      const world = readWorldNamed(state, { name: request.name, field: "name" });
      if (world.name === DEFAULT_WORLD) assertOfDefault(request);
      await worlds.update(world, {
        settings: readSettings(request.settings),
        life: readLife(request),
        seed: readSeed(request.idSeed),
        port: request.port === undefined ? undefined : readPort(request.port),
      });
      return { world: describe(world) };
    },

    deleteWorld: async (request) => {
      if (request.name === "" || request.name === DEFAULT_WORLD) {
        throw invalidField("name", `must name a world other than ${DEFAULT_WORLD}, which cannot be deleted`);
      }
      await worlds.remove(readWorldNamed(state, { name: request.name, field: "name" }));
      return {};
    },
  };
};

/** Undefined for a world that begins empty. */
const readOrigin = (state: State, { fromWorld, fromSnapshot }: CreateWorldRequest): WantedWorld["from"] => {
  if (fromWorld === "" && fromSnapshot === "") return undefined;
  const world = readWorldNamed(state, { name: fromWorld, field: "fromWorld" });
  return { world, snapshot: fromSnapshot === "" ? undefined : readSnapshotName(fromSnapshot, "fromSnapshot") };
};

const readLife = ({ ephemeral, timeToLive }: UpdateWorldRequest) => ({
  ...(ephemeral === undefined ? undefined : { ephemeral: ephemeral || undefined }),
  ...(timeToLive === undefined
    ? undefined
    : { timeToLiveMs: isZero(timeToLive) ? undefined : readTimeToLive(timeToLive) }),
});

const isZero = ({ seconds, nanos }: Duration): boolean => seconds === 0n && nanos === 0;

/** What only worlds have that may come and go. */
const assertOfDefault = ({ ephemeral, timeToLive, port }: UpdateWorldRequest): void => {
  for (const [field, value] of Object.entries({ ephemeral, timeToLive, port })) {
    if (value !== undefined) throw invalidField(field, `must not be given for the world ${DEFAULT_WORLD}`);
  }
};

const worldMessage = (world: World, worlds: WorldKeeper): MessageInitShape<typeof WorldSchema> => {
  const { ephemeral = false, timeToLiveMs, createdAtMs } = world.record;
  const { url, port, problem } = worlds.endpointOf(world);
  return {
    name: world.name,
    endpoint: url,
    port,
    endpointProblem: problem,
    ephemeral,
    ...(timeToLiveMs === undefined ? undefined : { timeToLive: durationFromMs(timeToLiveMs) }),
    ...(createdAtMs === undefined ? undefined : { createdAt: timestampFromMs(createdAtMs) }),
    settings: settingsMessage(world),
  };
};

const settingsMessage = ({ settings }: World): MessageInitShape<typeof WorldSettingsSchema> => ({
  overrideAccountId: settings.accountOverride ?? "",
  fallbackAccountId: settings.fallbackAccount,
  authMode: keyOf(AUTH_MODES, settings.authMode),
  crossAccountAccess: settings.crossAccountAccess,
  accountHeader: settings.accountHeader,
  newBuckets: keyOf(NEW_BUCKETS, settings.newBuckets),
  enforceRegion: settings.enforceRegion,
  restoreDuration: durationFromMs(settings.restoreDurationMs ?? 0),
  bucketNamespace: keyOf(BUCKET_NAMESPACES, settings.bucketNamespace ?? "partition"),
  bucketsPerAccountMax: settings.bucketsPerAccountMax ?? BUCKETS_PER_ACCOUNT_MAX,
  pageEntriesMax: settings.pageEntriesMax ?? S3_PAGE_ENTRIES_MAX,
  bucketCreationDelay: durationFromMs(settings.bucketCreationDelayMs ?? 0),
  accessLogDelay: durationFromMs(settings.accessLogDelayMs ?? ACCESS_LOG_DELAY_MS),
  clientClock: keyOf(CLIENT_CLOCKS, settings.clientClock ?? "either"),
  eventWebhookUrl: settings.eventWebhookUrl ?? "",
  replicationDelay: durationFromMs(settings.replicationDelayMs ?? 0),
  eventDelay: durationFromMs(settings.eventDelayMs ?? 0),
  eventDuplicates: settings.eventDuplicates ?? 0,
  equivalentHosts: { hosts: [...(settings.equivalentHosts ?? [])] },
});

const keyOf = <K, V>(map: ReadonlyMap<K, V>, wanted: V): K => {
  for (const [key, value] of map) if (value === wanted) return key;
  throw new Error(`there is no name for ${String(wanted)}`);
};
