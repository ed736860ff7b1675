/** Which objects a lifecycle rule is about. https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRuleFilter.html */
import type { LifecycleRule, Tag } from "../../../protocol/generated/s3.ts";
import { invalidRequest } from "../errors.ts";
import { FILTER_SIZE_BYTES_MAX } from "../limits.ts";
import { assertFilterTags, assertPrefix, assertSchema, countGiven } from "./checks.ts";

/** What a rule chooses objects by, whichever of its forms it is written in. */
export type LifecycleChoice = {
  /** Absent where none was written, which is as an empty one. */
  readonly prefix?: string | undefined;
  readonly tags: readonly Tag[];
  /** Bytes; objects must have more. */
  readonly sizeGreaterThan?: number | undefined;
  /** Bytes; objects must have fewer. */
  readonly sizeLessThan?: number | undefined;
};

/** What a rule chooses by: all that its filter, or its own prefix, says must hold. */
export const choiceOf = ({ Prefix: prefix, Filter: filter }: LifecycleRule): LifecycleChoice => {
  if (filter === undefined) return { prefix, tags: [] };
  const { And: and = filter, Tag: tag } = filter;
  return {
    prefix: and.Prefix,
    tags: tag === undefined ? (filter.And?.Tags ?? []) : [tag],
    sizeGreaterThan: and.ObjectSizeGreaterThan,
    sizeLessThan: and.ObjectSizeLessThan,
  };
};

/** How errors name a rule's filter. */
export const filterText = (choice: LifecycleChoice): string =>
  choice.prefix === undefined ? "'()'" : `'(prefix=${choice.prefix})'`;

/** Errors: MalformedXML for a filter of another form, InvalidRequest, InvalidTag for what it says. */
export const assertFilter = (rule: LifecycleRule): void => {
  const { Filter: filter, Prefix: ownPrefix } = rule;
  assertSchema(countGiven(filter, ownPrefix) === 1);
  if (filter !== undefined) {
    const { Prefix, Tag: tag, ObjectSizeGreaterThan, ObjectSizeLessThan, And: and } = filter;
    assertSchema(countGiven(Prefix, tag, ObjectSizeGreaterThan, ObjectSizeLessThan, and) <= 1);
    if (and !== undefined) {
      const { Tags: tags = [], Prefix: prefix, ObjectSizeGreaterThan: more, ObjectSizeLessThan: less } = and;
      assertSchema(tags.length + countGiven(prefix, more, less) > 1);
    }
  }
  const { prefix, tags, sizeGreaterThan, sizeLessThan } = choiceOf(rule);
  assertPrefix(prefix);
  assertFilterTags(tags);
  assertSize(sizeGreaterThan, { name: "ObjectSizeGreaterThan", least: 0 });
  assertSize(sizeLessThan, { name: "ObjectSizeLessThan", least: 1 });
  if (sizeGreaterThan !== undefined && sizeLessThan !== undefined && sizeLessThan <= sizeGreaterThan) {
    throw invalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
  }
};

const assertSize = (size: number | undefined, { name, least }: { name: string; least: number }): void => {
  if (size === undefined || (size >= least && size <= FILTER_SIZE_BYTES_MAX)) return;
  throw invalidRequest(`'${name}' should be between ${least} and ${FILTER_SIZE_BYTES_MAX}.`);
};
