/** Decisions in words. */
import type { AclFinding } from "../acl-grants.ts";
import type { DecidedBy, DecidingStatement, Decision, PolicyLayer } from "../decision.ts";
import type { Statement } from "../policy/policy.ts";

const LAYERS: Readonly<Record<PolicyLayer, string>> = {
  identity: "identity policy",
  boundary: "permissions boundary",
  session: "session policy",
  resource: "resource policy",
};

export const layerText = (layer: PolicyLayer): string => LAYERS[layer];

/** A statement as a reader finds it again: `statement 0`, `statement 1 ("Writers")`. */
export const statementText = ({ index, sid }: Statement): string =>
  sid === undefined || sid === "" ? `statement ${index}` : `statement ${index} (${JSON.stringify(sid)})`;

const decidingText = ({ name, layer, statement }: DecidingStatement): string =>
  `${statementText(statement)} of the ${LAYERS[layer]} "${name}"`;

/** Whom an ACL grants what. */
export const aclText = ({ to, grant: { grantee, permission } }: AclFinding): string => {
  const group = grantee.uri?.split("/").at(-1) ?? "a group";
  return to === "everyone"
    ? `${permission} to ${group}`
    : `${permission} to the caller's account (${grantee.id ?? ""})`;
};

const listText = (deciding: readonly DecidingStatement[]): string => deciding.map(decidingText).join(" and ");

const statementsAllow = ({ deciding }: Decision): string => `Allowed by ${listText(deciding)}.`;

const ALLOWED: Readonly<Record<DecidedBy, (decision: Decision) => string>> = {
  identity: statementsAllow,
  boundary: statementsAllow,
  session: statementsAllow,
  resource: statementsAllow,
  root: ({ question: { caller }, deciding }) => {
    const who = caller.principal.kind === "Root" ? "The account's root" : "An identity that nobody registered";
    const narrowed = deciding.length === 0 ? "" : `, and what narrows the session allows it: ${listText(deciding)}`;
    return `${who} has every permission of account ${caller.accountId}${narrowed}.`;
  },
  acl: ({ acl }) => `An ACL grants ${acl === undefined ? "it" : aclText(acl)}.`,
  publicAccessBlock: () => "Nothing refuses it.",
  mode: () => "No bucket policy denies it, and the world's auth mode asks no further.",
};

const isOfAnother = ({ resourceAccountId, question: { caller } }: Decision): boolean =>
  resourceAccountId !== undefined && resourceAccountId !== caller.accountId;

const missingText = (decision: Decision): string => {
  const { decidedBy, question, resourceAccountId } = decision;
  const { action, caller } = question;
  if (decidedBy === "publicAccessBlock") {
    return "RestrictPublicBuckets is on and the bucket's policy is public: nobody from outside of its account gets in.";
  }
  if (decidedBy !== "resource") return `No ${LAYERS[decidedBy as PolicyLayer]} of the caller allows ${action}.`;
  if (caller.principal.kind === "Anonymous")
    return `The request is anonymous, and no policy or ACL of the resource allows ${action} to everyone.`;
  return isOfAnother(decision)
    ? `The resource is of account ${resourceAccountId ?? ""}, and no policy or ACL of it allows ${action} to the caller; both sides have to allow it.`
    : `The resource's policy does not allow ${action} to the caller.`;
};

/** Why a question was decided as it was. */
export const reasonText = (decision: Decision): string => {
  const { allowed, denial, deciding, decidedBy } = decision;
  if (allowed) return ALLOWED[decidedBy](decision);
  return denial === "explicit" ? `Denied by ${listText(deciding)}.` : missingText(decision);
};
