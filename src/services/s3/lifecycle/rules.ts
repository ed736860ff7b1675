/**
 * A bucket's lifecycle rules, made ready to be asked what they mean for an object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
import type { LifecycleRule, LifecycleRuleFilter } from "../../../protocol/generated/s3.ts";
import { getConfiguration } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import type { View } from "../../../state/view.ts";
import { parseLifecycle, type StoredLifecycle } from "../documents/lifecycle.ts";

/** When a rule acts on an object: so many days after it was made (of a noncurrent version: after it was replaced), or from a date on. */
export type When = { readonly days: number } | { readonly dateMs: number };

export type RuleTransition = { readonly when: When; readonly storageClass: string };

/** An action on noncurrent versions waits too until so many newer noncurrent ones are there; they are kept. */
type Noncurrent = { readonly when: When; readonly newerMin: number };

export type RuleFilter = {
  readonly prefix: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly largerThanBytes?: number | undefined;
  readonly smallerThanBytes?: number | undefined;
};

/** A rule that is enabled. */
export type Rule = {
  readonly id: string;
  readonly filter: RuleFilter;
  readonly expiration: When | undefined;
  /** Whether delete markers go as soon as they are all that is left of a key. */
  readonly cleansMarkers: boolean;
  readonly transitions: readonly RuleTransition[];
  readonly noncurrentExpiration: Noncurrent | undefined;
  readonly noncurrentTransitions: readonly (Noncurrent & { readonly storageClass: string })[];
  /** Days after an upload began. */
  readonly abortDays: number | undefined;
};

export type Lifecycle = {
  /** In the order of the document. */
  readonly rules: readonly Rule[];
  /** Whether small objects may go to the archives all the same. */
  readonly smallObjectsArchived: boolean;
  /** The most newer noncurrent versions that a rule keeps; 0: none keeps any. */
  readonly newerMax: number;
  readonly actsOnNoncurrent: boolean;
  readonly actsOnMarkers: boolean;
};

const whenOf = ({ Days, Date: date }: { Days?: number | undefined; Date?: Date | undefined }): When | undefined => {
  if (date !== undefined) return { dateMs: date.getTime() };
  return Days === undefined ? undefined : { days: Days };
};

const filterOf = ({ Prefix = "", Filter: filter }: LifecycleRule): RuleFilter => {
  const { And: and, Tag: tag, ...single }: LifecycleRuleFilter = filter ?? {};
  const given = and ?? single;
  const tags = and?.Tags ?? (tag === undefined ? [] : [tag]);
  return {
    prefix: given.Prefix ?? Prefix,
    tags: tags.map(({ Key: key, Value: value }) => ({ key, value })),
    largerThanBytes: given.ObjectSizeGreaterThan,
    smallerThanBytes: given.ObjectSizeLessThan,
  };
};

const ruleOf = (rule: LifecycleRule): Rule => {
  const noncurrent = rule.NoncurrentVersionExpiration;
  return {
    id: rule.ID ?? "",
    filter: filterOf(rule),
    expiration: rule.Expiration && whenOf(rule.Expiration),
    cleansMarkers: rule.Expiration?.ExpiredObjectDeleteMarker === true,
    transitions: (rule.Transitions ?? []).flatMap((transition) => {
      const when = whenOf(transition);
      const { StorageClass: storageClass } = transition;
      return when === undefined || storageClass === undefined ? [] : [{ when, storageClass }];
    }),
    noncurrentExpiration: noncurrent && {
      when: { days: noncurrent.NoncurrentDays ?? 0 },
      newerMin: noncurrent.NewerNoncurrentVersions ?? 0,
    },
    noncurrentTransitions: (rule.NoncurrentVersionTransitions ?? []).flatMap((transition) => {
      const {
        StorageClass: storageClass,
        NoncurrentDays: days = 0,
        NewerNoncurrentVersions: newerMin = 0,
      } = transition;
      return storageClass === undefined ? [] : [{ when: { days }, newerMin, storageClass }];
    }),
    abortDays: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  };
};

/** The rules of a document that are enabled. */
export const lifecycleOf = ({ Rules, TransitionDefaultMinimumObjectSize: minimum }: StoredLifecycle): Lifecycle => {
  const rules = Rules.filter(({ Status }) => Status === "Enabled").map(ruleOf);
  const noncurrent = rules.flatMap(({ noncurrentExpiration, noncurrentTransitions }): readonly Noncurrent[] =>
    noncurrentExpiration === undefined ? noncurrentTransitions : [noncurrentExpiration, ...noncurrentTransitions],
  );
  return {
    rules,
    smallObjectsArchived: minimum === "varies_by_storage_class",
    newerMax: Math.max(0, ...noncurrent.map(({ newerMin }) => newerMin)),
    actsOnNoncurrent: noncurrent.length > 0,
    actsOnMarkers: rules.some(({ expiration, cleansMarkers }) => expiration !== undefined || cleansMarkers),
  };
};

/** Documents that were read lately: as many as there are busy buckets with rules. */
const known = new Map<string, Lifecycle>();
const KNOWN_MAX = 1_000;

/** A bucket's rules as they stand in `view`; undefined where it has none. One read, and none where the bucket has no document. */
export const readLifecycleRules = async (view: View, bucket: Bucket): Promise<Lifecycle | undefined> => {
  if (!bucket.configurations.includes("lifecycle")) return undefined;
  const document = await getConfiguration(view, bucket, "lifecycle");
  if (document === undefined) return undefined;
  const lately = known.get(document);
  if (lately !== undefined) return lately;
  const lifecycle = lifecycleOf(parseLifecycle(document));
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(document, lifecycle);
  return lifecycle;
};
