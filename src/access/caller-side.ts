/**
 * What a caller's own account lets it do, from the register of identities and from its session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
 */
import type { Caller, Session } from "../protocol/caller.ts";
import { whenFound, type MaybeSoon } from "../state/identities/find.ts";
import { policiesInPlay, type PoliciesInPlay } from "../state/identities/policies.ts";
import type { World } from "../state/world.ts";
import type { CallerSide } from "./decide.ts";
import type { PolicyInPlay } from "./decision.ts";
import { parsedPolicy, policyInPlay } from "./parsed-policies.ts";

const ANONYMOUS: CallerSide = { identity: [] };
const ROOT: CallerSide = { identity: "everything" };

/**
 * The side of a caller, for `decide`; at once where its policies are in memory. A user or role that nobody registered has every
 * permission of its account; so has an account's root. A federated user has what the one has who asked for its session.
 */
export const callerSideOf = (world: World, caller: Caller): MaybeSoon<CallerSide> => {
  const { principal, session } = caller;
  if (principal.kind === "Anonymous") return ANONYMOUS;
  if (principal.kind === "Root" && session === undefined) return ROOT;
  const whose = principal.kind === "FederatedUser" ? (session?.madeBy ?? principal) : principal;
  const asked = whose === principal ? caller : { ...caller, principal: whose };
  return whenFound(policiesInPlay(world, asked), (policies) => sideOf(caller, policies));
};

const sideOf = ({ principal, session }: Caller, policies: PoliciesInPlay): CallerSide => {
  const { boundary, registered } = policies;
  const narrowing = session === undefined ? [] : narrowingOf(session, policies);
  // Without a session policy a federated user can do nothing by its own side.
  const mustNarrow = principal.kind === "FederatedUser" && !narrows(session);
  return {
    identity: registered ? identityOf(policies) : "everything",
    ...(boundary === undefined ? {} : { boundary: policyInPlay(boundary, "identity") }),
    ...(mustNarrow ? { session: [[], ...narrowing] } : narrowing.length === 0 ? {} : { session: narrowing }),
  };
};

const identities = new WeakMap<PoliciesInPlay, readonly PolicyInPlay[]>();

const identityOf = (policies: PoliciesInPlay): readonly PolicyInPlay[] => {
  const known = identities.get(policies);
  if (known !== undefined) return known;
  const made = policies.identity.map((named) => policyInPlay(named, "identity"));
  identities.set(policies, made);
  return made;
};

const narrows = (session: Session | undefined): boolean =>
  session?.sessionPolicy !== undefined || (session?.policyArns?.length ?? 0) > 0;

/** Session policies count together; each policy that scopes a session down counts by itself. */
const narrowingOf = (session: Session, policies: PoliciesInPlay): readonly (readonly PolicyInPlay[])[] => {
  const { sessionPolicy, scopeDownPolicies = [] } = session;
  const managed = policies.session.map((named) => policyInPlay(named, "session"));
  const inline = sessionPolicy === undefined ? [] : [sessionPart("session policy", sessionPolicy)];
  const together = [...inline, ...managed];
  return [
    ...(together.length === 0 ? [] : [together]),
    ...scopeDownPolicies.map((document) => [sessionPart("policy of GetScopedCredentials", document)]),
  ];
};

const sessionPart = (name: string, document: string): PolicyInPlay => ({
  name,
  policy: parsedPolicy(document, "session"),
});
