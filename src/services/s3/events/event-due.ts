/** Events on their way, as records of work that falls due. */
import { putDue, type Due } from "../../../state/due.ts";
import type { JournalEvent } from "../../../state/events.ts";
import type { Partition } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";

/** An event that is to be delivered. */
export type EventToDeliver = Omit<JournalEvent, "deliveredAtMs" | "webhook">;

/** A restore that will be done, or over, then: an event is due if it still is. */
export type RestoreToEnd = {
  readonly event: "ObjectRestore:Completed" | "ObjectRestore:Delete";
  readonly partition: Partition;
  readonly bucketName: string;
  readonly key: string;
  readonly versionId: string;
};

/** What is to be done of an event. */
export type EventWork =
  | { readonly do: "deliver"; readonly event: EventToDeliver }
  | {
      readonly do: "post";
      readonly event: EventToDeliver;
      /** In the journal. */
      readonly position: number;
      /** Attempts that failed. */
      readonly attempts: number;
    }
  | { readonly do: "endRestore"; readonly restore: RestoreToEnd };

/** Has `work` done at `dueAtMs` of world time. `id` is unique among an account's events of that instant. */
export const putEventWork = (
  tx: Tx,
  accountId: string,
  { work, ...due }: { readonly work: EventWork } & Pick<Due, "dueAtMs" | "id">,
): Promise<void> => putDue(tx, accountId, { ...due, kind: "event", document: JSON.stringify(work) });

/** What a record of the kind `event` says. */
export const readEventWork = ({ document }: Due): EventWork => JSON.parse(document) as EventWork;
