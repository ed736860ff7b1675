/**
 * When objects change their storage class, and how that must follow on one another.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
import type { LifecycleRule } from "../../../protocol/generated/s3.ts";
import { invalidRequest } from "../errors.ts";
import { argumentError, assertInteger, assertSchema, countGiven } from "./checks.ts";
import { assertMidnight } from "./lifecycle-date.ts";
import { choiceOf, filterText } from "./lifecycle-filter.ts";

const DAY_MS = 86_400_000;

/** Classes in the order in which objects go down them, and how many days they stay at least before they go on. */
const WATERFALL: readonly { readonly name: string; readonly daysMin: number }[] = [
  { name: "STANDARD_IA", daysMin: 30 },
  { name: "INTELLIGENT_TIERING", daysMin: 1 },
  { name: "ONEZONE_IA", daysMin: 30 },
  { name: "GLACIER_IR", daysMin: 90 },
  { name: "GLACIER", daysMin: 90 },
  { name: "DEEP_ARCHIVE", daysMin: 1 },
];
/** Days that an object has before it goes to infrequent access. */
const INFREQUENT_ACCESS_DAYS_MIN = 30;
const INFREQUENT_ACCESS: ReadonlySet<string> = new Set(["STANDARD_IA", "ONEZONE_IA"]);

/** A transition of either kind. `at` counts days, from whenever. */
type Step = { readonly at: number; readonly unit: "Days" | "Date" | "NoncurrentDays"; readonly storageClass: string };
type Action = "Transition" | "NoncurrentVersionTransition";
type Named = { readonly action: Action; readonly filter: string };

/** Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const assertTransitions = (rule: LifecycleRule): void => {
  const filter = filterText(choiceOf(rule));
  const steps = (rule.Transitions ?? []).map(({ Days: days, Date: date, StorageClass: storageClass }): Step => {
    assertSchema(countGiven(days, date) === 1);
    assertMidnight(date);
    return step(days ?? (date?.getTime() ?? 0) / DAY_MS, { unit: days === undefined ? "Date" : "Days", storageClass });
  });
  assertSteps(steps, { action: "Transition", filter });
  const { Days: expirationDays, Date: expirationDate } = rule.Expiration ?? {};
  if (expirationDays === undefined && expirationDate === undefined) return;
  const unit = expirationDays === undefined ? "Date" : "Days";
  if (steps.some((other) => other.unit !== unit)) {
    throw invalidRequest(
      `Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter ${filter}`,
    );
  }
  const end = expirationDays ?? (expirationDate?.getTime() ?? 0) / DAY_MS;
  if (steps.every(({ at }) => at < end)) return;
  throw argumentError(
    unit,
    expirationDays ?? expirationDate?.toISOString() ?? "",
    `'${unit}' in the Expiration action for filter ${filter} must be ${unit === "Days" ? "greater" : "later"} than '${unit}' in the Transition action`,
  );
};

/** Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const assertNoncurrentTransitions = (rule: LifecycleRule): void => {
  const filter = filterText(choiceOf(rule));
  const steps = (rule.NoncurrentVersionTransitions ?? []).map(
    ({ NoncurrentDays: days, StorageClass: storageClass }) => {
      assertSchema(days !== undefined);
      return step(days ?? 0, { unit: "NoncurrentDays", storageClass });
    },
  );
  assertSteps(steps, { action: "NoncurrentVersionTransition", filter });
  const end = rule.NoncurrentVersionExpiration?.NoncurrentDays;
  if (end === undefined || steps.every(({ at }) => at < end)) return;
  throw argumentError(
    "NoncurrentDays",
    end,
    `'NoncurrentDays' in the NoncurrentVersionExpiration action for filter ${filter} must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action`,
  );
};

const step = (at: number, { unit, storageClass }: { unit: Step["unit"]; storageClass: string | undefined }): Step => {
  assertSchema(storageClass !== undefined);
  if (unit !== "Date") assertInteger(at);
  return { at, unit, storageClass: storageClass ?? "" };
};

const assertSteps = (steps: readonly Step[], named: Named): void => {
  const { action, filter } = named;
  for (const one of steps) assertStep(one, named);
  if (new Set(steps.map(({ storageClass }) => storageClass)).size < steps.length) {
    throw invalidRequest(
      `'StorageClass' must be different for '${action}' actions in same 'Rule' with filter ${filter}`,
    );
  }
  if (new Set(steps.map(({ unit }) => unit)).size > 1) {
    throw invalidRequest(
      `Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter ${filter}`,
    );
  }
  for (const [at, upper] of WATERFALL.entries()) {
    const from = steps.find(({ storageClass }) => storageClass === upper.name);
    if (from === undefined) continue;
    for (const lower of WATERFALL.slice(at + 1)) {
      const to = steps.find(({ storageClass }) => storageClass === lower.name);
      if (to !== undefined) assertOrder({ from, to, daysMin: upper.daysMin }, named);
    }
  }
};

const assertStep = ({ at, unit, storageClass }: Step, { action }: Named): void => {
  if (at < 0) throw argumentError(unit, at, `'${unit}' in ${action} action must be nonnegative`);
  if (unit === "Date" || !INFREQUENT_ACCESS.has(storageClass) || at >= INFREQUENT_ACCESS_DAYS_MIN) return;
  throw argumentError(
    unit,
    at,
    `'${unit}' in ${action} action must be greater than or equal to ${INFREQUENT_ACCESS_DAYS_MIN} for storageClass '${storageClass}'`,
  );
};

const assertOrder = (
  { from, to, daysMin }: { from: Step; to: Step; daysMin: number },
  { action, filter }: Named,
): void => {
  if (to.at >= from.at + daysMin) return;
  throw argumentError(
    to.unit,
    to.at,
    `'${to.unit}' in the '${action}' action for StorageClass '${to.storageClass}' for filter ${filter} must be ${daysMin} days more than 'filter ${filter}' in the '${action}' action for StorageClass '${from.storageClass}'`,
  );
};
