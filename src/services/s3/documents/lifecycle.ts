/** Lifecycle rules. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */
import type { LifecycleRule, PutBucketLifecycleConfigurationRequest } from "../../../protocol/generated/s3.ts";
import type { Draw } from "../../../state/id-stream.ts";
import { invalidRequest, S3Error } from "../errors.ts";
import { CONFIGURATION_RULES_MAX, RULE_ID_CHARS_MAX } from "../limits.ts";
import { argumentError, assertSchema, countGiven } from "./checks.ts";
import { drawRuleId } from "./drawn-id.ts";
import {
  assertAbort,
  assertExpiration,
  assertNewerVersions,
  assertNoncurrentExpiration,
} from "./lifecycle-expirations.ts";
import { assertFilter } from "./lifecycle-filter.ts";
import { assertNoncurrentTransitions, assertTransitions } from "./lifecycle-transitions.ts";

/** What a bucket keeps of its lifecycle: rules in their order, each with an id, and which small objects keep their class. */
export type StoredLifecycle = {
  readonly Rules: readonly LifecycleRule[];
  /** `all_storage_classes_128K` or `varies_by_storage_class`. */
  readonly TransitionDefaultMinimumObjectSize: string;
};

const MINIMUM_SIZE_BY_DEFAULT = "all_storage_classes_128K";
const MINIMUM_SIZES: ReadonlySet<string> = new Set([MINIMUM_SIZE_BY_DEFAULT, "varies_by_storage_class"]);

/** The lifecycle that a request puts. Errors: MalformedXML, InvalidArgument, InvalidRequest, InvalidTag. */
export const readLifecycle = (
  input: PutBucketLifecycleConfigurationRequest,
  { draw }: { readonly draw: Draw },
): StoredLifecycle => {
  const { LifecycleConfiguration: configuration } = input;
  const { TransitionDefaultMinimumObjectSize: minimumSize = MINIMUM_SIZE_BY_DEFAULT } = input;
  if (!MINIMUM_SIZES.has(minimumSize)) {
    throw invalidRequest(`Invalid TransitionDefaultMinimumObjectSize found: ${minimumSize}`);
  }
  if (configuration === undefined) throw new S3Error("MissingRequestBodyError");
  const { Rules: rules } = configuration;
  assertSchema(rules.length > 0 && rules.length <= CONFIGURATION_RULES_MAX);
  for (const rule of rules) assertRule(rule);
  assertIds(rules);
  assertOneForm(rules);
  assertApart(rules);
  return {
    Rules: rules.map((rule) => ({ ...rule, ID: rule.ID === undefined || rule.ID === "" ? drawRuleId(draw) : rule.ID })),
    TransitionDefaultMinimumObjectSize: minimumSize,
  };
};

const assertRule = (rule: LifecycleRule): void => {
  assertFilter(rule);
  if (actionsOf(rule).length === 0) throw invalidRequest("At least one action needs to be specified in a rule");
  assertExpiration(rule);
  assertNoncurrentExpiration(rule);
  for (const { NewerNoncurrentVersions: newer } of rule.NoncurrentVersionTransitions ?? []) {
    assertNewerVersions(newer, "NoncurrentVersionTransition");
  }
  assertAbort(rule);
  assertTransitions(rule);
  assertNoncurrentTransitions(rule);
};

const assertIds = (rules: readonly LifecycleRule[]): void => {
  const seen = new Set<string>();
  for (const { ID: id = "" } of rules) {
    if (id.length > RULE_ID_CHARS_MAX) {
      throw argumentError("ID", id, `ID length should not exceed allowed limit of ${RULE_ID_CHARS_MAX}`);
    }
    if (seen.has(id)) throw argumentError("ID", id, "Rule ID must be unique. Found same ID for more than one rule");
    if (id !== "") seen.add(id);
  }
};

/** Rules choose by prefixes of their own, as they did at first, or by filters: all of them alike. */
const assertOneForm = (rules: readonly LifecycleRule[]): void => {
  const [first, ...others] = rules;
  const isOld = first?.Prefix !== undefined;
  if (others.some(({ Prefix }) => (Prefix !== undefined) !== isOld)) {
    throw invalidRequest(
      isOld
        ? "Filter element can only be used in Lifecycle V2."
        : "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.",
    );
  }
  if (isOld && rules.some(keepsNewer)) {
    throw invalidRequest("NewerNoncurrentVersions element can only be used in Lifecycle V2.");
  }
};

const keepsNewer = ({ NoncurrentVersionExpiration, NoncurrentVersionTransitions = [] }: LifecycleRule): boolean =>
  countGiven(NoncurrentVersionExpiration?.NewerNoncurrentVersions) > 0 ||
  NoncurrentVersionTransitions.some(({ NewerNoncurrentVersions }) => NewerNoncurrentVersions !== undefined);

/** Of rules in the old form, no two do the same to one object; those with filters may, and S3 says which wins. */
const assertApart = (rules: readonly LifecycleRule[]): void => {
  const old = rules.filter(({ Prefix }) => Prefix !== undefined);
  for (const [at, one] of old.entries()) {
    for (const other of old.slice(at + 1)) {
      const [a = "", b = ""] = [one.Prefix, other.Prefix];
      if (!a.startsWith(b) && !b.startsWith(a)) continue;
      const shared = actionsOf(one).find((action) => actionsOf(other).includes(action));
      if (shared === undefined) continue;
      throw invalidRequest(`Found overlapping prefixes '${a}' and '${b}' for same action type '${shared}'`);
    }
  }
};

const actionsOf = (rule: LifecycleRule): string[] => {
  const { Transitions = [], NoncurrentVersionTransitions = [] } = rule;
  return [
    ...(rule.Expiration === undefined ? [] : ["Expiration"]),
    ...(Transitions.length === 0 ? [] : ["Transition"]),
    ...(rule.NoncurrentVersionExpiration === undefined ? [] : ["NoncurrentVersionExpiration"]),
    ...(NoncurrentVersionTransitions.length === 0 ? [] : ["NoncurrentVersionTransition"]),
    ...(rule.AbortIncompleteMultipartUpload === undefined ? [] : ["AbortIncompleteMultipartUpload"]),
  ];
};

/** Reads what was kept: dates stand in it as texts. */
export const parseLifecycle = (document: string): StoredLifecycle =>
  JSON.parse(document, (name, value: unknown) =>
    name === "Date" && typeof value === "string" ? new Date(value) : value,
  ) as StoredLifecycle;
