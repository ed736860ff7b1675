/**
 * Conditional requests.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
 */
import { headerNotImplemented, S3Error } from "./errors.ts";
import { unquoteEtag } from "./etags.ts";
import type { ObjectVersion } from "../../state/model.ts";
import { wholeSeconds } from "./shown-time.ts";

/** What conditions are held against. */
type Dated = Pick<ObjectVersion, "etag" | "lastModifiedMs">;

/** Conditions of a read, or of the source of a copy. */
export type ReadConditions = {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: Date | undefined;
  readonly ifUnmodifiedSince?: Date | undefined;
};

type ConditionName = "If-Match" | "If-None-Match" | "If-Modified-Since" | "If-Unmodified-Since";

const etagMatches = (wanted: string, { etag }: Dated): boolean => wanted === "*" || unquoteEtag(wanted) === etag;

/**
 * The first condition that does not hold. An ETag's condition decides alone: the date's beside it is not looked at. An
 * If-Modified-Since in the future is ignored.
 */
export const failedReadCondition = (
  object: Dated,
  { conditions, nowMs }: { readonly conditions: ReadConditions; readonly nowMs: number },
): ConditionName | undefined => {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!etagMatches(ifMatch, object)) return "If-Match";
  } else if (ifUnmodifiedSince !== undefined && wholeSeconds(object.lastModifiedMs) > ifUnmodifiedSince.getTime()) {
    return "If-Unmodified-Since";
  }
  if (ifNoneMatch !== undefined) return etagMatches(ifNoneMatch, object) ? "If-None-Match" : undefined;
  if (ifModifiedSince === undefined || ifModifiedSince.getTime() > nowMs) return undefined;
  return wholeSeconds(object.lastModifiedMs) <= ifModifiedSince.getTime() ? "If-Modified-Since" : undefined;
};

/** Conditions of a write: what must be there, or must not, for it to happen. */
export type WriteConditions = { readonly ifMatch?: string | undefined; readonly ifNoneMatch?: string | undefined };

const refusedValue = (header: string): S3Error =>
  headerNotImplemented(header, `We don't accept the provided value of ${header} header for this API`);

/** Reads the conditions of a write. Errors: NotImplemented for those that S3 does not take; say so before the body is read. */
export const readWriteConditions = (input: {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}): WriteConditions | undefined => {
  const { IfMatch: ifMatch, IfNoneMatch: ifNoneMatch } = input;
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw headerNotImplemented("If-Match,If-None-Match", "Multiple conditional request headers present in the request");
  }
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") throw refusedValue("If-None-Match");
  if (ifMatch === "*") throw refusedValue("If-Match");
  return { ifMatch, ifNoneMatch };
};

/** What a condition is about, and what is current there. */
type Target = { readonly key: string; readonly current: Dated | undefined };

/** Holds the conditions of a write against what is current. Errors: PreconditionFailed, NoSuchKey. */
export const checkWriteConditions = ({ ifMatch, ifNoneMatch }: WriteConditions, target: Target): void => {
  if (ifNoneMatch !== undefined && target.current !== undefined) throw preconditionFailed("If-None-Match");
  if (ifMatch !== undefined) checkIfMatch(ifMatch, target);
};

/**
 * Holds the If-Match of a write or a delete against what is current: an ETag, or `*` for anything, which deletes alone may say.
 * AWS documents 412 for a star where there is nothing; it was seen to answer 404.
 * Errors: PreconditionFailed, NoSuchKey.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export const checkIfMatch = (ifMatch: string, { key, current }: Target): void => {
  if (current === undefined) throw new S3Error("NoSuchKey", { Key: key });
  if (!etagMatches(ifMatch, current)) throw preconditionFailed("If-Match");
};

/** PreconditionFailed that names the condition. */
export const preconditionFailed = (condition: string): S3Error =>
  new S3Error("PreconditionFailed", { Condition: condition });
