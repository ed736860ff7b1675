/** Asks the policies of one layer, statement by statement. */
import type { ConsideredPolicy, DecidingStatement, PolicyInPlay, PolicyLayer } from "./decision.ts";
import { matchStatement, type StatementMatch } from "./policy/match-statement.ts";
import type { Statement } from "./policy/policy.ts";
import type { ConditionValues, Question } from "./question.ts";

/**
 * How far what a resource's policy allows reaches within its account. `direct`: the statement names the user, the session, or
 * everyone. `bounded`: it names the role, or the user who asked for a federated user's session: boundary and session policies still
 * hold. `delegated`: it names the account, whose own policies must allow it too.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
type Reach = "direct" | "bounded" | "delegated";

/** What the policies of one layer answered. */
export type Asked = {
  readonly considered: readonly ConsideredPolicy[];
  /** The first statement that denies. */
  readonly deny: DecidingStatement | undefined;
  /** Of the statements that allow, the first that reaches furthest. */
  readonly allow: { readonly by: DecidingStatement; readonly reach: Reach } | undefined;
};

const NOBODY: Asked = { considered: [], deny: undefined, allow: undefined };

const FURTHER: Readonly<Record<Reach, number>> = { delegated: 0, bounded: 1, direct: 2 };

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
const reachOf = (match: StatementMatch): Reach => {
  const by = match.matched ? match.principalBy : undefined;
  if (by === "account") return "delegated";
  return by === "role" || by === "maker" ? "bounded" : "direct";
};

/** Policies of one layer. */
type LayerPolicies = {
  readonly layer: PolicyLayer;
  readonly policies: readonly PolicyInPlay[];
  /**
   * The caller has a boundary: then a Deny with NotPrincipal is about it, whoever is named.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
   */
  readonly callerBounded?: boolean;
};

/** Asks all of them, so that the trace is whole. */
export const askPolicies = (question: Question, { layer, policies, callerBounded = false }: LayerPolicies): Asked => {
  if (policies.length === 0) return NOBODY;
  const considered: ConsideredPolicy[] = [];
  let deny: DecidingStatement | undefined;
  let allow: Asked["allow"];
  for (const { name, policy } of policies) {
    const matches: StatementMatch[] = [];
    for (const statement of policy.statements) {
      const match = callerBounded ? matchBounded(statement, question) : matchStatement(statement, question);
      matches.push(match);
      if (!match.matched) continue;
      if (statement.effect === "Deny") {
        deny ??= { name, policy, layer, statement };
        continue;
      }
      const reach = reachOf(match);
      if (allow === undefined || FURTHER[reach] > FURTHER[allow.reach]) {
        allow = { by: { name, policy, layer, statement }, reach };
      }
    }
    considered.push({ name, policy, layer, matches });
  }
  return { considered, deny, allow };
};

const matchBounded = (statement: Statement, question: Question): StatementMatch => {
  const match = matchStatement(statement, question);
  const { principals, ...rest } = statement;
  if (match.matched || statement.effect !== "Deny" || principals?.except !== true) return match;
  const regardless = matchStatement(rest, question);
  return regardless.matched ? { matched: true, principalBy: "except" } : match;
};

/** The statement that allows most. */
export const strongestGrant = (asked: Asked | undefined): DecidingStatement | undefined => asked?.allow?.by;

/** Values that remember which keys were looked at. */
export const noteValues = (
  values: ConditionValues,
  noted: Map<string, readonly string[] | undefined>,
): ConditionValues => {
  return (key) => {
    if (noted.has(key)) return noted.get(key);
    const found = values(key);
    noted.set(key, found);
    return found;
  };
};
