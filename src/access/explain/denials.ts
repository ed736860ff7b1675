/** What would be left without the statements that deny. */
import type { CallerSide, ResourceSide, Sides } from "../decide.ts";
import type { ConsideredPolicy, Decision, PolicyInPlay } from "../decision.ts";
import type { Statement } from "../policy/policy.ts";
import type { Remedy } from "./change.ts";
import { layerText, statementText } from "./words.ts";

type Denial = { readonly considered: ConsideredPolicy; readonly statement: Statement };

/** The sides without every statement that denies, and those statements as changes. */
export const withoutDenials = (decision: Decision): { readonly sides: Sides; readonly remedies: readonly Remedy[] } => {
  const denials = decision.considered.flatMap((considered) => denialsOf(considered));
  const denying = new Set(denials.map(({ statement }) => statement));
  return { sides: without(decision.sides, denying), remedies: denials.map(remedyOf) };
};

const denialsOf = (considered: ConsideredPolicy): readonly Denial[] =>
  considered.policy.statements
    .filter(({ effect, index }) => effect === "Deny" && considered.matches[index]?.matched === true)
    .map((statement) => ({ considered, statement }));

const remedyOf = ({ considered: { name, layer }, statement }: Denial): Remedy => ({
  description: `Take ${statementText(statement)} out of the ${layerText(layer)} "${name}", or narrow it so that it is not about this request${conditionsText(statement)}.`,
  layer,
  policy: name,
  statementIndex: statement.index,
});

/** Where a statement denies under conditions, a request that does not meet one of them is not denied either. */
const conditionsText = ({ conditions }: Statement): string => {
  if (conditions.length === 0) return "";
  const texts = conditions.map(({ operator, key, wanted }) => `${operator} ${key} ${wanted.join(", ")}`);
  return ` (it denies where ${texts.join(" and ")})`;
};

const without = ({ caller, resource }: Sides, denying: ReadonlySet<Statement>): Sides => {
  const cut = (inPlay: PolicyInPlay): PolicyInPlay => {
    const statements = inPlay.policy.statements.filter((statement) => !denying.has(statement));
    return { ...inPlay, policy: { ...inPlay.policy, statements } };
  };
  const { identity, boundary, session } = caller;
  const cutCaller: CallerSide = {
    identity: identity === "everything" ? identity : identity.map(cut),
    boundary: boundary === undefined ? undefined : cut(boundary),
    session: session?.map((group) => group.map(cut)),
  };
  const cutResource: ResourceSide | undefined = resource && { ...resource, policies: resource.policies.map(cut) };
  return { caller: cutCaller, resource: cutResource };
};
