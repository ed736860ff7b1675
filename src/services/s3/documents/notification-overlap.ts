/**
 * No two notifications may be of the same event of the same object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
import type { NotificationConfigurationFilter } from "../../../protocol/generated/s3.ts";
import { S3Error } from "../errors.ts";

type Notification = {
  readonly Events: readonly string[];
  readonly Filter?: NotificationConfigurationFilter | undefined;
};

/** Errors: InvalidArgument. */
export const assertApart = (all: readonly Notification[]): void => {
  for (const { Events: events } of all) {
    if (events.some((event, at) => events.slice(at + 1).some((other) => meet(event, other)))) throw overlapping();
  }
  for (const [at, one] of all.entries()) {
    for (const other of all.slice(at + 1)) {
      if (!one.Events.some((event) => other.Events.some((second) => meet(event, second)))) continue;
      assertKeysApart(keysOf(one), keysOf(other));
    }
  }
};

const overlapping = (): S3Error =>
  new S3Error(
    "InvalidArgument",
    {},
    {
      message: "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
    },
  );

/** `s3:ObjectCreated:*` stands for all of its kind. */
const meet = (one: string, other: string): boolean =>
  one === other || stands(one, { for: other }) || stands(other, { for: one });

const stands = (pattern: string, { for: event }: { readonly for: string }): boolean =>
  pattern.endsWith(":*") && event.startsWith(pattern.slice(0, -1));

type Keys = { readonly prefix: string; readonly suffix: string; readonly isFiltered: boolean };

const keysOf = ({ Filter: filter }: Notification): Keys => {
  const rules = filter?.Key?.FilterRules ?? [];
  const valueOf = (name: string): string => rules.find((rule) => rule.Name?.toLowerCase() === name)?.Value ?? "";
  return { prefix: valueOf("prefix"), suffix: valueOf("suffix"), isFiltered: rules.length > 0 };
};

const assertKeysApart = (one: Keys, other: Keys): void => {
  if (!one.prefix.startsWith(other.prefix) && !other.prefix.startsWith(one.prefix)) return;
  if (!one.suffix.endsWith(other.suffix) && !other.suffix.endsWith(one.suffix)) return;
  if (!one.isFiltered && !other.isFiltered) throw overlapping();
  throw new S3Error(
    "InvalidArgument",
    {},
    {
      message:
        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.",
    },
  );
};
