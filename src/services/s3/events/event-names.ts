/**
 * What S3 tells of, by the names that a notification configuration knows without their `s3:`, and how: as AWS was seen to, and
 * where nobody has recorded it as its documentation says.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */

/** A member that a message shows of the object beside its key and version id. */
type Member = "size" | "eTag" | "sequencer";

/** How EventBridge shows an event. https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html */
export type BridgeForm = {
  readonly detailType: string;
  readonly shows: readonly Member[];
  /** By what operation. */
  readonly reason?: string;
  readonly deletionType?: "Permanently Deleted" | "Delete Marker Created";
};

type EventRow = {
  readonly shows: readonly Member[];
  /** Absent for what S3 does not send to EventBridge. */
  readonly bridge?: BridgeForm;
};

const ALL: readonly Member[] = ["size", "eTag", "sequencer"];

// A sequencer orders what comes and goes; what is changed beside the bytes has none.
const created = (reason: string): EventRow => ({
  shows: ALL,
  bridge: { detailType: "Object Created", shows: ALL, reason },
});

const deleted = (reason: string): EventRow => ({
  shows: ["sequencer"],
  bridge: {
    detailType: "Object Deleted",
    shows: ["sequencer"],
    reason,
    deletionType: "Permanently Deleted",
  },
});

const hidden = (reason: string): EventRow => ({
  shows: ["eTag", "sequencer"],
  bridge: {
    detailType: "Object Deleted",
    shows: ["eTag", "sequencer"],
    reason,
    deletionType: "Delete Marker Created",
  },
});

/** Of what is not changed by the client's own request for it. */
const moved = (detailType: string): EventRow => ({
  shows: ALL,
  bridge: { detailType, shows: ["size", "eTag"] },
});

const updated = (detailType: string, shows: readonly Member[] = ["eTag"]): EventRow => ({
  shows,
  bridge: { detailType, shows },
});

const annotated = (detailType: string, reason: string): EventRow => ({
  shows: ["eTag"],
  bridge: { detailType, shows: ["eTag", "sequencer"], reason },
});

const replication: EventRow = { shows: ALL };

/** Every event that Standin tells of. */
const S3_EVENTS = {
  "ObjectCreated:Put": created("PutObject"),
  "ObjectCreated:Post": created("POST Object"),
  "ObjectCreated:Copy": created("CopyObject"),
  "ObjectCreated:CompleteMultipartUpload": created("CompleteMultipartUpload"),
  "ObjectRemoved:Delete": deleted("DeleteObject"),
  "ObjectRemoved:DeleteMarkerCreated": hidden("DeleteObject"),
  "LifecycleExpiration:Delete": deleted("Lifecycle Expiration"),
  "LifecycleExpiration:DeleteMarkerCreated": hidden("Lifecycle Expiration"),
  LifecycleTransition: moved("Object Storage Class Changed"),
  IntelligentTiering: moved("Object Access Tier Changed"),
  "ObjectRestore:Post": moved("Object Restore Initiated"),
  "ObjectRestore:Completed": moved("Object Restore Completed"),
  "ObjectRestore:Delete": moved("Object Restore Expired"),
  "ObjectTagging:Put": updated("Object Tags Added"),
  "ObjectTagging:Delete": updated("Object Tags Deleted"),
  "ObjectAcl:Put": updated("Object ACL Updated"),
  "ObjectRetention:Put": updated("Object Retention Updated", ["size", "eTag"]),
  "ObjectAnnotation:Put": annotated("Object Annotation Created", "PutObjectAnnotation"),
  "ObjectAnnotation:Delete": annotated("Object Annotation Removed", "DeleteObjectAnnotation"),
  "Replication:OperationFailedReplication": replication,
  "Replication:OperationNotTracked": replication,
  "Replication:OperationMissedThreshold": replication,
  "Replication:OperationReplicatedAfterThreshold": replication,
} satisfies Record<string, EventRow>;

/** Such as `ObjectCreated:Put`. */
export type S3EventName = keyof typeof S3_EVENTS;

/** The row of an event. */
export const eventRow = (event: S3EventName): EventRow => S3_EVENTS[event];
