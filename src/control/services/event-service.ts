/** The event notifications that S3 sent. */
import type { ServiceImpl } from "@connectrpc/connect";
import { clearEvents, journalEnds, listEvents, type ListedEvent } from "../../state/events.ts";
import type { State } from "../../state/state.ts";
import type { World } from "../../state/world.ts";
import { eventMessage, readEventFilter, type EventFilter } from "../events.ts";
import { invalidField } from "../errors.ts";
import { readOptionalAccountId, readWorld } from "../fields.ts";
import type { EventService } from "../generated/standin/v1/event_pb.ts";
import { WALK_ENTRIES } from "../limits.ts";
import { createPageTokens, readPageSize } from "../paging.ts";
import { takePage } from "../walk.ts";
import { watchEvents } from "../watch-events.ts";

const tokens = createPageTokens<[accountId: string, position: string]>("events", { parts: 2 });

type Options = { readonly state: State };

export const createEventService = ({ state }: Options): ServiceImpl<typeof EventService> => ({
  listEvents: async (request) => {
    const world = readWorld(state, request.world);
    const filter = readEventFilter(request.filter);
    const walk = walkEvents(world, filter, readPlace(request.pageToken));
    const { items, more } = await takePage(walk, readPageSize(request.pageSize));
    const last = items.at(-1);
    return {
      events: items.map(({ accountId, event }) => eventMessage(accountId, event)),
      nextPageToken: more && last !== undefined ? tokens.write([last.accountId, String(last.event.position)]) : "",
    };
  },

  watchEvents: (request, { signal }) => {
    const world = readWorld(state, request.world);
    const filter = readEventFilter(request.filter);
    return watchEvents(world, filter, { resumeToken: request.resumeToken, signal });
  },

  clearEvents: async (request) => {
    const world = readWorld(state, request.world);
    const named = readOptionalAccountId(request.accountId);
    const accountIds =
      named === undefined ? (await world.read(journalEnds)).map(({ accountId }) => accountId) : [named];
    let eventCount = 0;
    for (const accountId of accountIds) eventCount += await clearEvents(world, accountId);
    return { eventCount };
  },
});

/** Behind which event a page begins. */
const readPlace = (pageToken: string): { readonly accountId: string; readonly position: number } => {
  const [accountId = "", position = "0"] = tokens.read(pageToken) ?? [];
  if (!/^\d{1,15}$/.test(position)) throw invalidField("pageToken", "must be the nextPageToken of this list");
  return { accountId, position: Number(position) };
};

type Found = { readonly accountId: string; readonly event: ListedEvent };

/** What a filter admits, account by account, behind a place. */
async function* walkEvents(
  world: World,
  filter: EventFilter,
  after: { readonly accountId: string; readonly position: number },
): AsyncGenerator<Found> {
  for (const { accountId } of await world.read(journalEnds)) {
    if (accountId < after.accountId || (filter.accountId ?? accountId) !== accountId) continue;
    let position = accountId === after.accountId ? after.position : 0;
    for (;;) {
      const page = await world.read((view) => listEvents(view, accountId, { after: position, limit: WALK_ENTRIES }));
      for (const event of page) if (filter.admits(event)) yield { accountId, event };
      if (page.length < WALK_ENTRIES) break;
      position = page.at(-1)?.position ?? position;
    }
  }
}
