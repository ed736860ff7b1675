/** The policies that say what a caller may do, apart from those of the resource. */
import type { World } from "../world.ts";
import { AWS_MANAGED } from "./aws-managed.ts";
import { defaultDocument, findManagedPolicy, findRole, findUser, whenFound, type MaybeSoon } from "./find.ts";
import { wasMade, type RoleIdentity, type UserIdentity } from "./model.ts";

/** A policy as a trace shows it: `user/alice inline policy reader`, `role/builder arn:aws:iam::aws:policy/ReadOnlyAccess`. */
export type NamedPolicy = { readonly name: string; readonly document: string };

export type PoliciesInPlay = {
  /** Of the user or role: inline ones, then attached ones. */
  readonly identity: readonly NamedPolicy[];
  /** What the identity policies cannot go beyond. */
  readonly boundary?: NamedPolicy;
  /** What the ARNs that the session was narrowed by stand for; a policy that is not there is an empty document, and allows nothing. */
  readonly session: readonly NamedPolicy[];
  /** False for a user or role that nobody registered: it has every permission of its account. */
  readonly registered: boolean;
};

/** What is known of a caller; `Caller` is one. */
type PolicyCaller = {
  readonly accountId: string;
  readonly principal:
    | { readonly kind: "User"; readonly userName: string; readonly userId: string }
    | { readonly kind: "AssumedRole"; readonly roleName: string; readonly roleId: string }
    | { readonly kind: "Root" | "FederatedUser" | "Anonymous" };
  readonly session?: { readonly policyArns?: readonly string[] };
};

/** Nothing is allowed by it. */
const EMPTY_DOCUMENT = '{"Version":"2012-10-17","Statement":[]}';

const NO_IDENTITY = { identity: [], registered: false } as const;
/** Its sessions and keys outlived it. */
const GONE = { identity: [], registered: true } as const;

const missing = (id: string): OfIdentity => (wasMade(id) ? GONE : NO_IDENTITY);

type OfIdentity = Omit<PoliciesInPlay, "session">;

/** What policies are looked up for. */
type Place = { readonly world: World; readonly accountId: string };

/** A managed policy under a name; one that is not there, or another account's, allows nothing. */
const managed = ({ world, accountId }: Place, { arn, name }: { arn: string; name: string }): MaybeSoon<NamedPolicy> =>
  whenFound(findManagedPolicy(world, arn), (policy) => {
    const isOurs = policy !== undefined && (policy.accountId === accountId || policy.accountId === AWS_MANAGED);
    return { name, document: isOurs ? defaultDocument(policy) : EMPTY_DOCUMENT };
  });

const managedAll = (
  place: Place,
  policies: readonly { readonly arn: string; readonly name: string }[],
): MaybeSoon<readonly NamedPolicy[]> => {
  const found = policies.map((policy) => managed(place, policy));
  const known = found.filter((each): each is NamedPolicy => !(each instanceof Promise));
  return known.length === found.length ? known : Promise.all(found.map(async (each) => each));
};

/** The policies of a user or role, with its boundary. */
const policiesOf = (world: World, holder: UserIdentity | RoleIdentity): MaybeSoon<OfIdentity> => {
  const place: Place = { world, accountId: holder.accountId };
  const who = `${holder.kind}/${holder.name}`;
  const inline = holder.inlinePolicies.map(({ name, document }) => ({
    name: `${who} inline policy ${name}`,
    document,
  }));
  const attached = managedAll(
    place,
    holder.attachedPolicyArns.map((arn) => ({ arn, name: `${who} ${arn}` })),
  );
  return whenFound(attached, (policies) => {
    const identity = [...inline, ...policies];
    const { permissionsBoundary } = holder;
    if (permissionsBoundary === undefined) return { identity, registered: true };
    const boundary = managed(place, { arn: permissionsBoundary, name: `${who} boundary ${permissionsBoundary}` });
    return whenFound(boundary, (found) => ({ identity, boundary: found, registered: true }));
  });
};

const ofPrincipal = (world: World, { accountId, principal }: PolicyCaller): MaybeSoon<OfIdentity> => {
  switch (principal.kind) {
    case "User":
      return whenFound(findUser(world, { accountId, name: principal.userName }), (user) => {
        if (user === undefined) return missing(principal.userId);
        return user.id === principal.userId ? policiesOf(world, user) : GONE;
      });
    case "AssumedRole":
      return whenFound(findRole(world, { accountId, name: principal.roleName }), (role) => {
        if (role === undefined) return missing(principal.roleId);
        return role.id === principal.roleId ? policiesOf(world, role) : GONE;
      });
    case "Root":
    case "FederatedUser":
    case "Anonymous":
  }
  return NO_IDENTITY;
};

const idOf = ({ principal }: PolicyCaller): string => {
  switch (principal.kind) {
    case "User":
      return `user/${principal.userName}/${principal.userId}`;
    case "AssumedRole":
      return `role/${principal.roleName}/${principal.roleId}`;
    default:
      return principal.kind;
  }
};

/**
 * The policies of a caller's own side: those of its user or role, its boundary, and the managed policies that its session was
 * narrowed by (its inline session policy stands in the session). At once where they are in memory; the same object as long as
 * none of the account's identities changes. Root and federated users have none of their own: `registered` is false.
 */
export const policiesInPlay = (world: World, caller: PolicyCaller): MaybeSoon<PoliciesInPlay> => {
  const { accountId, session } = caller;
  const arns = session?.policyArns ?? [];
  const id = arns.length === 0 ? idOf(caller) : `${idOf(caller)} ${arns.join(" ")}`;
  const known = world.cache.identities.get(accountId)?.policies.get(id);
  if (known !== undefined) return known;
  const { generation } = world.cache;
  const narrowing = arns.map((arn) => ({ arn, name: `session policy ${arn}` }));
  return whenFound(ofPrincipal(world, caller), (own) =>
    whenFound(managedAll({ world, accountId }, narrowing), (narrowed) => {
      const policies: PoliciesInPlay = { ...own, session: narrowed };
      if (generation === world.cache.generation) world.cache.identitiesOf(accountId).policies.set(id, policies);
      return policies;
    }),
  );
};
