/** Replication that is due, as it is kept. */
import type { Bucket, Partition } from "../../../state/model.ts";
import { putDue, type Due } from "../../../state/due.ts";
import type { Tx } from "../../../state/view.ts";

/** What is to be done for one version and one destination. */
export type ReplicationTask = {
  /** `missed` tells that it has not been done in the time that the rule promises. */
  readonly do: "replicate" | "missed";
  readonly partition: Partition;
  /** The bucket's name, which stays when an import gives it another id. */
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** The name of the bucket to replicate to. */
  readonly destination: string;
  readonly ruleId: string;
  /** World time at which it was asked for, in milliseconds since 1970. */
  readonly requestedAtMs: number;
  /** A change of what was replicated before: no replica is made for it. */
  readonly isChange?: true;
};

/** The request's own id tells apart what is asked for at one instant. */
export const putReplicationTask = (
  tx: Tx,
  { accountId }: Bucket,
  {
    task,
    dueAtMs,
    requestId,
  }: { readonly task: ReplicationTask; readonly dueAtMs: number; readonly requestId: string },
): Promise<void> => {
  const id = `${requestId}/${task.versionId}/${task.destination}/${task.do}`;
  return putDue(tx, accountId, { kind: "replication", dueAtMs, id, document: JSON.stringify(task) });
};

export const readReplicationTask = ({ document }: Due): ReplicationTask => JSON.parse(document) as ReplicationTask;
