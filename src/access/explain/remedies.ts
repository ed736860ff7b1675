/**
 * The smallest change that would have allowed what was denied. Every change is tried: the question is decided again with it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { decide, type Sides } from "../decide.ts";
import type { Decision } from "../decision.ts";
import { grantsFor } from "./grants.ts";
import { withoutDenials } from "./denials.ts";
import type { Change, Remedy } from "./change.ts";

/** The changes that are all needed; none where it is allowed, or where nothing that is known would help. */
export const remediesOf = (decision: Decision): readonly Remedy[] => {
  if (decision.allowed) return [];
  const allows = (sides: Sides): boolean => decide(decision.question, sides).allowed;
  const { sides, remedies } = withoutDenials(decision);
  if (allows(sides)) return remedies;
  for (const changes of bySize(grantsFor(decision))) {
    const changed = changes.reduce((so, { apply }) => apply(so), sides);
    if (allows(changed)) return [...remedies, ...changes.map(({ remedy }) => remedy)];
  }
  return [];
};

/** Every choice among changes, the smallest first. There are a handful of changes: one for each layer. */
const bySize = (changes: readonly Change[]): readonly (readonly Change[])[] => {
  const choices = Array.from({ length: 2 ** changes.length }, (_, bits) =>
    changes.filter((_change, at) => (bits & (1 << at)) !== 0),
  );
  return choices.toSorted((one, other) => one.length - other.length);
};
