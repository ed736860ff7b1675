/**
 * What AWS says where it refuses.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html#access-denied-message-examples
 */
import { callerArn } from "../protocol/caller.ts";
import type { Decision, PolicyLayer } from "./decision.ts";

const POLICY_NAMES: Readonly<Record<PolicyLayer, string>> = {
  identity: "identity-based policy",
  boundary: "permissions boundary",
  session: "session policy",
  resource: "resource-based policy",
};

const article = (name: string): string => (name.startsWith("i") ? "an" : "a");

const reasonOf = ({ decidedBy, denial, question: { action } }: Decision): string => {
  if (!Object.hasOwn(POLICY_NAMES, decidedBy)) return "";
  const name = POLICY_NAMES[decidedBy as PolicyLayer];
  return denial === "explicit"
    ? ` with an explicit deny in ${article(name)} ${name}`
    : ` because no ${name} allows the ${action} action`;
};

/**
 * The text of a refusal that tells a caller why; undefined where AWS does not: to anonymous callers, and to those of another account
 * than the resource's.
 */
export const deniedMessage = (decision: Decision): string | undefined => {
  const { question, resourceAccountId } = decision;
  const { caller, action, resource } = question;
  if (caller.principal.kind === "Anonymous") return undefined;
  if (resourceAccountId !== undefined && resourceAccountId !== caller.accountId) return undefined;
  return `User: ${callerArn(caller)} is not authorized to perform: ${action}${onResource(action, resource)}${reasonOf(decision)}`;
};

/** S3 quotes the resource, other services do not; an action that is on none names none. */
const onResource = (action: string, resource: string): string => {
  if (resource === "*" || resource.endsWith(":::*")) return "";
  return ` on resource: ${action.startsWith("s3") ? `"${resource}"` : resource}`;
};
