/** Restores that are done, and restored copies that go: events that come by themselves, long after the request. */
import type { DueContext } from "../../../harness/due-handler.ts";
import { findBucket } from "../../../state/buckets.ts";
import type { Bucket, ObjectVersion } from "../../../state/model.ts";
import { findVersion } from "../../../state/objects.ts";
import type { Tx } from "../../../state/view.ts";
import type { ChangeContext, EventDetails } from "../object-changes.ts";
import { putEventWork, type RestoreToEnd } from "./event-due.ts";
import { noteEvents } from "./note-events.ts";

/**
 * Has the events of a restore's end sent when its times come, where the bucket tells of events now. `object` is as it is with the
 * restore.
 */
export const scheduleRestoreEnds = async (
  tx: Tx,
  bucket: Bucket,
  { object, justBegun }: { readonly object: ObjectVersion; readonly justBegun: boolean },
): Promise<void> => {
  const { restore } = object.attributes;
  if (restore === undefined || !bucket.configurations.includes("notification")) return;
  const { accountId, partition, name: bucketName } = bucket;
  const { key, versionId } = object;
  const ends = [
    ...(justBegun ? [{ event: "ObjectRestore:Completed", dueAtMs: restore.readyAtMs } as const] : []),
    { event: "ObjectRestore:Delete", dueAtMs: restore.expiresAtMs } as const,
  ];
  for (const { event, dueAtMs } of ends) {
    const work = { do: "endRestore", restore: { event, partition, bucketName, key, versionId } } as const;
    await putEventWork(tx, accountId, { dueAtMs, id: `restore/${event}/${bucketName}/${versionId}/${key}`, work });
  }
};

/** Sends the event of a restore's end, if the restore still ends at `dueAtMs`. */
export const endRestore = async (
  tx: Tx,
  options: { context: DueContext; accountId: string; restore: RestoreToEnd; dueAtMs: number },
): Promise<void> => {
  const { context, accountId, restore, dueAtMs } = options;
  const { event, partition, bucketName: name, key, versionId } = restore;
  const bucket = await findBucket(tx, { partition, name, ownerAccountId: accountId });
  if (bucket === undefined || !bucket.configurations.includes("notification")) return;
  const object = await findVersion(tx, bucket, { key, versionId });
  if (object?.kind !== "object" || endOf(object, event) !== dueAtMs) return;
  const by: ChangeContext = { world: context.world, nowMs: dueAtMs, draw: context.draw };
  const change = { event, key, version: object, details: detailsOf(object) };
  await noteEvents(tx, by, { bucket, change });
};

/** When a restore is done, or its copy goes. */
const endOf = ({ attributes: { restore } }: ObjectVersion, event: RestoreToEnd["event"]): number | undefined =>
  event === "ObjectRestore:Completed" ? restore?.readyAtMs : restore?.expiresAtMs;

const detailsOf = ({ attributes: { restore }, storageClass }: ObjectVersion): EventDetails => ({
  glacierEventData: {
    restoreEventData: {
      lifecycleRestorationExpiryTime: new Date(restore?.expiresAtMs ?? 0).toISOString(),
      lifecycleRestoreStorageClass: storageClass,
    },
  },
});
