/** Events that fall due: into the journal of the bucket's account, and from there to the world's webhook. */
import type { DueContext, DueHandler } from "../../../harness/due-handler.ts";
import type { DoneWork } from "../../../harness/due-work.ts";
import { noteDelivery } from "../../../harness/event-feed.ts";
import { takeDue, type Due } from "../../../state/due.ts";
import { appendEvent } from "../../../state/events.ts";
import type { Tx } from "../../../state/view.ts";
import { endRestore } from "./end-restore.ts";
import { putEventWork, readEventWork, type EventToDeliver } from "./event-due.ts";
import { postEvents, type PostDue } from "./post-events.ts";

/** Does what falls due of events: each into the journal exactly once, to the webhook at least once. */
export const runEvents: DueHandler = async (context, accountId, dues) => {
  const posts: PostDue[] = [];
  const others: Due[] = [];
  for (const due of dues) {
    const work = readEventWork(due);
    if (work.do === "post") posts.push({ due, work });
    else others.push(due);
  }
  const done = others.length === 0 ? [] : await deliver(context, accountId, others);
  if (posts.length > 0) await postEvents(context, accountId, posts);
  return done;
};

/** All in one transaction. */
const deliver = async (context: DueContext, accountId: string, dues: readonly Due[]): Promise<readonly DoneWork[]> => {
  const { world } = context;
  const done = await world.transact(async (tx) => {
    const delivered: DoneWork[] = [];
    for (const due of dues) {
      if (!(await takeDue(tx, accountId, due))) continue;
      const work = readEventWork(due);
      const { dueAtMs } = due;
      if (work.do === "endRestore") {
        await endRestore(tx, { context, accountId, restore: work.restore, dueAtMs });
      } else {
        await deliverOne(tx, { context, accountId, due, event: work.event });
        delivered.push({ kind: "event", dueAtMs, what: describe(work.event) });
      }
    }
    return delivered;
  });
  noteDelivery(world, accountId);
  return done;
};

const deliverOne = async (
  tx: Tx,
  { context, accountId, due, event }: { context: DueContext; accountId: string; due: Due; event: EventToDeliver },
): Promise<void> => {
  const toWebhook = context.world.settings.eventWebhookUrl !== undefined;
  const position = await appendEvent(tx, accountId, {
    ...event,
    deliveredAtMs: due.dueAtMs,
    ...(toWebhook ? { webhook: { state: "pending", attempts: 0 } } : {}),
  });
  if (!toWebhook) return;
  const work = { do: "post", event, position, attempts: 0 } as const;
  await putEventWork(tx, accountId, { dueAtMs: due.dueAtMs, id: `${due.id}/post`, work });
};

const describe = ({ eventName, bucketName, key, destination }: EventToDeliver): string =>
  `sent ${eventName} of s3://${bucketName}/${key} to ${destination}`;
