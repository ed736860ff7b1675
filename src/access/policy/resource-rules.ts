/**
 * What a policy on a bucket or an access point must have, with S3's own words where it does not.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
 */
import type { Element, StatementForm } from "./grammar.ts";
import type { Statement } from "./policy.ts";
import { ACTION_TARGETS, type ActionTarget } from "./s3-actions.ts";
import { hasConditionKey, isConditionKey } from "./s3-condition-keys.ts";
import { PolicySyntaxError } from "./syntax-error.ts";
import { wildcardMatcher } from "./wildcards.ts";
import { RESOURCE_WORDS } from "./words.ts";

export type ResourceOptions = {
  /**
   * For a resource's policy: the ARN of what it stands on, `arn:aws:s3:::bucket`, which every resource in it must be or lie in.
   * Left out, no resource is looked at.
   */
  readonly resourceArn?: string;
  /** For a resource's policy: whether a principal of the type AWS, as it stands there, exists. Left out, every one does. */
  readonly principalExists?: (principal: string) => boolean;
};

/** UTF-8 bytes of a policy's text without the blanks between its parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html */
export const RESOURCE_POLICY_BYTES_MAX = 20_480;

const fail = (message: string): never => {
  throw new PolicySyntaxError(message);
};

const BLANKS = /("(?:[^"\\]|\\.)*")|\s+/g;

/** Errors: PolicySyntaxError. */
export const checkResourceDocument = (_: Element, text: string): void => {
  // Not by JSON.stringify: it gives up on objects that are too deep.
  if (Buffer.byteLength(text) > RESOURCE_POLICY_BYTES_MAX && sizeWithoutBlanks(text) > RESOURCE_POLICY_BYTES_MAX)
    fail(`Normalized policy document exceeds the maximum allowed size of ${RESOURCE_POLICY_BYTES_MAX} bytes`);
};

const sizeWithoutBlanks = (text: string): number => Buffer.byteLength(text.replaceAll(BLANKS, "$1"));

const HAS_WILDCARD = /[*?]/;

/** What the actions that a pattern names are on; empty where it names none. */
const targetsOf = (pattern: string): ReadonlySet<ActionTarget> => {
  const lower = pattern.toLowerCase();
  const exact = ACTION_TARGETS.get(lower);
  if (exact !== undefined) return new Set([exact]);
  if (!HAS_WILDCARD.test(lower)) return new Set();
  const fits = wildcardMatcher(lower);
  return new Set([...ACTION_TARGETS].flatMap(([action, target]) => (fits(action) ? target : [])));
};

/** Parts of an ARN before what names the resource. */
const ARN_HEAD = 5;

/** An ARN's head and the parts of its name between slashes; a variable may hold anything, slashes too. */
const splitArn = (arn: string): { head: string; name: readonly string[] } => {
  const parts = arn.split(":");
  return { head: parts.slice(0, ARN_HEAD).join(":"), name: parts.slice(ARN_HEAD).join(":").split("/") };
};

/** Whether a pattern can be the resource itself or something in it; undefined where it can be neither. */
const reachOf = (pattern: string, resourceArn: string): { itself: boolean; within: boolean } | undefined => {
  const [own, wanted] = [splitArn(resourceArn), splitArn(pattern)];
  if (wanted.head !== own.head) return undefined;
  const outer = wanted.name.slice(0, own.name.length).join("/");
  if (outer.includes("${")) return { itself: true, within: true };
  if (!wildcardMatcher(outer)(own.name.join("/"))) return undefined;
  const within = wanted.name.length > own.name.length;
  return { itself: !within, within: within || outer.endsWith("*") };
};

const isDirectoryBucket = (arn: string): boolean => arn.split(":")[2] === "s3express";

/** The targets that a statement's resources can be. */
const reachedTargets = ({ resources }: Statement, resourceArn: string): ReadonlySet<ActionTarget> => {
  const targets = new Set<ActionTarget>();
  for (const text of resources?.texts ?? []) {
    const reach = reachOf(text, resourceArn);
    if (reach === undefined) return fail("Policy has invalid resource");
    if (isDirectoryBucket(resourceArn)) targets.add("directorybucket");
    else if (reach.itself) targets.add("bucket").add("accesspoint");
    if (reach.within && !isDirectoryBucket(resourceArn)) targets.add("object");
  }
  return targets;
};

const checkActions = ({ actions }: Statement): void => {
  for (const action of actions.texts)
    if (action !== "*" && targetsOf(action).size === 0) fail("Policy has invalid action");
};

/** Every action must be on one of the resources, or the statement says less than it seems to. */
const checkTargets = ({ actions, resources }: Statement, reached: ReadonlySet<ActionTarget>): void => {
  if (actions.except || resources?.except === true) return;
  for (const action of actions.texts)
    if (action !== "*" && ![...targetsOf(action)].some((target) => reached.has(target)))
      fail("Action does not apply to any resource(s) in statement");
};

/** Only of actions that are named in full; one with wildcards may take in some that do not have the key. */
const checkConditions = ({ actions, conditions }: Statement): void => {
  const named = actions.except ? [] : actions.texts.map((text) => text.toLowerCase());
  for (const { name } of conditions) {
    if (!isConditionKey(name)) fail("Policy has an invalid condition key");
    if (!named.every((action) => HAS_WILDCARD.test(action) || hasConditionKey(action, name)))
      fail("Conditions do not apply to combination of actions and resources in statement");
  }
};

const checkPrincipals = ({ principals }: Statement, { principalExists }: ResourceOptions): void => {
  const named = principals?.named.filter(({ type, text }) => type === "AWS" && text !== "*") ?? [];
  if (principalExists !== undefined && !named.every(({ text }) => principalExists(text)))
    fail(RESOURCE_WORDS.invalidPrincipal("AWS", ""));
};

/** Errors: PolicySyntaxError. */
export const requireResourceStatement = ({ actions, ...form }: StatementForm, options: ResourceOptions): Statement => {
  const { principals, resources, effect } = form;
  if (principals === undefined) return fail(RESOURCE_WORDS.missing("Principal"));
  if (principals.except && effect === "Allow") return fail("Allow with NotPrincipal is not allowed.");
  if (actions === undefined) return fail(RESOURCE_WORDS.missing("Action"));
  if (resources === undefined) return fail(RESOURCE_WORDS.missing("Resource"));
  const statement = { ...form, actions, resources };
  checkPrincipals(statement, options);
  checkActions(statement);
  const { resourceArn } = options;
  const reached = resourceArn === undefined ? undefined : reachedTargets(statement, resourceArn);
  checkConditions(statement);
  if (reached !== undefined) checkTargets(statement, reached);
  return statement;
};
