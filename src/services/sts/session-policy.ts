/** The inline policy that narrows a session. What it allows is `access/`'s business; here only its form is looked at. */
import { StsError } from "./errors.ts";

/**
 * Answers `policy` as it is when it has the form of a session policy. Throws `MalformedPolicyDocument` otherwise.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
export const checkSessionPolicy = (policy: string): string => {
  const document = parseJson(policy);
  if (!isRecord(document)) throw malformed("Syntax errors in policy.");
  const statements = [document["Statement"] ?? []].flat();
  if (statements.length === 0 || !statements.every(isStatement)) throw malformed("Syntax errors in policy.");
  if (statements.some((statement) => "Principal" in statement || "NotPrincipal" in statement)) {
    throw malformed("Policy document should not specify a principal.");
  }
  return policy;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isStatement = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) &&
  (value["Effect"] === "Allow" || value["Effect"] === "Deny") &&
  ("Action" in value || "NotAction" in value) &&
  ("Resource" in value || "NotResource" in value);

const malformed = (message: string): StsError => new StsError("MalformedPolicyDocument", { message });
