/** The filter of analytics, intelligent tiering and metrics: a prefix, a tag, an access point, or several of them. */
import type { Tag } from "../../../protocol/generated/s3.ts";
import { argumentError, assertFilterTags, assertPrefix, assertSchema, countGiven } from "./checks.ts";

export type ObjectFilter = {
  readonly Prefix?: string | undefined;
  readonly Tag?: Tag | undefined;
  readonly AccessPointArn?: string | undefined;
  readonly And?:
    | {
        readonly Prefix?: string | undefined;
        readonly Tags?: readonly Tag[] | undefined;
        readonly AccessPointArn?: string | undefined;
      }
    | undefined;
};

const ACCESS_POINT_ARN = /^arn:aws[a-z-]*:s3:[a-z0-9-]+:\d{12}:accesspoint[/:][a-z0-9-]{3,50}$/;

/** Errors: MalformedXML for none or several of its forms, InvalidRequest, InvalidTag, InvalidArgument. */
export const assertObjectFilter = (filter: ObjectFilter | undefined): void => {
  if (filter === undefined) return;
  const { Prefix, Tag: tag, AccessPointArn, And: and } = filter;
  assertSchema(countGiven(Prefix, tag, AccessPointArn, and) === 1);
  const tags = and?.Tags ?? (tag === undefined ? [] : [tag]);
  if (and !== undefined) assertSchema(tags.length + countGiven(and.Prefix, and.AccessPointArn) > 1);
  assertPrefix(Prefix ?? and?.Prefix);
  assertFilterTags(tags);
  const arn = AccessPointArn ?? and?.AccessPointArn;
  if (arn !== undefined && !ACCESS_POINT_ARN.test(arn)) {
    throw argumentError("AccessPointArn", arn, "The access point ARN is not valid.");
  }
};
