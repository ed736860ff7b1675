/** Event notifications. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html */
import {
  description,
  type FilterRule,
  type NotificationConfiguration,
  type NotificationConfigurationFilter,
  type PutBucketNotificationConfigurationRequest,
} from "../../../protocol/generated/s3.ts";
import type { Draw } from "../../../state/id-stream.ts";
import type { Bucket } from "../../../state/model.ts";
import { invalidRequest, S3Error } from "../errors.ts";
import { KEY_BYTES_MAX, NOTIFICATIONS_MAX, RULE_ID_CHARS_MAX } from "../limits.ts";
import { argumentError, assertSchema } from "./checks.ts";
import { drawRuleId } from "./drawn-id.ts";
import { assertApart } from "./notification-overlap.ts";
import { assertTargetArn, type TargetService } from "./notification-target.ts";

const EVENTS: ReadonlySet<string> = new Set(description.enums["Event"]);

/** What configurations of all targets have in common. */
type Notification = {
  readonly Id?: string | undefined;
  readonly Events: readonly string[];
  readonly Filter?: NotificationConfigurationFilter | undefined;
};

type Surroundings = { readonly bucket?: Bucket | undefined; readonly draw: Draw };

/**
 * Which events a bucket tells whom, with an id for each; undefined: none. Whether a target is there is not looked at: every
 * one is taken for one that S3 may send to. Errors: MalformedXML, InvalidArgument, InvalidRequest.
 */
export const readNotification = (
  { NotificationConfiguration: configuration }: PutBucketNotificationConfigurationRequest,
  surroundings: Surroundings,
): NotificationConfiguration | undefined => {
  const {
    TopicConfigurations: topics = [],
    QueueConfigurations: queues = [],
    LambdaFunctionConfigurations: functions = [],
    EventBridgeConfiguration: eventBridge,
  } = configuration;
  const all: readonly Notification[] = [...topics, ...queues, ...functions];
  if (all.length > NOTIFICATIONS_MAX) {
    throw invalidRequest(
      `Too many configurations submitted. The maximum number of configurations is ${NOTIFICATIONS_MAX}`,
    );
  }
  for (const { TopicArn } of topics) assertTarget(TopicArn, "sns", surroundings);
  for (const { QueueArn } of queues) assertTarget(QueueArn, "sqs", surroundings);
  for (const { LambdaFunctionArn } of functions) assertTarget(LambdaFunctionArn, "lambda", surroundings);
  for (const notification of all) assertNotification(notification);
  assertIds(all);
  assertApart(all);
  const kept = <T extends Notification>(notification: T): T => normalized(notification, surroundings.draw);
  const stored: NotificationConfiguration = {
    ...(topics.length === 0 ? {} : { TopicConfigurations: topics.map(kept) }),
    ...(queues.length === 0 ? {} : { QueueConfigurations: queues.map(kept) }),
    ...(functions.length === 0 ? {} : { LambdaFunctionConfigurations: functions.map(kept) }),
    ...(eventBridge === undefined ? {} : { EventBridgeConfiguration: eventBridge }),
  };
  return Object.keys(stored).length === 0 ? undefined : stored;
};

const assertTarget = (arn: string, service: TargetService, { bucket }: Surroundings): void => {
  if (bucket !== undefined) assertTargetArn(arn, { service, bucket });
};

const assertNotification = ({ Id: id = "", Events: events, Filter: filter }: Notification): void => {
  if (id.length > RULE_ID_CHARS_MAX) {
    throw argumentError("Id", id, `ID length exceeded allowed limit of ${RULE_ID_CHARS_MAX}`);
  }
  assertSchema(events.length > 0);
  for (const event of events) {
    if (!EVENTS.has(event))
      throw argumentError("Event", event, "A specified event is not supported for notifications.");
  }
  const rules = filter?.Key?.FilterRules ?? [];
  for (const rule of rules) assertFilterRule(rule);
  for (const name of ["prefix", "suffix"]) {
    if (rules.filter((rule) => rule.Name?.toLowerCase() === name).length > 1) {
      throw argumentError("FilterRule.Name", name, `Cannot specify more than one ${name} rule in a filter.`);
    }
  }
};

const assertFilterRule = ({ Name: name, Value: value }: FilterRule): void => {
  if (name === undefined || value === undefined) throw new S3Error("MalformedXML");
  if (!/^(prefix|suffix)$/i.test(name)) {
    throw argumentError("FilterRule.Name", name, "filter rule name must be either prefix or suffix");
  }
  if (Buffer.byteLength(value) > KEY_BYTES_MAX) {
    const message = `Size of filter rule value cannot exceed ${KEY_BYTES_MAX} bytes in UTF-8 representation`;
    throw argumentError("FilterRule.Value", value, message);
  }
};

const assertIds = (all: readonly Notification[]): void => {
  const seen = new Set<string>();
  for (const { Id: id = "" } of all) {
    if (seen.has(id)) {
      throw argumentError("Id", id, "Same ID used for multiple configurations. IDs must be unique.");
    }
    if (id !== "") seen.add(id);
  }
};

/** As Get shows it: with an id, `Prefix` and `Suffix` written so, and no filter without rules. */
const normalized = <T extends Notification>(notification: T, draw: Draw): T => {
  const { Filter: filter, Id: id = "", ...rest } = notification;
  const rules = filter?.Key?.FilterRules ?? [];
  const shown = rules.map(({ Name = "", Value }) => ({
    Name: Name.slice(0, 1).toUpperCase() + Name.slice(1).toLowerCase(),
    Value,
  }));
  return {
    ...(rest as T),
    Id: id === "" ? drawRuleId(draw) : id,
    ...(shown.length === 0 ? {} : { Filter: { Key: { FilterRules: shown } } }),
  };
};

/** Reads what was kept. */
export const parseNotification = (document: string): NotificationConfiguration =>
  JSON.parse(document) as NotificationConfiguration;
