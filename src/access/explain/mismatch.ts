/** Why a statement is not about a question. */
import { callerArn } from "../../protocol/caller.ts";
import type { StatementMatch } from "../policy/match-statement.ts";
import type { Statement } from "../policy/policy.ts";
import type { Question } from "../question.ts";

export type Mismatch = {
  readonly element: "Principal" | "NotPrincipal" | "Action" | "NotAction" | "Resource" | "NotResource" | "Condition";
  /** Of a condition, as it stands in the policy. */
  readonly operator?: string;
  /** Of a condition, as it stands in the policy. */
  readonly key?: string;
  /** What the statement names. */
  readonly wanted: readonly string[];
  /** What the request has; empty where it does not have the key. */
  readonly actual: readonly string[];
};

/** The first element of a statement that does not fit; undefined where the statement is about the question. */
export const mismatchOf = (
  statement: Statement,
  match: StatementMatch,
  { caller, action, resource }: Question,
): Mismatch | undefined => {
  if (match.matched) return undefined;
  const { principals, actions, resources } = statement;
  switch (match.because) {
    case "condition":
      return { element: "Condition", ...match.condition };
    case "principal": {
      const wanted = principals?.named.map(({ text }) => text) ?? [];
      return {
        element: principals?.except === true ? "NotPrincipal" : "Principal",
        wanted,
        actual: [callerArn(caller)],
      };
    }
    case "action":
      return { element: actions.except ? "NotAction" : "Action", wanted: actions.texts, actual: [action] };
    case "resource":
  }
  const element = resources?.except === true ? "NotResource" : "Resource";
  return { element, wanted: resources?.texts ?? [], actual: [resource] };
};
