/** What an identity provider's word gives to a session is held to the limits of what requests give. */
import { optional } from "../query/shapes.ts";
import { violationsMessage } from "../query/validate.ts";
import { StsError } from "./errors.ts";
import type { RequestedTags } from "./session-tags.ts";
import { shapes } from "./shapes.ts";

const CONSTRAINTS = {
  Tags: optional(shapes.tags),
  TransitiveTagKeys: optional(shapes.tagKeys),
  SourceIdentity: optional(shapes.sourceIdentity),
};

/**
 * Throws `InvalidIdentityToken` for tags and a source identity that AssumeRole would not take either.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_know
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
export const requireFitting = ({
  tags,
  transitiveTagKeys,
  sourceIdentity,
}: RequestedTags & { readonly sourceIdentity?: string | undefined }): void => {
  const given = { Tags: tags, TransitiveTagKeys: transitiveTagKeys, SourceIdentity: sourceIdentity };
  const message = violationsMessage(CONSTRAINTS, given);
  if (message !== undefined) throw new StsError("InvalidIdentityToken", { message });
};
