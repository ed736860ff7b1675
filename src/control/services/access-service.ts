/** Who may do what in a world, and why. */
import type { ServiceImpl } from "@connectrpc/connect";
import { coverageOf, decisionsOf } from "../../access/kept-decisions.ts";
import type { SimulateAccess } from "../../access/simulation.ts";
import { refusalOf } from "../../harness/refusals.ts";
import { worldClock } from "../../harness/world-clock.ts";
import type { Platform } from "../../platform/platform.ts";
import type { State } from "../../state/state.ts";
import type { World } from "../../state/world.ts";
import { coverageMessage, decisionMessage, explanationMessage } from "../access-messages.ts";
import { invalidField, notFound } from "../errors.ts";
import { readWorld } from "../fields.ts";
import type { AccessService } from "../generated/standin/v1/access_pb.ts";
import { AuthModeSchema } from "../generated/standin/v1/world_pb.ts";
import { notNamed } from "../named-values.ts";
import { createPageTokens, readPageSize } from "../paging.ts";
import { readSimulation } from "../read-simulation.ts";
import { authModeMessage, AUTH_MODES } from "../world-fields.ts";

type Options = { readonly state: State; readonly platform: Platform; readonly simulateAccess: SimulateAccess };

const coverageTokens = createPageTokens<[place: string]>("policies", { parts: 1 });

export const createAccessService = ({
  state,
  platform,
  simulateAccess,
}: Options): ServiceImpl<typeof AccessService> => ({
  getAuthMode: (request) => ({ mode: modeOf(readWorld(state, request.world)) }),

  setAuthMode: async (request) => {
    const world = readWorld(state, request.world);
    const authMode = AUTH_MODES.get(request.mode);
    if (authMode === undefined) throw notNamed("mode", AuthModeSchema);
    await world.updateSettings({ authMode });
    return { mode: modeOf(world) };
  },

  explainRequest: (request) => {
    const world = readWorld(state, request.world);
    const { requestId } = request;
    if (requestId === "") throw invalidField("requestId", "must be given");
    const decisions = decisionsOf(world, requestId);
    const refusal = refusalOf(world, requestId);
    if (decisions === undefined && refusal === undefined) {
      throw notFound({ type: "request", name: requestId, world: world.name });
    }
    return explanationMessage(refusal, decisions ?? []);
  },

  simulateAccess: async (request) => {
    const world = readWorld(state, request.world);
    const question = readSimulation(request, {
      nowMs: worldClock(world, platform).nowMs(),
      anonymousAccountId: world.settings.fallbackAccount,
    });
    const decision = await simulateAccess(world, question);
    if (decision === undefined) throw notFound({ type: "bucket", name: request.bucket, world: world.name });
    return { decision: decisionMessage(decision) };
  },

  getPolicyCoverage: (request) => {
    const world = readWorld(state, request.world);
    const after = coverageTokens.read(request.pageToken)?.[0] ?? "";
    const pageSize = readPageSize(request.pageSize);
    const { undecidedOnly } = request;
    const rest = coverageOf(world)
      .map((coverage) => ({ place: `${coverage.layer} ${coverage.name}`, coverage }))
      .filter(({ place, coverage }) => place > after && (!undecidedOnly || hasUndecided(coverage)))
      .toSorted((one, other) => (one.place < other.place ? -1 : 1));
    const page = rest.slice(0, pageSize);
    const last = page.at(-1);
    return {
      policies: page.map(({ coverage }) => coverageMessage(coverage, { undecidedOnly })),
      nextPageToken: rest.length > pageSize && last !== undefined ? coverageTokens.write([last.place]) : "",
    };
  },
});

const modeOf = ({ settings }: World) => authModeMessage(settings.authMode);

const hasUndecided = ({ counts }: ReturnType<typeof coverageOf>[number]): boolean =>
  counts.some(({ decided }) => decided === 0);
