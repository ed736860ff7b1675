/**
 * What a lifecycle rule ends: objects, versions, delete markers and uploads.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
import type { LifecycleRule } from "../../../protocol/generated/s3.ts";
import { invalidRequest } from "../errors.ts";
import { NEWER_VERSIONS_MAX } from "../limits.ts";
import { argumentError, assertInteger, assertSchema, countGiven } from "./checks.ts";
import { assertMidnight } from "./lifecycle-date.ts";
import { choiceOf } from "./lifecycle-filter.ts";

/** Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const assertExpiration = (rule: LifecycleRule): void => {
  const { Expiration: expiration } = rule;
  if (expiration === undefined) return;
  const { Days: days, Date: date, ExpiredObjectDeleteMarker: marker } = expiration;
  assertSchema(countGiven(days, date, marker) === 1);
  assertPositive(days, { name: "Days", action: "Expiration" });
  assertMidnight(date);
  // Said of the element, whatever stands in it.
  if (marker !== undefined) assertUnfiltered(rule, "ExpiredObjectDeleteMarker");
};

/** Errors: MalformedXML, InvalidArgument. */
export const assertNoncurrentExpiration = ({ NoncurrentVersionExpiration: expiration }: LifecycleRule): void => {
  if (expiration === undefined) return;
  const { NoncurrentDays: days, NewerNoncurrentVersions: newer } = expiration;
  assertSchema(days !== undefined);
  assertPositive(days, { name: "NoncurrentDays", action: "NoncurrentVersionExpiration" });
  assertNewerVersions(newer, "NoncurrentVersionExpiration");
};

/** Errors: InvalidArgument, MalformedXML for a number that is none of S3's. */
export const assertNewerVersions = (count: number | undefined, action: string): void => {
  const name = "NewerNoncurrentVersions";
  assertPositive(count, { name, action });
  if (count === undefined || count <= NEWER_VERSIONS_MAX) return;
  throw argumentError(name, count, `'${name}' for ${action} action must be between 1 and ${NEWER_VERSIONS_MAX}`);
};

/** Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const assertAbort = (rule: LifecycleRule): void => {
  const { AbortIncompleteMultipartUpload: abort } = rule;
  if (abort === undefined) return;
  const { DaysAfterInitiation: days } = abort;
  assertSchema(days !== undefined);
  assertPositive(days, { name: "DaysAfterInitiation", action: "AbortIncompleteMultipartUpload" });
  assertUnfiltered(rule, "AbortIncompleteMultipartUpload");
};

const assertPositive = (
  value: number | undefined,
  { name, action }: { readonly name: string; readonly action: string },
): void => {
  assertInteger(value);
  if (value === undefined || value > 0) return;
  throw argumentError(name, value, `'${name}' for ${action} action must be a positive integer`);
};

/** What has no tags and no size is not chosen by them. */
const assertUnfiltered = (rule: LifecycleRule, action: string): void => {
  const { tags, sizeGreaterThan, sizeLessThan } = choiceOf(rule);
  if (tags.length > 0) throw invalidRequest(`${action} cannot be specified with Tags.`);
  if (countGiven(sizeGreaterThan, sizeLessThan) > 0) {
    throw invalidRequest(`${action} cannot be specified with Object Size.`);
  }
};
