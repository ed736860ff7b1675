/**
 * The message that queues, topics and functions get: a document with one record.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { bucketArn } from "../bucket-arn.ts";
import type { ObjectChange } from "../object-changes.ts";
import { eventRow } from "./event-names.ts";
import {
  copiedAnnotations,
  customerId,
  eventEtag,
  eventSize,
  eventVersionId,
  principalId,
  retentionOf,
  S3_ITSELF,
  type Happening,
} from "./happening.ts";

/** The same for all events, as since 2026. Consumers must take what is newer too. */
const EVENT_VERSION = "2.6";

/** A key as a form has it: `+` for a blank, all but letters, digits and `/ - _ . *` escaped. */
const formEncoded = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll("%20", "+")
    .replaceAll("%2F", "/")
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const objectOf = (happening: Happening): object => {
  const { event, change, sequencer } = happening;
  const { shows } = eventRow(event);
  const versionId = eventVersionId(happening);
  return {
    key: formEncoded(change.key),
    size: shows.includes("size") ? eventSize(happening) : undefined,
    eTag: shows.includes("eTag") ? eventEtag(happening) : undefined,
    versionId,
    hasObjectAnnotation: copiedAnnotations(happening),
    sequencer: shows.includes("sequencer") ? sequencer.toUpperCase() : undefined,
  };
};

const retentionData = (happening: Happening): object | undefined => {
  const retention = retentionOf(happening);
  if (retention === undefined) return undefined;
  const { mode, until, hold, holdDuration } = retention;
  return { mode, retainUntilDate: until, eventHold: hold, eventHoldDuration: holdDuration };
};

const annotationData = ({ annotation }: ObjectChange): readonly object[] | undefined =>
  annotation && [{ name: annotation.name, size: annotation.stored?.sizeBytes, eTag: annotation.stored?.etag }];

/** The JSON text for the destination of one configuration. */
export const recordMessage = (
  happening: Happening,
  { configurationId }: { readonly configurationId: string },
): string => {
  const { event, bucket, context, change } = happening;
  const { draw, nowMs, sourceIp } = context;
  const record = {
    eventVersion: EVENT_VERSION,
    eventSource: "aws:s3",
    awsRegion: bucket.region,
    eventTime: new Date(nowMs).toISOString(),
    eventName: event,
    userIdentity: { principalId: principalId(happening) },
    requestParameters: { sourceIPAddress: sourceIp ?? S3_ITSELF },
    responseElements: { "x-amz-request-id": draw.requestId, "x-amz-id-2": draw.hostId },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: customerId(bucket.accountId) },
        arn: bucketArn(bucket),
      },
      object: objectOf(happening),
    },
    ...change.details,
    objectRetentionEventData: retentionData(happening),
    objectAnnotation: annotationData(change),
  };
  return JSON.stringify({ Records: [record] });
};
