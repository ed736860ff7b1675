/** Decides as `strict` does, without a request. */
import { callerSideOf } from "../access/caller-side.ts";
import { decide } from "../access/decide.ts";
import type { Decision } from "../access/decision.ts";
import type { ConditionValues } from "../access/question.ts";
import { s3Values } from "../access/s3-condition-keys.ts";
import type { SimulateAccess, SimulatedCaller, SimulatedQuestion } from "../access/simulation.ts";
import { uniqueId } from "../identity/unique-id.ts";
import type { Platform } from "../platform/platform.ts";
import type { Caller, Principal, Session } from "../protocol/caller.ts";
import { parseParameters } from "../protocol/query-string.ts";
import { bucketArn } from "../services/s3/bucket-arn.ts";
import { bucketNameFor, lookUpBucket } from "../state/buckets.ts";
import { findRole, findUser } from "../state/identities/find.ts";
import type { Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";
import { resourceSideOf, targetObject, type AccessTarget } from "./access-resource.ts";
import { bucketTagsFor, identityTagsFor, policiesOfSide } from "./access-tags.ts";

const SESSION_MS = 3_600_000;
const REGION = "us-east-1";
const ADDRESS = "127.0.0.1";

/** Makes what asks without doing. */
export const createAccessSimulator = (platform: Platform): SimulateAccess => {
  return async (world, question) => {
    const caller = await callerOf(world, question);
    if ("resource" in question.on) return decideElsewhere(world, question, { caller, resource: question.on.resource });
    const { bucket: name, key, versionId } = question.on;
    const bucket = await lookUpBucket(
      world,
      bucketNameFor(world, { partition: caller.partition, name, callerAccountId: caller.accountId }),
    );
    if (bucket === undefined) return undefined;
    const target: AccessTarget = { action: question.action, bucket, key, versionId };
    return decideOnBucket({ world, deps: { platform } }, question, { caller, bucket, target });
  };
};

const decideElsewhere = async (
  world: World,
  question: SimulatedQuestion,
  { caller, resource }: { readonly caller: Caller; readonly resource: string },
): Promise<Decision> => {
  const side = await callerSideOf(world, caller);
  const identityTags = await identityTagsFor(world, { caller, policies: policiesOfSide(side) });
  const values = valuesOf(question, { caller, resourceAccountId: caller.accountId, identityTags });
  return decide({ caller, action: question.action, resource, values }, { caller: side });
};

const decideOnBucket = async (
  scope: { readonly world: World; readonly deps: { readonly platform: Platform } },
  question: SimulatedQuestion,
  { caller, bucket, target }: { readonly caller: Caller; readonly bucket: Bucket; readonly target: AccessTarget },
): Promise<Decision> => {
  const { world } = scope;
  const { action } = question;
  const side = await callerSideOf(world, caller);
  const resource = await resourceSideOf(scope, { caller, target, writes: action === "s3:PutObject" });
  const policies = [...policiesOfSide(side), ...resource.policies];
  const asksForTags = policies.some(({ policy }) => policy.conditionKeys.has("s3:existingobjecttag/"));
  const object = asksForTags ? await targetObject(scope, target) : undefined;
  const values = valuesOf(question, {
    caller,
    resourceAccountId: bucket.accountId,
    versionId: target.versionId,
    objectTags: object?.attributes.tags,
    identityTags: await identityTagsFor(world, { caller, policies }),
    resourceTags: await bucketTagsFor(world, { bucket, policies }),
  });
  const arn = bucketArn(bucket);
  const on = target.key === undefined ? arn : `${arn}/${target.key}`;
  return decide({ caller, action, resource: on, values }, { caller: side, resource });
};

type Known = Pick<
  Parameters<typeof s3Values>[0],
  "caller" | "resourceAccountId" | "versionId" | "objectTags" | "identityTags" | "resourceTags"
>;

const valuesOf = ({ context, nowMs }: SimulatedQuestion, known: Known): ConditionValues => {
  const values = s3Values({
    ...known,
    nowMs,
    remoteAddress: ADDRESS,
    secure: true,
    headers: {},
    region: REGION,
    operation: "",
    query: parseParameters(""),
  });
  return (key) => (context.has(key) ? context.get(key) : values(key));
};

const callerOf = async (world: World, { caller, nowMs }: SimulatedQuestion): Promise<Caller> => {
  const principal = await principalOf(world, caller);
  const session = await sessionOf(world, caller, nowMs);
  return { partition: "aws", accountId: caller.accountId, principal, ...(session === undefined ? {} : { session }) };
};

const principalOf = async (world: World, caller: SimulatedCaller): Promise<Principal> => {
  switch (caller.kind) {
    case "root":
      return { kind: "Root" };
    case "anonymous":
      return { kind: "Anonymous" };
    case "user":
      return userOf(world, caller);
    case "federatedUser":
      return { kind: "FederatedUser", name: caller.name };
    case "role":
  }
  const { accountId, name, sessionName } = caller;
  const role = await findRole(world, { accountId, name });
  return {
    kind: "AssumedRole",
    roleName: name,
    roleId: role?.id ?? uniqueId({ prefix: "AROA", accountId, name }),
    sessionName,
    ...(role === undefined ? {} : { rolePath: role.path }),
  };
};

const userOf = async (
  world: World,
  { accountId, name }: { readonly accountId: string; readonly name: string },
): Promise<Extract<Principal, { readonly kind: "User" }>> => {
  const user = await findUser(world, { accountId, name });
  const userId = user?.id ?? uniqueId({ prefix: "AIDA", accountId, name });
  return { kind: "User", userName: name, userId, ...(user === undefined ? {} : { path: user.path }) };
};

const sessionOf = async (world: World, caller: SimulatedCaller, nowMs: number): Promise<Session | undefined> => {
  if (caller.kind !== "role" && caller.kind !== "federatedUser") return undefined;
  const { sessionPolicy, policyArns } = caller;
  const common = {
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + SESSION_MS,
    ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
    ...(policyArns.length === 0 ? {} : { policyArns }),
  };
  if (caller.kind === "role") return { ...common, kind: "AssumeRole" };
  const { accountId, madeBy } = caller;
  const maker = madeBy === undefined ? ({ kind: "Root" } as const) : await userOf(world, { accountId, name: madeBy });
  return { ...common, kind: "GetFederationToken", madeBy: maker };
};
