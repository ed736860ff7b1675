/** The message that EventBridge gets. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
import { bucketArn } from "../bucket-arn.ts";
import type { BridgeForm } from "./event-names.ts";
import {
  copiedAnnotations,
  eventEtag,
  eventSize,
  eventVersionId,
  retentionOf,
  S3_ITSELF,
  type Happening,
} from "./happening.ts";

/** The default event bus of the account and region that a bucket is in. */
export const defaultBusArn = ({ partition, region, accountId }: Happening["bucket"]): string =>
  `arn:${partition}:events:${region}:${accountId}:event-bus/default`;

/** The same for all events, as since 2026. */
const EVENT_VERSION = "1.2";

const objectOf = (happening: Happening, { shows }: BridgeForm): object => ({
  key: happening.change.key,
  size: shows.includes("size") ? eventSize(happening) : undefined,
  etag: shows.includes("eTag") ? eventEtag(happening) : undefined,
  "version-id": eventVersionId(happening),
  "has-object-annotation": copiedAnnotations(happening),
  sequencer: shows.includes("sequencer") ? happening.sequencer.toUpperCase() : undefined,
});

/** Seconds, as EventBridge writes times. */
const inSeconds = (iso: string): string => iso.replace(/\.\d+Z$/, "Z");

/** What an event says beside the object. */
const particulars = (happening: Happening): object => {
  const { event, change } = happening;
  const { details, version, annotation } = change;
  const restore = details?.glacierEventData?.restoreEventData;
  const isRestore = event.startsWith("ObjectRestore:");
  return {
    "restore-expiry-time":
      restore === undefined || event !== "ObjectRestore:Completed"
        ? undefined
        : inSeconds(restore.lifecycleRestorationExpiryTime),
    "source-storage-class": isRestore && version?.kind === "object" ? version.storageClass : undefined,
    "destination-storage-class": details?.lifecycleEventData?.transitionEventData.destinationStorageClass,
    "destination-access-tier": details?.intelligentTieringEventData?.destinationAccessTier,
    "object-retention-event-data": retentionData(happening),
    "object-annotation": annotation && {
      name: annotation.name,
      size: annotation.stored?.sizeBytes,
      etag: annotation.stored?.etag,
    },
  };
};

const retentionData = (happening: Happening): object | undefined => {
  const retention = retentionOf(happening);
  if (retention === undefined) return undefined;
  const { mode, until, hold, holdDuration } = retention;
  return { mode, "retain-until-date": until, "event-hold": hold, "event-hold-duration": holdDuration };
};

/** The JSON text for an event bus. `id` is a UUID. */
export const bridgeMessage = (
  happening: Happening,
  { id, bridge }: { readonly id: string; readonly bridge: BridgeForm },
): string => {
  const { bucket, context } = happening;
  const { draw, nowMs, caller, sourceIp } = context;
  return JSON.stringify({
    version: "0",
    id,
    "detail-type": bridge.detailType,
    source: "aws.s3",
    account: bucket.accountId,
    time: inSeconds(new Date(nowMs).toISOString()),
    region: bucket.region,
    resources: [bucketArn(bucket)],
    detail: {
      version: "0",
      "event-version": EVENT_VERSION,
      bucket: { name: bucket.name },
      object: objectOf(happening, bridge),
      "request-id": draw.requestId,
      requester: caller?.accountId ?? S3_ITSELF,
      "source-ip-address": sourceIp,
      reason: bridge.reason,
      "deletion-type": bridge.deletionType,
      ...particulars(happening),
    },
  });
};
