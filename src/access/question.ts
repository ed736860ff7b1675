/** What is asked of policies: may this caller do this action on this resource, all things considered. */
import type { Caller } from "../protocol/caller.ts";

/**
 * The values of a condition key in a request, by its name in lower case (`aws:sourceip`, `s3:prefix`, `s3:existingobjecttag/team`);
 * undefined where the request's context has no such key. At once: what has to be read first is read before policies are asked.
 */
export type ConditionValues = (key: string) => readonly string[] | undefined;

export type Question = {
  readonly caller: Caller;
  /** Such as `s3:GetObject`. */
  readonly action: string;
  /** An ARN: `arn:aws:s3:::bucket/key`; `*` for an action that is on no resource. */
  readonly resource: string;
  readonly values: ConditionValues;
};
