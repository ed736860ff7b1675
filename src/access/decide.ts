/**
 * May a caller do something, all policies considered: an explicit Deny anywhere wins; within one account either side may allow,
 * across accounts both must; boundaries and session policies bound what the caller's own side allows.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
import type { Caller } from "../protocol/caller.ts";
import type { AclFinding } from "./acl-grants.ts";
import type { DecidedBy, DecidingStatement, Decision, PolicyInPlay } from "./decision.ts";
import { askPolicies, noteValues, strongestGrant, type Asked } from "./ask-policies.ts";
import type { Question } from "./question.ts";

/** What the caller's own account lets it do. */
export type CallerSide = {
  /** `everything`: every permission of its account, as its root has and an identity that nobody registered. */
  readonly identity: "everything" | readonly PolicyInPlay[];
  readonly boundary?: PolicyInPlay | undefined;
  /**
   * Policies that narrow the session, in groups: within one what any of them allows, and of the groups all must allow. Absent: the
   * session is not narrowed, or there is none. A group without a policy allows nothing.
   */
  readonly session?: readonly (readonly PolicyInPlay[])[] | undefined;
};

/** What the resource's account lets others do. */
export type ResourceSide = {
  readonly accountId: string;
  readonly policies: readonly PolicyInPlay[];
  /** The policies are of another account than the resource (an object in a bucket of somebody else): they can only deny. */
  readonly deniesOnly?: boolean;
  readonly acl?: AclFinding | undefined;
  /** RestrictPublicBuckets holds, and the bucket's policy is public: nobody outside of its account gets in. */
  readonly restricted?: boolean;
  /** RestrictPublicBuckets is on, whether the policy is public or not. Nothing is decided by it. */
  readonly restrictsPublic?: boolean;
  /** A grant that does not count because of IgnorePublicAcls. Nothing is decided by it. */
  readonly ignoredAcl?: AclFinding | undefined;
  /** What its own account's root may do whatever a policy says: so that nobody locks an account out of its bucket. */
  readonly rootAlways?: boolean;
  /** Nothing is allowed that the resource's policy does not allow too, within the account either: a role's trust policy. */
  readonly mustAllow?: boolean;
};

/** Who asks, and whose the resource is; `resource` is absent for actions that are on none, or on one without policies. */
export type Sides = { readonly caller: CallerSide; readonly resource?: ResourceSide | undefined };

/** An outcome before the trace is put around it. */
type Outcome = {
  readonly allowed: boolean;
  readonly decidedBy: DecidedBy;
  readonly denial?: "explicit" | "implicit";
  readonly deciding?: readonly DecidingStatement[];
  readonly acl?: AclFinding;
};

/**
 * Decides. For S3: `action` `s3:GetObject`, `resource` the object, `sides.resource` the bucket's. For IAM and STS: `action`
 * `iam:CreateUser` on the user's ARN with no `sides.resource`; `sts:AssumeRole` on the role's ARN with the trust policy as
 * `sides.resource` and `mustAllow`. Never throws. In `strict` alone: `off` and `lenient` do not ask it.
 */
export const decide = (question: Question, sides: Sides): Decision => {
  const values = new Map<string, readonly string[] | undefined>();
  const noted: Question = { ...question, values: noteValues(question.values, values) };
  const asked = askAll(noted, sides);
  const outcome = outcomeOf(question, sides, asked);
  return {
    // What the request says beside is let go: decisions are kept longer than requests.
    question: { ...question, values: (key) => values.get(key) },
    sides,
    ...outcome,
    deciding: outcome.deciding ?? [],
    considered: asked.flatMap(({ considered }) => considered),
    values,
    ...(sides.resource === undefined ? {} : { resourceAccountId: sides.resource.accountId }),
  };
};

/** Looks for an explicit Deny of the resource's policy alone, as `lenient` does; everything else is allowed. */
export const decideByDenial = (question: Question, resource: ResourceSide): Decision => {
  const { accountId, policies } = resource;
  const rootAlways = resource.rootAlways === true && accountId === question.caller.accountId;
  const decision = decide(question, {
    caller: { identity: "everything" },
    resource: { accountId: question.caller.accountId, policies, deniesOnly: true, rootAlways },
  });
  if (!decision.allowed && decision.denial === "explicit") return { ...decision, resourceAccountId: accountId };
  const { denial: _none, ...rest } = decision;
  return { ...rest, allowed: true, decidedBy: "mode", resourceAccountId: accountId };
};

const askAll = (question: Question, { caller, resource }: Sides): readonly Asked[] => {
  const { identity, boundary, session = [] } = caller;
  return [
    askPolicies(question, { layer: "identity", policies: identity === "everything" ? [] : identity }),
    askPolicies(question, { layer: "boundary", policies: boundary === undefined ? [] : [boundary] }),
    ...session.map((policies) => askPolicies(question, { layer: "session", policies })),
    askPolicies(question, {
      layer: "resource",
      policies: resource?.policies ?? [],
      callerBounded: boundary !== undefined && BOUNDED_KINDS.has(question.caller.principal.kind),
    }),
  ];
};

/** Who can have a boundary. */
const BOUNDED_KINDS: ReadonlySet<Caller["principal"]["kind"]> = new Set(["User", "AssumedRole"]);

const outcomeOf = (question: Question, sides: Sides, asked: readonly Asked[]): Outcome => {
  const { caller } = question;
  const { resource } = sides;
  const anonymous = caller.principal.kind === "Anonymous";
  const own = !anonymous && (resource === undefined || resource.accountId === caller.accountId);
  const isOwnRoot = own && caller.principal.kind === "Root";
  if (isOwnRoot && resource?.rootAlways === true && mayByItself(sides, asked)) {
    return { allowed: true, decidedBy: "root" };
  }
  const denied = asked.find(({ deny }) => deny !== undefined)?.deny;
  if (denied !== undefined) {
    return { allowed: false, decidedBy: denied.layer, denial: "explicit", deciding: [denied] };
  }
  if (resource?.restricted === true && !own)
    return { allowed: false, decidedBy: "publicAccessBlock", denial: "implicit" };
  const there = resourceOutcome(resource, asked);
  if (anonymous) return there ?? notAllowed("resource");
  return own ? withinAccount(sides, asked, there) : acrossAccounts(sides, asked, there);
};

/** Whether a caller's own side allows it and denies nothing: a session of AssumeRoot may do what its task is. */
const mayByItself = (sides: Sides, asked: readonly Asked[]): boolean =>
  asked.slice(0, -1).every(({ deny }) => deny === undefined) && callerOutcome(sides, asked).allowed;

const notAllowed = (decidedBy: DecidedBy): Outcome => ({ allowed: false, decidedBy, denial: "implicit" });

/** What the resource's side allows, whoever else must. */
const resourceOutcome = (resource: ResourceSide | undefined, asked: readonly Asked[]): Outcome | undefined => {
  if (resource === undefined) return undefined;
  const grant = resource.deniesOnly === true ? undefined : strongestGrant(asked.at(-1));
  if (grant !== undefined) return { allowed: true, decidedBy: "resource", deciding: [grant] };
  return resource.acl && { allowed: true, decidedBy: "acl", acl: resource.acl };
};

/** How far a grant of the resource's side reaches within its account. */
const reachOf = (
  there: Outcome | undefined,
  asked: readonly Asked[],
): "direct" | "bounded" | "delegated" | undefined => {
  if (there === undefined) return undefined;
  if (there.acl !== undefined) return there.acl.to === "everyone" ? "direct" : "delegated";
  return asked.at(-1)?.allow?.reach;
};

const withinAccount = (sides: Sides, asked: readonly Asked[], there: Outcome | undefined): Outcome => {
  const reach = reachOf(there, asked);
  // To a session, a user or everyone it is given as it is: no boundary, no session policy bounds it.
  if (there !== undefined && reach === "direct") return there;
  const bounds = boundsOutcome(sides, asked);
  if (there !== undefined && reach === "bounded") return bounds ?? there;
  const here = callerOutcome(sides, asked);
  if (!here.allowed || sides.resource?.mustAllow !== true) return here;
  return there === undefined ? notAllowed("resource") : both(here, there);
};

const acrossAccounts = (sides: Sides, asked: readonly Asked[], there: Outcome | undefined): Outcome => {
  const here = callerOutcome(sides, asked);
  if (!here.allowed) return here;
  return there === undefined ? notAllowed("resource") : both(here, there);
};

/** Both sides had to allow it; it is told as the resource's. */
const both = (here: Outcome, there: Outcome): Outcome => ({
  ...there,
  deciding: [...(here.deciding ?? []), ...(there.deciding ?? [])],
});

/** Which bound does not allow it; undefined where all do. */
const boundsOutcome = ({ caller }: Sides, asked: readonly Asked[]): Outcome | undefined => {
  if (caller.boundary !== undefined && asked[1]?.allow === undefined) return notAllowed("boundary");
  const sessions = asked.slice(2, -1);
  return sessions.some(({ allow }) => allow === undefined) ? notAllowed("session") : undefined;
};

/** What the caller's own account allows. */
const callerOutcome = (sides: Sides, asked: readonly Asked[]): Outcome => {
  const [identity] = asked;
  const everything = sides.caller.identity === "everything";
  if (!everything && identity?.allow === undefined) return notAllowed("identity");
  const bounds = boundsOutcome(sides, asked);
  if (bounds !== undefined) return bounds;
  const deciding = asked.slice(0, -1).flatMap(({ allow }) => (allow === undefined ? [] : [allow.by]));
  return { allowed: true, decidedBy: everything ? "root" : "identity", deciding };
};
