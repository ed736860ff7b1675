/** Events as messages of the control plane, and which of them a request means. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ListedEvent, WebhookState } from "../state/events.ts";
import { invalidField } from "./errors.ts";
import { readAccountId, readBucketName } from "./fields.ts";
import { Webhook_State, type EventFilter as FilterMessage, type EventSchema } from "./generated/standin/v1/event_pb.ts";

/** Which events a request means. */
export type EventFilter = {
  /** Undefined: of every account. */
  readonly accountId: string | undefined;
  readonly admits: (event: ListedEvent) => boolean;
};

const EVENT_NAME = /^s3:[A-Za-z]+(:(\*|[A-Za-z]+))?$/;

const readEventName = (name: string): string => {
  if (name === "" || EVENT_NAME.test(name)) return name;
  throw invalidField("filter.eventName", "must be a type like s3:ObjectCreated:Put or s3:ObjectCreated:*");
};

const readKeyPrefix = (prefix: string): string => {
  if (!prefix.isWellFormed()) throw invalidField("filter.keyPrefix", "must be well-formed Unicode");
  return prefix;
};

/** INVALID_ARGUMENT for a malformed field. */
export const readEventFilter = (filter: FilterMessage | undefined): EventFilter => {
  if (filter === undefined) return { accountId: undefined, admits: () => true };
  const { destinationArn } = filter;
  const bucket = filter.bucket === "" ? "" : readBucketName(filter.bucket, "filter.bucket");
  const keyPrefix = readKeyPrefix(filter.keyPrefix);
  const eventName = readEventName(filter.eventName);
  const family = eventName.endsWith(":*") ? eventName.slice(0, -1) : undefined;
  return {
    accountId: filter.accountId === "" ? undefined : readAccountId(filter.accountId, "filter.accountId"),
    admits: (event) =>
      (bucket === "" || event.bucketName === bucket) &&
      event.key.startsWith(keyPrefix) &&
      (eventName === "" ||
        event.eventName === eventName ||
        (family !== undefined && event.eventName.startsWith(family))) &&
      (destinationArn === "" || event.destination === destinationArn),
  };
};

const WEBHOOK_STATES: { readonly [State in WebhookState["state"]]: Webhook_State } = {
  pending: Webhook_State.PENDING,
  delivered: Webhook_State.DELIVERED,
  failed: Webhook_State.FAILED,
};

export const eventMessage = (accountId: string, event: ListedEvent): MessageInitShape<typeof EventSchema> => {
  const { webhook } = event;
  return {
    id: event.id,
    time: timestampFromMs(event.timeMs),
    deliveredAt: timestampFromMs(event.deliveredAtMs),
    accountId,
    bucket: event.bucketName,
    key: event.key,
    eventName: event.eventName,
    destinationArn: event.destination,
    configurationId: event.configurationId,
    sequencer: event.sequencer,
    message: event.message,
    ...(webhook === undefined
      ? undefined
      : { webhook: { state: WEBHOOK_STATES[webhook.state], attempts: webhook.attempts, error: webhook.error ?? "" } }),
  };
};
