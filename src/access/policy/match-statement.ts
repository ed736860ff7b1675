/** Whether a statement is about a question, and where not, why. */
import type { Question } from "../question.ts";
import type { Condition } from "./conditions.ts";
import type { Statement } from "./policy.ts";
import type { PrincipalBy } from "./principals.ts";

/** A condition that did not hold. `actual` is empty where the request does not have the key. */
export type FailedCondition = {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  readonly actual: readonly string[];
};

/** `principalBy` is absent where the policy names no principals. */
export type StatementMatch =
  | { readonly matched: true; readonly principalBy?: PrincipalBy }
  | { readonly matched: false; readonly because: "principal" | "action" | "resource" }
  | { readonly matched: false; readonly because: "condition"; readonly condition: FailedCondition };

const NOT_PRINCIPAL: StatementMatch = { matched: false, because: "principal" };
const NOT_ACTION: StatementMatch = { matched: false, because: "action" };
const NOT_RESOURCE: StatementMatch = { matched: false, because: "resource" };
const MATCHED: StatementMatch = { matched: true };

const failed = ({ operator, key, wanted, name }: Condition, { values }: Question): StatementMatch => ({
  matched: false,
  because: "condition",
  condition: { operator, key, wanted, actual: values(name) ?? [] },
});

/**
 * Whether a statement is about a question: principal, action, resource and every condition. What it then says is its `effect`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export const matchStatement = (statement: Statement, question: Question): StatementMatch => {
  const { principals, actions, resources, conditions } = statement;
  const { caller, action, resource, values } = question;
  // The action first: it says no most often, and costs least.
  if (!actions.matches(action, values)) return NOT_ACTION;
  if (resources !== undefined && !resources.matches(resource, values)) return NOT_RESOURCE;
  const principalBy = principals?.match(caller, values);
  if (principals !== undefined && principalBy === undefined) return NOT_PRINCIPAL;
  for (const condition of conditions) if (!condition.holds(values)) return failed(condition, question);
  return principalBy === undefined ? MATCHED : { matched: true, principalBy };
};
