/**
 * What follows from a change of an object: notifications, replicas, and when its life ends. Everything that makes, deletes,
 * restores or changes an object notes it here, in the transaction that does it.
 */
import type { Caller } from "../../protocol/caller.ts";
import type { Draw } from "../../state/id-stream.ts";
import type { Bucket, ConfigurationKind, Version } from "../../state/model.ts";
import { latestVersion } from "../../state/objects.ts";
import type { Tx, View } from "../../state/view.ts";
import type { World } from "../../state/world.ts";
import type { S3EventName } from "./events/event-names.ts";
import { scheduleLifecycle } from "./lifecycle/schedule.ts";
import { noteEvents } from "./events/note-events.ts";
import { scheduleReplication } from "./replication/schedule.ts";

/** Who changes an object, and when. A request's context is one. */
export type ChangeContext = {
  readonly world: World;
  /** World time, in milliseconds since 1970. */
  readonly nowMs: number;
  /** Its ids name the request in events. */
  readonly draw: Pick<Draw, "requestId" | "hostId">;
  /** Absent: S3 itself, by a rule of the bucket. */
  readonly caller?: Caller | undefined;
  /** What S3 puts as a replica; it is not replicated on. */
  readonly isReplica?: true;
  /** Where the request came from; absent for what S3 does itself. */
  readonly sourceIp?: string | undefined;
};

/** What an event says beside the object, by AWS's names. */
export type EventDetails = {
  /** Of a restore. */
  readonly glacierEventData?: {
    readonly restoreEventData: {
      /** ISO 8601. */
      readonly lifecycleRestorationExpiryTime: string;
      readonly lifecycleRestoreStorageClass: string;
    };
  };
  readonly replicationEventData?: {
    readonly replicationRuleId: string;
    /** An ARN. */
    readonly destinationBucket: string;
    readonly s3Operation: string;
    /** ISO 8601, as the others. */
    readonly requestTime: string;
    readonly failureReason?: string;
    /** Minutes. */
    readonly threshold?: string;
    readonly replicationTime?: string;
  };
  readonly lifecycleEventData?: { readonly transitionEventData: { readonly destinationStorageClass: string } };
  readonly intelligentTieringEventData?: { readonly destinationAccessTier: string };
};

/** One change of one key. */
export type ObjectChange = {
  /** What notifications call it; absent for a change that AWS sends no event of (a rename, a legal hold). */
  readonly event?: S3EventName;
  readonly key: string;
  /** The version that was made or changed, as it is now: an object or a delete marker. Absent for one that was deleted for good. */
  readonly version?: Version | undefined;
  /**
   * What was there before, as far as it is known: the version that was deleted for good; of a key that was written or got a delete
   * marker its latest version, which may now be noncurrent or gone. See {@link latestBefore}.
   */
  readonly before?: Version | undefined;
  /** The annotation that was put or deleted. */
  readonly annotation?: {
    readonly name: string;
    /** Of one that was put. */
    readonly stored?: { readonly sizeBytes: number; readonly etag: string };
  };
  readonly details?: EventDetails;
};

/** Documents that make something follow from a change. */
const WATCHING: readonly ConfigurationKind[] = ["notification", "replication", "lifecycle"];

/** Whether anything may follow from changes in `bucket`. In memory. */
export const isWatched = ({ configurations }: Bucket): boolean =>
  configurations.length > 0 && WATCHING.some((kind) => configurations.includes(kind));

/** The latest version of a key that is about to be written, for {@link ObjectChange.before}; read only where it matters. */
export const latestBefore = (tx: View, bucket: Bucket, key: string): Promise<Version | undefined> | undefined =>
  isWatched(bucket) ? latestVersion(tx, bucket, key) : undefined;

/**
 * Notes a change in the transaction that makes it: what follows is there if the change is, and not otherwise. It costs nothing where
 * nothing watches the bucket. `bucket` is as `requireBucket` gave it in this transaction. It may run more than once with the
 * transaction and does the same each time.
 */
export const noteObjectChange = (
  tx: Tx,
  context: ChangeContext,
  bucket: Bucket,
  change: ObjectChange,
): Promise<void> | undefined => (isWatched(bucket) ? noteWatched(tx, context, bucket, change) : undefined);

const noteWatched = async (tx: Tx, context: ChangeContext, bucket: Bucket, change: ObjectChange): Promise<void> => {
  const { configurations } = bucket;
  if (configurations.includes("notification")) await noteEvents(tx, context, { bucket, change });
  if (configurations.includes("replication") && context.isReplica !== true) {
    await scheduleReplication(tx, context, { bucket, change });
  }
  if (configurations.includes("lifecycle")) await scheduleLifecycle(tx, context, bucket, change);
};
