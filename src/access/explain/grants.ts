/** What each layer would have to grant for a question to be allowed. */
import { callerArn, canonicalOwnerId, type Caller } from "../../protocol/caller.ts";
import { aclNeedOf, type AclFinding } from "../acl-grants.ts";
import type { ResourceSide, Sides } from "../decide.ts";
import type { Decision, DecidedBy, PolicyInPlay } from "../decision.ts";
import { parsePolicy } from "../policy/parse-policy.ts";
import type { PolicyKind } from "../policy/policy.ts";
import type { Change } from "./change.ts";

/** One change for each layer that could grant; the likeliest first. */
export const grantsFor = (decision: Decision): readonly Change[] => {
  const { caller, resource } = decision.sides;
  return [
    ...(caller.identity === "everything" ? [] : [identityGrant(decision)]),
    ...(caller.boundary === undefined ? [] : [boundaryGrant(decision)]),
    ...(caller.session ?? []).map((_, group) => sessionGrant(decision, group)),
    ...(resource === undefined ? [] : resourceChanges(decision, resource)),
  ];
};

type StatementDocument = Readonly<Record<string, unknown>>;

const allowing = ({ question: { action, resource } }: Decision): StatementDocument => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
});

/** The policy that a new statement alone would be. */
const policyOf = (statement: StatementDocument, kind: PolicyKind): PolicyInPlay => ({
  name: "new statement",
  policy: parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), { kind }),
});

const statementRemedy = (
  statement: StatementDocument,
  { description, layer, policy }: { description: string; layer: DecidedBy; policy?: string | undefined },
): Change["remedy"] => ({
  description,
  layer,
  ...(policy === undefined ? {} : { policy }),
  statement: JSON.stringify(statement),
});

const whoseText = ({ principal, session }: Caller): string => {
  switch (principal.kind) {
    case "User":
      return `user ${principal.userName}`;
    case "AssumedRole":
      return `role ${principal.roleName}`;
    case "FederatedUser":
      return session?.madeBy?.kind === "User" ? `user ${session.madeBy.userName}` : "user who made the session";
    case "Root":
    case "Anonymous":
  }
  return "caller";
};

const identityGrant = (decision: Decision): Change => {
  const { caller } = decision.question;
  const statement = allowing(decision);
  const description = `Add the statement to an identity policy of the ${whoseText(caller)} in account ${caller.accountId}.`;
  return {
    remedy: statementRemedy(statement, { description, layer: "identity" }),
    apply: (sides) => {
      const { identity } = sides.caller;
      if (identity === "everything") return sides;
      return { ...sides, caller: { ...sides.caller, identity: [...identity, policyOf(statement, "identity")] } };
    },
  };
};

const boundaryGrant = (decision: Decision): Change => {
  const statement = allowing(decision);
  const policy = decision.sides.caller.boundary?.name;
  const description = `Add the statement to the permissions boundary of the ${whoseText(decision.question.caller)}.`;
  return {
    remedy: statementRemedy(statement, { description, layer: "boundary", policy }),
    apply: (sides) => ({ ...sides, caller: { ...sides.caller, boundary: policyOf(statement, "identity") } }),
  };
};

const sessionGrant = (decision: Decision, at: number): Change => {
  const statement = allowing(decision);
  const policy = decision.sides.caller.session?.[at]?.[0]?.name;
  const description =
    policy === undefined
      ? "Make the session with a session policy that has the statement."
      : `Make the session with the statement in its ${policy} too.`;
  return {
    remedy: statementRemedy(statement, { description, layer: "session", policy }),
    apply: (sides) => {
      const session = (sides.caller.session ?? []).map((group, index) =>
        index === at ? [...group, policyOf(statement, "session")] : group,
      );
      return { ...sides, caller: { ...sides.caller, session } };
    },
  };
};

const resourceChanges = (decision: Decision, resource: ResourceSide): readonly Change[] => [
  ...(resource.ignoredAcl === undefined ? [] : [countAcl(resource)]),
  ...(resource.deniesOnly === true ? [] : [resourceGrant(decision, resource)]),
  ...(resource.restrictsPublic === true ? [liftBlock] : []),
  ...(resource.deniesOnly === true ? aclGrants(decision) : []),
];

const onResource = (sides: Sides, change: (resource: ResourceSide) => ResourceSide): Sides =>
  sides.resource === undefined ? sides : { ...sides, resource: change(sides.resource) };

/** Who would be named: a role rather than its session, which has another name tomorrow. */
const principalOf = ({ question: { caller }, values }: Decision): unknown => {
  const { partition, accountId, principal } = caller;
  const provider = values.get("aws:federatedprovider")?.[0];
  if (principal.kind === "Anonymous") return provider === undefined ? "*" : { Federated: provider };
  if (principal.kind !== "AssumedRole") return { AWS: callerArn(caller) };
  return { AWS: `arn:${partition}:iam::${accountId}:role${principal.rolePath ?? "/"}${principal.roleName}` };
};

const kindOf = (resource: string): string => (resource.includes(":accesspoint/") ? "access point" : "bucket");

const resourceGrant = (decision: Decision, resource: ResourceSide): Change => {
  const { action, resource: Resource, caller } = decision.question;
  const kind = resource.mustAllow === true ? "trust" : "resource";
  const head = { Effect: "Allow", Principal: principalOf(decision), Action: action };
  const statement = kind === "trust" ? head : { ...head, Resource };
  const policy = resource.policies[0]?.name;
  const where =
    policy === undefined
      ? `Give the ${kindOf(Resource)} a policy with the statement`
      : `Add the statement to the ${policy}`;
  const isPublic = caller.principal.kind === "Anonymous" && kind === "resource";
  return {
    remedy: statementRemedy(statement, { description: `${where}.`, layer: "resource", policy }),
    apply: (sides) =>
      onResource(sides, (side) => ({
        ...side,
        policies: [...side.policies, policyOf(statement, kind)],
        restricted: side.restricted === true || (isPublic && side.restrictsPublic === true),
      })),
  };
};

const countAcl = ({ accountId }: ResourceSide): Change => ({
  remedy: {
    description: `Turn IgnorePublicAcls off, in the public access block of the bucket and in that of account ${accountId}: an ACL grants it to a group.`,
    layer: "publicAccessBlock",
  },
  apply: (sides) => onResource(sides, (side) => ({ ...side, acl: side.ignoredAcl })),
});

const liftBlock: Change = {
  remedy: {
    description:
      "Turn RestrictPublicBuckets off (and BlockPublicPolicy, which refuses public policies), in the public access block of the bucket and in that of its account.",
    layer: "publicAccessBlock",
  },
  apply: (sides) => onResource(sides, (side) => ({ ...side, restricted: false, restrictsPublic: false })),
};

const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";

/** What an object's owner can give where it is not the owner of its bucket. */
const aclGrants = ({ question: { action, caller }, sides: { resource } }: Decision): readonly Change[] => {
  const need = aclNeedOf(action);
  if (need === undefined) return [];
  const { permission } = need;
  const anonymous = caller.principal.kind === "Anonymous";
  const acl: AclFinding = anonymous
    ? { to: "everyone", grant: { grantee: { uri: ALL_USERS }, permission } }
    : { to: "account", grant: { grantee: { id: canonicalOwnerId(caller.accountId) }, permission } };
  const whom = anonymous ? "everyone (AllUsers)" : `account ${caller.accountId}`;
  return [
    {
      remedy: {
        description: `The object belongs to account ${resource?.accountId ?? ""}: let it grant ${permission} to ${whom} in the object's ACL, or turn the bucket's ACLs off (BucketOwnerEnforced), so that the object is the bucket owner's.`,
        layer: "acl",
      },
      apply: (sides) => onResource(sides, (side) => ({ ...side, acl })),
    },
  ];
};
