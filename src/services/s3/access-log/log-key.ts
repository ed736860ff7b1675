/**
 * What log objects are called.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format
 */
import type { LoggingEnabled } from "../../../protocol/generated/s3.ts";

/** Whose log an object is, and of when. */
export type LogName = {
  readonly target: LoggingEnabled;
  /** The bucket that was asked, with its account and region. */
  readonly accountId: string;
  readonly region: string;
  readonly bucket: string;
  /** World time of the delivery, in milliseconds since 1970. */
  readonly deliveredAtMs: number;
  /** World time of the requests in it: they are of one day where the target goes by that. */
  readonly requestedAtMs: number;
  /** What tells it from others: 16 characters. */
  readonly unique: string;
};

const DAY_MS = 86_400_000;

/** Which time partitioned keys go by; undefined for keys that are not partitioned. */
const partitionSource = ({
  TargetObjectKeyFormat: format,
}: LoggingEnabled): "EventTime" | "DeliveryTime" | undefined => {
  if (format?.PartitionedPrefix === undefined) return undefined;
  return format.PartitionedPrefix.PartitionDateSource === "EventTime" ? "EventTime" : "DeliveryTime";
};

/** What requests have in common whose lines may stand in one object: their day, where keys go by it. */
export const logDay = (target: LoggingEnabled, requestedAtMs: number): number =>
  partitionSource(target) === "EventTime" ? Math.floor(requestedAtMs / DAY_MS) : 0;

/** `[prefix]2013-11-01-21-32-16-E568B2907131C0C0`, or partitioned by account, region, bucket and day. */
export const logKey = (name: LogName): string => {
  const { target, deliveredAtMs, requestedAtMs, unique } = name;
  const prefix = target.TargetPrefix ?? "";
  const source = partitionSource(target);
  const dayMs = source === "EventTime" ? Math.floor(requestedAtMs / DAY_MS) * DAY_MS : deliveredAtMs;
  const [date = "", time = ""] = new Date(dayMs).toISOString().slice(0, 19).split("T");
  const stamp = `${date}-${time.replaceAll(":", "-")}-${unique}`;
  if (source === undefined) return `${prefix}${stamp}`;
  return [`${prefix}${name.accountId}`, name.region, name.bucket, ...date.split("-"), stamp].join("/");
};
