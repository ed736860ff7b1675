/** Posts events to the world's webhook: at least once, with the same id and sequencer each time. */
import type { DueContext } from "../../../harness/due-handler.ts";
import { postToWebhook, type PostOutcome } from "../../../harness/webhook.ts";
import { WEBHOOK } from "../../../platform/limits.ts";
import { takeDue, type Due } from "../../../state/due.ts";
import { updateEvent, type WebhookState } from "../../../state/events.ts";
import type { World } from "../../../state/world.ts";
import { putEventWork, type EventWork } from "./event-due.ts";

type Post = Extract<EventWork, { readonly do: "post" }>;

/** A posting that is due. */
export type PostDue = { readonly due: Due; readonly work: Post };

/**
 * Tries each once. One that failed waits for its next attempt by the world's clock, longer each time, and is given up after
 * `WEBHOOK.attemptsMax`; what became of it stands in the journal.
 */
export const postEvents = async (context: DueContext, accountId: string, posts: readonly PostDue[]): Promise<void> => {
  const ofKeys = [...Map.groupBy(posts, ({ work: { event } }) => `${event.bucketName}/${event.key}`).values()];
  const next = ofKeys.values();
  const postSome = async (): Promise<void> => {
    for (const ofKey of next) for (const post of ofKey) await postOne(context, accountId, post);
  };
  await Promise.all(Array.from({ length: WEBHOOK.parallelMax }, postSome));
};

const postOne = async (context: DueContext, accountId: string, { due, work }: PostDue): Promise<void> => {
  const { world } = context;
  const { event, position } = work;
  const attempts = work.attempts + 1;
  const { error } = await attempt(context, accountId, work);
  const isLast = attempts >= WEBHOOK.attemptsMax;
  await world.transact(async (tx) => {
    // An account that was reset or restored meanwhile has other events.
    if (!(await takeDue(tx, accountId, due))) return;
    const webhook: WebhookState =
      error === undefined
        ? { state: "delivered", attempts }
        : { state: isLast ? "failed" : "pending", attempts, error };
    await updateEvent(tx, accountId, { position, id: event.id, webhook });
    if (error === undefined || isLast) return;
    const dueAtMs = due.dueAtMs + WEBHOOK.retryMs * 2 ** work.attempts;
    await putEventWork(tx, accountId, { dueAtMs, id: due.id, work: { ...work, attempts } });
  });
};

/** When a world's webhook did not answer in time, of real time, and what its URL was. */
type Hanging = { readonly url: string; readonly sinceMs: number; readonly outcome: PostOutcome };
const hanging = new WeakMap<World, Hanging>();

/**
 * One that does not answer is left alone for a while of real time: whoever advances the clock or stops the server would wait for each
 * event and each attempt in turn. They count as tried.
 */
const attempt = async (context: DueContext, accountId: string, post: Post): Promise<PostOutcome> => {
  const { world, platform } = context;
  const url = world.settings.eventWebhookUrl;
  if (url === undefined) return { error: "the world has no webhook any more" };
  const known = hanging.get(world);
  // The system's clock may be set back.
  const sinceMs = Math.abs(platform.clock.now() - (known?.sinceMs ?? 0));
  if (known?.url === url && sinceMs < WEBHOOK.hangingMs) return known.outcome;
  const outcome = await postOnce(world, accountId, { url, post });
  if (outcome.hangs === true) hanging.set(world, { url, sinceMs: platform.clock.now(), outcome });
  return outcome;
};

const postOnce = (
  world: World,
  accountId: string,
  { url, post: { event, attempts } }: { url: string; post: Post },
): Promise<PostOutcome> => {
  const headers = {
    "x-standin-world": world.name,
    "x-standin-account": accountId,
    "x-standin-event-id": event.id,
    "x-standin-event-name": event.eventName,
    "x-standin-destination": event.destination,
    "x-standin-sequencer": event.sequencer,
    "x-standin-attempt": String(attempts + 1),
  };
  return postToWebhook({ url, headers, body: event.message });
};
