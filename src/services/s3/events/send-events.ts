/** Puts events on their way to their destinations. */
import { nextEventSequence } from "../../../state/events.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import type { ChangeContext } from "../object-changes.ts";
import { putEventWork } from "./event-due.ts";
import { eventUuid } from "./happening.ts";

/** An event for one destination. */
export type Letter = {
  /** An ARN. */
  readonly destination: string;
  readonly configurationId: string;
  /** The message. Pure: a transaction may run more than once. */
  readonly write: (drawn: { readonly sequencer: string; readonly id: string }) => string;
};

type ToSend = {
  readonly bucket: Bucket;
  /** Empty for an event of the bucket itself. */
  readonly key: string;
  /** With its `s3:`. */
  readonly eventName: string;
  readonly letters: readonly Letter[];
};

/**
 * Sends what happened once to all that are told of it, after the world's delay; its sequencer is the same for all. As AWS delivers
 * at least once, some are delivered twice where the world says so.
 */
export const sendEvents = async (
  tx: Tx,
  { world: { settings }, nowMs, draw }: ChangeContext,
  { bucket, key, eventName, letters }: ToSend,
): Promise<void> => {
  const { accountId, name: bucketName } = bucket;
  const { eventDelayMs = 0, eventDuplicates } = settings;
  const { sequencer, count } = await nextEventSequence(tx, accountId, { nowMs, events: letters.length });
  for (const [index, { destination, configurationId, write }] of letters.entries()) {
    // No two happenings of an account have a sequencer in common; after a reset the request's id tells them apart.
    const id = eventUuid(accountId, draw.requestId, sequencer, String(index));
    const message = write({ sequencer, id });
    const event = {
      id,
      timeMs: nowMs,
      bucketName,
      key,
      eventName,
      destination,
      configurationId,
      sequencer,
      message,
    };
    const isTwice = eventDuplicates !== undefined && (count + index) % eventDuplicates === 0;
    for (const copy of isTwice ? ["", "+"] : [""]) {
      await putEventWork(tx, accountId, {
        dueAtMs: nowMs + eventDelayMs,
        id: `${sequencer}/${index}${copy}`,
        work: { do: "deliver", event },
      });
    }
  }
};
