/** Whom a notification configuration tells what. */
import type { NotificationConfiguration } from "../../../protocol/generated/s3.ts";
import { parseNotification } from "../documents/notification.ts";
import type { S3EventName } from "./event-names.ts";

/** One destination, and what it is told. */
export type Target = {
  /** Those that are no bus get a test event when they are configured, but for functions, which are not called for it. */
  readonly kind: "queue" | "topic" | "function";
  readonly arn: string;
  readonly configurationId: string;
  readonly events: readonly string[];
  /** Of keys, as they are. */
  readonly prefix: string;
  readonly suffix: string;
};

export type Targets = {
  readonly configured: readonly Target[];
  /** Whether all of it goes to EventBridge too. */
  readonly toBridge: boolean;
};

type Configured = {
  readonly Id?: string | undefined;
  readonly Events: readonly string[];
  readonly Filter?:
    | {
        readonly Key?:
          | {
              readonly FilterRules?:
                | readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[]
                | undefined;
            }
          | undefined;
      }
    | undefined;
};

/**
 * A filter's value as keys have it. It is written as in a form: `+` for a blank, percent escapes for what is special.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
const decodeFilter = (value: string): string => {
  const blanks = value.replaceAll("+", " ");
  try {
    return decodeURIComponent(blanks);
  } catch {
    return blanks;
  }
};

const filterValue = ({ Filter: filter }: Configured, name: "prefix" | "suffix"): string => {
  const rule = filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === name);
  return decodeFilter(rule?.Value ?? "");
};

const target = (kind: Target["kind"], arn: string, configured: Configured): Target => ({
  kind,
  arn,
  configurationId: configured.Id ?? "",
  events: configured.Events,
  prefix: filterValue(configured, "prefix"),
  suffix: filterValue(configured, "suffix"),
});

/** The destinations of a configuration in its order: topics, queues, functions. */
export const targetsOf = (configuration: NotificationConfiguration): Targets => ({
  configured: [
    ...(configuration.TopicConfigurations ?? []).map((each) => target("topic", each.TopicArn, each)),
    ...(configuration.QueueConfigurations ?? []).map((each) => target("queue", each.QueueArn, each)),
    ...(configuration.LambdaFunctionConfigurations ?? []).map((each) =>
      target("function", each.LambdaFunctionArn, each),
    ),
  ],
  toBridge: configuration.EventBridgeConfiguration !== undefined,
});

/** Documents of which the targets are remembered; a document is read in the transaction that goes by it. */
const REMEMBERED_MAX = 100;
const remembered = new Map<string, Targets>();

/** The targets of a document as it is kept. */
export const readTargets = (document: string): Targets => {
  const known = remembered.get(document);
  if (known !== undefined) return known;
  const targets = targetsOf(parseNotification(document));
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(document, targets);
  return targets;
};

const names = (configured: string, event: S3EventName): boolean =>
  configured === `s3:${event}` || (configured.endsWith(":*") && `s3:${event}`.startsWith(configured.slice(0, -1)));

/** Whether a target is told of an event of a key. */
export const isTold = (
  { events, prefix, suffix }: Target,
  { event, key }: { readonly event: S3EventName; readonly key: string },
): boolean => key.startsWith(prefix) && key.endsWith(suffix) && events.some((configured) => names(configured, event));
