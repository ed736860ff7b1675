/**
 * What a role's trust policy must have: principals and actions of STS, and no resource, since it stands on it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html#term_trust-policy
 */
import type { StatementForm } from "./grammar.ts";
import type { Statement } from "./policy.ts";
import { PolicySyntaxError } from "./syntax-error.ts";
import { TRUST_WORDS } from "./words.ts";

const STS_ACTION = /^sts:/i;

const fail = (message: string): never => {
  throw new PolicySyntaxError(message);
};

/** Errors: PolicySyntaxError. */
export const requireTrustStatement = ({ actions, ...form }: StatementForm): Statement => {
  const { principals, resources, effect } = form;
  if (principals === undefined) return fail(TRUST_WORDS.missing("Principal"));
  if (principals.except && effect === "Allow") return fail("Allow with NotPrincipal is not allowed.");
  if (resources !== undefined)
    return fail(resources.except ? "AssumeRole policy must not contain resources." : "Has prohibited field Resource");
  if (actions === undefined) return fail(TRUST_WORDS.missing("Action"));
  if (!actions.texts.every((action) => STS_ACTION.test(action)))
    return fail("AssumeRole policy may only specify STS AssumeRole actions.");
  return { ...form, actions };
};
