/** Watching a world's journals of events. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { onDelivery } from "../harness/event-feed.ts";
import { journalEnd, journalEnds, listEvents, type JournalEnd } from "../state/events.ts";
import { WorldGoneError } from "../state/errors.ts";
import { isAccountId } from "../protocol/caller.ts";
import type { World } from "../state/world.ts";
import { invalidField } from "./errors.ts";
import { eventMessage, type EventFilter } from "./events.ts";
import type { WatchEventsResponseSchema } from "./generated/standin/v1/event_pb.ts";
import { WALK_ENTRIES } from "./limits.ts";

type Answer = MessageInitShape<typeof WatchEventsResponseSchema>;

/** How far each account's journal was seen. */
type Seen = Map<string, JournalEnd>;

/**
 * What a filter admits: what was delivered since the answer of `resumeToken`, or from now on, until `signal` fires. The first answer
 * has no event. INVALID_ARGUMENT for a token of something else. Throws `WorldGoneError` when the world is deleted.
 */
export async function* watchEvents(
  world: World,
  filter: EventFilter,
  { resumeToken, signal }: { readonly resumeToken: string; readonly signal: AbortSignal },
): AsyncGenerator<Answer> {
  const bell = createBell(signal);
  // What is delivered while the journals are first looked at is looked at again.
  const stop = onDelivery(world, { delivered: bell.ring, ended: bell.end });
  try {
    const seen = resumeToken === "" ? asSeen(await world.read(journalEnds)) : readToken(resumeToken);
    if (resumeToken !== "") for (const { accountId } of await world.read(journalEnds)) bell.ring(accountId);
    yield { resumeToken: writeToken(seen) };
    for (;;) {
      const rung = await bell.rung();
      if (world.isGone) throw new WorldGoneError(world.name);
      for (const accountId of rung) {
        if ((filter.accountId ?? accountId) === accountId) yield* newEvents(world, filter, { accountId, seen });
      }
      if (signal.aborted) return;
    }
  } finally {
    stop();
  }
}

async function* newEvents(
  world: World,
  filter: EventFilter,
  { accountId, seen }: { accountId: string; seen: Seen },
): AsyncGenerator<Answer> {
  for (;;) {
    const { epoch, page } = await world.read(async (view) => {
      const { epoch } = await journalEnd(view, accountId);
      const known = seen.get(accountId);
      // A reset or restore began positions anew.
      const after = known?.epoch === epoch ? known.position : 0;
      return { epoch, page: await listEvents(view, accountId, { after, limit: WALK_ENTRIES }) };
    });
    for (const event of page) {
      seen.set(accountId, { accountId, epoch, position: event.position });
      if (filter.admits(event)) yield { event: eventMessage(accountId, event), resumeToken: writeToken(seen) };
    }
    if (page.length < WALK_ENTRIES) return;
  }
}

/** Remembers whose journals have something new; who waits for them is told at once, or when it ends or `signal` fires. */
const createBell = (signal: AbortSignal) => {
  let accountIds = new Set<string>();
  let wake: (() => void) | undefined;
  let ended = false;
  const end = (): void => {
    ended = true;
    wake?.();
  };
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  return {
    end,
    ring: (accountId: string): void => {
      accountIds.add(accountId);
      wake?.();
    },
    /** Waits for one, unless there is any. */
    rung: async (): Promise<ReadonlySet<string>> => {
      if (accountIds.size === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const rung = accountIds;
      accountIds = new Set();
      return rung;
    },
  };
};

const asSeen = (ends: readonly JournalEnd[]): Seen => new Map(ends.map((end) => [end.accountId, end]));

const TOKEN_LIST = "watchEvents";

const writeToken = (seen: Seen): string => {
  const places = [...seen.values()].map(({ accountId, epoch, position }) => [accountId, epoch, position]);
  return Buffer.from(JSON.stringify([TOKEN_LIST, places])).toString("base64url");
};

const readToken = (token: string): Seen => {
  const ends = endsIn(Buffer.from(token, "base64url").toString());
  if (ends === undefined) throw invalidField("resumeToken", "must be the resumeToken of an answer");
  return asSeen(ends);
};

/** What a token says; undefined for one that is none of ours. */
const endsIn = (json: string): JournalEnd[] | undefined => {
  try {
    const [list, places] = JSON.parse(json) as readonly unknown[];
    return list === TOKEN_LIST && Array.isArray(places) && places.every(isPlace)
      ? places.map(([accountId, epoch, position]) => ({ accountId, epoch, position }))
      : undefined;
  } catch {
    return undefined;
  }
};

type Place = readonly [accountId: string, epoch: number, position: number];

const isPlace = (place: unknown): place is Place => {
  if (!Array.isArray(place)) return false;
  const [accountId, epoch, position] = place as readonly unknown[];
  return typeof accountId === "string" && isAccountId(accountId) && isCount(epoch) && isCount(position);
};

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
