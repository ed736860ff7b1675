/** What happened to an object, as both forms of message tell it. */
import { hash } from "node:crypto";
import { callerUserId, type Caller } from "../../../protocol/caller.ts";
import type { Bucket, LockPeriod, Version } from "../../../state/model.ts";
import { retainUntil } from "../object-lock.ts";
import { uuidOf } from "../uuid.ts";
import { writtenVersionId } from "../version-id.ts";
import type { ChangeContext, ObjectChange } from "../object-changes.ts";
import type { S3EventName } from "./event-names.ts";

/** One thing that happened, with all that is drawn for it. */
export type Happening = {
  readonly event: S3EventName;
  readonly bucket: Bucket;
  readonly context: ChangeContext;
  readonly change: ObjectChange;
  /** At least 18 hex digits, lower case. */
  readonly sequencer: string;
};

/** What a delete marker has for an ETag: that of nothing. */
const MARKER_ETAG = "d41d8cd98f00b204e9800998ecf8427e";

/** Whether a copy has annotations, which events tell of copies alone. */
export const copiedAnnotations = ({ event, change: { version } }: Happening): boolean | undefined =>
  event === "ObjectCreated:Copy" && version?.kind === "object" ? version.annotationCount > 0 : undefined;

/** The retention that a version has got. */
type Retention = {
  readonly mode: string;
  /** ISO 8601. */
  readonly until: string | undefined;
  readonly hold: "ON" | "OFF" | undefined;
  readonly holdDuration: LockPeriod | undefined;
};

/** What the event of a retention tells of it; undefined for one that was taken away, and for any other event. */
export const retentionOf = ({ event, context, change: { version } }: Happening): Retention | undefined => {
  if (event !== "ObjectRetention:Put" || version?.kind !== "object") return undefined;
  const { lock } = version.attributes;
  if (lock?.mode === undefined) return undefined;
  const untilMs = retainUntil(lock, context.nowMs);
  return {
    mode: lock.mode,
    until: untilMs === undefined ? undefined : new Date(untilMs).toISOString(),
    hold: lock.eventHold?.status,
    holdDuration: lock.eventHold?.status === "ON" ? lock.eventHold.period : undefined,
  };
};

/** Stands for S3 where it acts by a rule of the bucket. */
export const S3_ITSELF = "s3.amazonaws.com";

/** The version that an event is about: the one that is there now, else the one that was deleted. */
const versionOf = ({ version, before }: ObjectChange): Version | undefined => version ?? before;

/** The version's id; undefined in a bucket without versions, and for the version that has none. */
export const eventVersionId = ({ change }: Happening): string | undefined => {
  const version = versionOf(change);
  return version === undefined ? undefined : writtenVersionId(version.versionId);
};

export const eventEtag = ({ change }: Happening): string | undefined => {
  const version = versionOf(change);
  return version?.kind === "deleteMarker" ? MARKER_ETAG : version?.etag;
};

export const eventSize = ({ change }: Happening): number | undefined => {
  const version = versionOf(change);
  return version?.kind === "object" ? version.sizeBytes : undefined;
};

const CUSTOMER_ID_CHARS = 13;

/** Amazon's own id of an account's owner: `A` and 13 letters and digits, the same on every server and at every time. */
export const customerId = (accountId: string): string => {
  const digest = BigInt(`0x${hash("sha256", `standin/customer-id/${accountId}`, "hex")}`);
  return `A${digest.toString(36).toUpperCase().slice(0, CUSTOMER_ID_CHARS)}`;
};

/** Who did it, as a record names them. */
export const principalId = ({ context: { caller }, event, bucket }: Happening): string => {
  if (caller !== undefined) return callerPrincipalId(caller);
  // A restore ends in the name of the bucket's owner.
  return event === "ObjectRestore:Completed" ? `AmazonCustomer:${customerId(bucket.accountId)}` : S3_ITSELF;
};

const callerPrincipalId = (caller: Caller): string =>
  caller.principal.kind === "Anonymous" ? "Anonymous" : `AWS:${callerUserId(caller)}`;

const UUID_BYTES = 16;

/** An id that follows from texts which no other event has together: a UUID. */
export const eventUuid = (...texts: readonly string[]): string =>
  uuidOf(hash("sha256", JSON.stringify(texts), "buffer").subarray(0, UUID_BYTES));
