/**
 * Conditional requests.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
 */
import { headerNotImplemented, S3Error } from "./errors.ts";
import { unquoteEtag } from "./etags.ts";
import type { ObjectVersion } from "../../state/model.ts";

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

/** HTTP dates know whole seconds only. */
const wholeSeconds = (timeMs: number): number => Math.floor(timeMs / 1_000) * 1_000;

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

/** Holds the conditions of a write against what is current. Errors: PreconditionFailed, NoSuchKey. */
export const checkWriteConditions = (
  { ifMatch, ifNoneMatch }: WriteConditions,
  { key, current }: { readonly key: string; readonly current: Dated | undefined },
): void => {
  if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed("If-None-Match");
  if (ifMatch === undefined) return;
  if (current === undefined) throw new S3Error("NoSuchKey", { Key: key });
  if (!etagMatches(ifMatch, current)) throw preconditionFailed("If-Match");
};

/**
 * Holds the condition of a delete against what is current: an ETag, or `*` for anything.
 * Errors: PreconditionFailed, and NoSuchKey where an ETag is wanted of nothing.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export const checkDeleteCondition = (
  ifMatch: string,
  { key, current }: { readonly key: string; readonly current: Dated | undefined },
): void => {
  if (current === undefined && ifMatch !== "*") throw new S3Error("NoSuchKey", { Key: key });
  if (current === undefined || !etagMatches(ifMatch, current)) throw preconditionFailed("If-Match");
};

/** PreconditionFailed that names the condition. */
export const preconditionFailed = (condition: string): S3Error =>
  new S3Error("PreconditionFailed", { Condition: condition });
