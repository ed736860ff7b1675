/** Looking through expressions. */
import type { Expression, Projection } from "../sql/ast.ts";

/** What holds expressions of any kind: an expression, a list of them, a branch of CASE. */
const innerExpressions = (part: unknown): readonly Expression[] => {
  if (Array.isArray(part)) return part.flatMap(innerExpressions);
  if (typeof part !== "object" || part === null) return [];
  if ("kind" in part) return [part as Expression];
  return Object.values(part).flatMap(innerExpressions);
};

const childrenOf = (expression: Expression): readonly Expression[] =>
  // A literal's value is no expression, nor are the steps of a path.
  expression.kind === "literal" || expression.kind === "path"
    ? []
    : Object.values(expression).flatMap(innerExpressions);

const usesAggregate = (expression: Expression): boolean =>
  expression.kind === "aggregate" || childrenOf(expression).some(usesAggregate);

const usesColumn = (expression: Expression): boolean => {
  if (expression.kind === "path") return true;
  return expression.kind !== "aggregate" && childrenOf(expression).some(usesColumn);
};

/** Whether a SELECT list has an aggregate, so that all rows together give one result. */
export const isAggregated = (projections: readonly Projection[]): boolean =>
  projections.some((projection) => projection.kind === "expression" && usesAggregate(projection.expression));

/** Whether a SELECT list has a column that stands in no aggregate. */
export const hasPlainColumn = (projections: readonly Projection[]): boolean =>
  projections.some((projection) => projection.kind === "all" || usesColumn(projection.expression));
