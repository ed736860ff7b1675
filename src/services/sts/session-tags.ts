/** Session tags: those of the request and those that a chain of roles hands on. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
import type { Session, SessionTag } from "../../protocol/caller.ts";
import { StsError } from "./errors.ts";

export type SessionTags = {
  readonly tags: readonly SessionTag[];
  readonly transitiveTagKeys: readonly string[];
};

/** Tags as the model has them in a request. */
export type RequestedTags = {
  readonly tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
};

/** The tags of a request alone. */
export const ownTags = ({ tags = [] }: RequestedTags): readonly SessionTag[] =>
  tags.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));

// AWS compares tag keys without their case.
const folded = (key: string): string => key.toLowerCase();

/**
 * The tags of a new session. Throws `InvalidParameterValue` for a key given twice, a transitive key that is no tag, and a
 * tag that would replace one inherited from the calling session; `ValidationError` for the reserved prefix `aws:`.
 */
export const sessionTags = (requested: RequestedTags, calling: Session | undefined): SessionTags => {
  const tags = ownTags(requested);
  const transitiveTagKeys = requested.transitiveTagKeys ?? [];
  const keys = new Set(tags.map(({ key }) => folded(key)));
  if (keys.size < tags.length) {
    throw invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  if (tags.some(({ key, value }) => isReserved(key) || isReserved(value))) {
    throw new StsError("ValidationError", {
      message: "Tag keys and values can't begin with aws:, which is reserved for AWS.",
    });
  }
  if (!transitiveTagKeys.every((key) => keys.has(folded(key)))) {
    throw invalid("The specified transitive tag key must be included in the requested tags.");
  }
  const inherited = inheritedTags(calling);
  if (inherited.some(({ key }) => keys.has(folded(key)))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return {
    tags: [...inherited, ...tags],
    transitiveTagKeys: [...inherited.map(({ key }) => key), ...transitiveTagKeys],
  };
};

const isReserved = (text: string): boolean => folded(text).startsWith("aws:");

const inheritedTags = (calling: Session | undefined): readonly SessionTag[] => {
  const handedOn = new Set((calling?.transitiveTagKeys ?? []).map(folded));
  return (calling?.tags ?? []).filter(({ key }) => handedOn.has(folded(key)));
};

const invalid = (message: string): StsError => new StsError("InvalidParameterValue", { message });
