/**
 * Who may do what, straight from AWS's pages and from nothing else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
import { plainMatch, type PlainPolicy, type PlainRequest } from "./plain-matcher.ts";

export type PlainInput = {
  readonly identity: readonly PlainPolicy[];
  readonly boundary?: PlainPolicy | undefined;
  /** Of each group one must allow. */
  readonly session?: readonly (readonly PlainPolicy[])[] | undefined;
  readonly resource?: PlainPolicy | undefined;
  readonly resourceAccount: string;
};

export type PlainDecision = "allowed" | "explicit deny" | "implicit deny";

/** By what the statements of an effect are about a request. */
const about = (policy: PlainPolicy, effect: "Allow" | "Deny", request: PlainRequest): readonly string[] =>
  policy.Statement.filter(({ Effect }) => Effect === effect).flatMap(
    (statement) => plainMatch(statement, { version: policy.Version, request }) ?? [],
  );

/** Its statements with NotPrincipal, as if they were about everyone. */
const withoutNotPrincipal = ({ Statement, ...policy }: PlainPolicy): PlainPolicy => ({
  ...policy,
  Statement: Statement.flatMap(({ NotPrincipal, ...statement }) =>
    NotPrincipal === undefined ? [] : { ...statement, Principal: "*" as const },
  ),
});

/** Decides by policies alone: no ACL, no public access block. */
export const plainDecide = (request: PlainRequest, input: PlainInput): PlainDecision => {
  const { identity, boundary, session = [], resource, resourceAccount } = input;
  const all = [
    ...identity,
    ...(boundary === undefined ? [] : [boundary]),
    ...session.flat(),
    ...(resource === undefined ? [] : [resource]),
  ];
  // "An explicit deny in any policy overrides any allow."
  if (all.some((policy) => about(policy, "Deny", request).length > 0)) return "explicit deny";
  // "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary policy attached."
  const hasBoundary = boundary !== undefined && (request.caller.kind === "user" || request.caller.kind === "role");
  if (hasBoundary && resource !== undefined && about(withoutNotPrincipal(resource), "Deny", request).length > 0) {
    return "explicit deny";
  }

  const allows = (policies: readonly PlainPolicy[]): boolean =>
    policies.some((policy) => about(policy, "Allow", request).length > 0);
  const bounded = (boundary === undefined || allows([boundary])) && session.every((group) => allows(group));
  const { caller } = request;
  const here = (caller.kind === "root" || allows(identity)) && bounded;
  const by = resource === undefined ? [] : about(resource, "Allow", request);
  const decided = (allowed: boolean): PlainDecision => (allowed ? "allowed" : "implicit deny");

  if (caller.kind === "anonymous") return decided(by.length > 0);
  // "The request is allowed only if both evaluations return a decision of Allow."
  if (caller.accountId !== resourceAccount) return decided(here && by.length > 0);
  // Given to the user or session itself, or to everyone: not limited by boundaries and session policies.
  if (by.some((each) => each !== "role" && each !== "account")) return "allowed";
  if (by.includes("role") && bounded) return "allowed";
  return decided(here);
};
