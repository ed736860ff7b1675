/** What says who may assume a role. */
import type { IamContext } from "./context.ts";
import { countedChars } from "./entities.ts";
import { quotaExceeded } from "./errors.ts";
import { TRUST_POLICY_CHARS_MAX } from "./limits.ts";

/** Throws MalformedPolicyDocument, and LimitExceeded for one that is too long. */
export const checkTrustPolicy = ({ checkDocument }: IamContext, document: string): void => {
  checkDocument(document, "trust");
  if (countedChars(document) > TRUST_POLICY_CHARS_MAX) throw quotaExceeded("ACLSizePerRole", TRUST_POLICY_CHARS_MAX);
};
