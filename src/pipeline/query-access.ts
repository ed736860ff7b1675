/** Asks policies about a call of a query service (STS, IAM), in the worlds that want it. */
import { authorizationMessage } from "../access/authorization-message.ts";
import { callerSideOf } from "../access/caller-side.ts";
import { globalValues } from "../access/condition-keys.ts";
import { decide, type ResourceSide } from "../access/decide.ts";
import type { Decision } from "../access/decision.ts";
import { keepDecision } from "../access/kept-decisions.ts";
import { parsedPolicy } from "../access/parsed-policies.ts";
import type { ConditionValues } from "../access/question.ts";
import type { Tag } from "../access/request-facts.ts";
import { sealMessage } from "../identity/authorization-message.ts";
import type { Identified } from "../identity/identify.ts";
import { AwsError } from "../protocol/aws-error.ts";
import { callerArn, type Caller } from "../protocol/caller.ts";
import { identityTagsFor, policiesOfSide } from "./access-tags.ts";
import { requestRegion } from "./region.ts";
import type { RequestScope } from "./scope.ts";

/** What a call asks: `iam:CreateUser` on the user's ARN, `sts:AssumeRole` on the role's. */
export type QueryQuestion = {
  readonly action: string;
  /** An ARN; `*` for an action that is on nothing. */
  readonly resource: string;
  /** Whose the resource is, where it is another account's than the caller's. */
  readonly resourceAccountId?: string | undefined;
  /** Tags that the call gives to the resource, or to the session that it makes. */
  readonly tags?: readonly Tag[] | undefined;
  /** Tags of the resource as it is. */
  readonly resourceTags?: readonly Tag[] | undefined;
  /** Values of condition keys by their names in lower case; they come before those of the request. */
  readonly values?: Readonly<Record<string, readonly string[] | undefined>> | undefined;
  /** The role whose trust policy has to allow it as well. */
  readonly role?: { readonly accountId: string; readonly roleName: string; readonly trustPolicy: string } | undefined;
  /** Whether the caller may do it unless its own policies deny it. */
  readonly onlyDenials?: boolean | undefined;
  /** The provider by whose word the call is made, whoever signed it. */
  readonly federatedProvider?: string | undefined;
};

/** The header that denials carry for DecodeAuthorizationMessage: AWS's own words have no place for it. */
const MESSAGE_HEADER = "x-standin-authorization-message";

/**
 * In `strict`, throws AccessDenied where policies do not let the caller do it. Other modes ask nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const authorizeQuery = async (
  scope: RequestScope,
  identified: Identified,
  question: QueryQuestion,
): Promise<void> => {
  if (scope.world.settings.authMode !== "strict") return;
  const decision = await decideQuery(scope, identified, question);
  if (decision.allowed || (question.onlyDenials === true && decision.denial !== "explicit")) return;
  throw denial(scope, decision, question);
};

const decideQuery = async (scope: RequestScope, identified: Identified, question: QueryQuestion): Promise<Decision> => {
  const { world, request, nowMs } = scope;
  const caller = callerOf(identified, question);
  const side = await callerSideOf(world, caller);
  const resource = trustOf(question);
  const policies = [...policiesOfSide(side), ...(resource?.policies ?? [])];
  const fromRequest = globalValues({
    caller,
    nowMs,
    remoteAddress: request.remoteAddress,
    secure: request.secure,
    headers: request.headers,
    region: requestRegion(scope, identified),
    resourceAccountId: question.role?.accountId ?? question.resourceAccountId ?? caller.accountId,
    identityTags: await identityTagsFor(world, { caller, policies }),
    requestTags: question.tags,
    resourceTags: question.resourceTags,
  });
  const { action, resource: arn } = question;
  const decision = decide(
    { caller, action, resource: arn, values: withOwn(fromRequest, question) },
    { caller: side, resource },
  );
  keepDecision(world, scope.draw.requestId, decision);
  return decision;
};

/** Whoever comes on a provider's word is nobody to AWS, credentials or not. */
const callerOf = ({ caller }: Identified, { federatedProvider }: QueryQuestion): Caller =>
  federatedProvider === undefined
    ? caller
    : { partition: caller.partition, accountId: caller.accountId, principal: { kind: "Anonymous" } };

const trustOf = ({ role }: QueryQuestion): ResourceSide | undefined => {
  if (role === undefined) return undefined;
  const { accountId, roleName, trustPolicy } = role;
  const policy = parsedPolicy(trustPolicy, "trust");
  return { accountId, policies: [{ name: `trust policy of role/${roleName}`, policy }], mustAllow: true };
};

const withOwn = (fromRequest: ConditionValues, { values = {}, federatedProvider }: QueryQuestion): ConditionValues => {
  const own = new Map(Object.entries(values).filter(([, value]) => value !== undefined));
  if (federatedProvider !== undefined) own.set("aws:federatedprovider", [federatedProvider]);
  return (key) => own.get(key) ?? fromRequest(key);
};

const POLICY_NAMES: Partial<Record<Decision["decidedBy"], string>> = {
  identity: "identity-based policy",
  boundary: "permissions boundary",
  session: "session policy",
  resource: "resource-based policy",
};

/** AWS does not say who would have to allow that a role is assumed. */
const reasonOf = ({ decidedBy, denial: kind }: Decision, { action, role }: QueryQuestion): string => {
  const name = POLICY_NAMES[decidedBy];
  if (name === undefined) return "";
  if (kind === "explicit") return ` with an explicit deny in ${name.startsWith("i") ? "an" : "a"} ${name}`;
  return role === undefined ? ` because no ${name} allows the ${action} action` : "";
};

const denial = ({ deps }: RequestScope, decision: Decision, question: QueryQuestion): AwsError => {
  const { action, resource, federatedProvider } = question;
  const message =
    federatedProvider === undefined
      ? `User: ${callerArn(decision.question.caller)} is not authorized to perform: ${action} on resource: ${resource}${reasonOf(decision, question)}`
      : `Not authorized to perform ${action}`;
  const sealed = sealMessage(deps.serverKey, authorizationMessage(decision));
  return new AwsError("AccessDenied", {}, { status: 403, message, headers: { [MESSAGE_HEADER]: sealed } });
};
