/** Asks policies about a request to S3, as far as the world's auth mode wants it, and keeps what was decided. */
import { callerSideOf } from "../access/caller-side.ts";
import { decide, decideByDenial, type CallerSide } from "../access/decide.ts";
import type { Decision, PolicyInPlay } from "../access/decision.ts";
import { deniedMessage } from "../access/denied-message.ts";
import { SESSION_ACTION } from "../access/directory-bucket-actions.ts";
import { keepDecision } from "../access/kept-decisions.ts";
import type { Question } from "../access/question.ts";
import type { Tag } from "../access/request-facts.ts";
import type { Need } from "../access/s3-actions.ts";
import { s3Values } from "../access/s3-condition-keys.ts";
import { bucketArn } from "../services/s3/bucket-arn.ts";
import { isDirectoryBucketName } from "../services/s3/directory-buckets/directory-name.ts";
import { S3Error } from "../services/s3/errors.ts";
import type { Bucket } from "../state/model.ts";
import { documentKeys, NO_DOCUMENT, s3Facts, type AccessRequest, type DocumentFacts } from "./access-facts.ts";
import { passageFacts, type Passage } from "./access-point.ts";
import {
  bucketPolicyOf,
  denialSideOf,
  pointSideOf,
  resourceSideOf,
  targetObject,
  type AccessTarget,
} from "./access-resource.ts";
import { bucketTagsFor, identityTagsFor, policiesOfSide } from "./access-tags.ts";
import type { RequestScope } from "./scope.ts";

/** How far a request is judged: not at all, by explicit denials of the bucket's policy alone, by everything. */
export type Judging = "nothing" | "denials" | "everything";

/** How a request is judged. The trail keeps it, for what its handler has to ask beside. */
export type Access = {
  readonly request: AccessRequest;
  readonly judging: Judging;
  readonly document: DocumentFacts;
  /** What is asked again once the request's document was read, because policies ask for what stands in it. */
  readonly waiting?: { readonly bucket: Bucket | undefined; readonly needs: readonly Need[] };
};

/** AccessDenied in AWS's words. */
export const deniedError = (decision: Decision): S3Error => {
  const message = deniedMessage(decision);
  return message === undefined ? new S3Error("AccessDenied") : new S3Error("AccessDenied", {}, { message });
};

/**
 * Holds all that a request needs against the policies. Answers how to go on judging it.
 * Errors: AccessDenied.
 */
export const judge = async (
  scope: RequestScope,
  access: Access,
  { bucket, needs }: { readonly bucket: Bucket | undefined; readonly needs: readonly Need[] },
): Promise<Access> => {
  if (access.document === NO_DOCUMENT && (await asksForDocument(scope, access, bucket))) {
    return { ...access, waiting: { bucket, needs } };
  }
  for (const need of needs) {
    const decision = await decideNeed(scope, access, { bucket, need });
    if (!decision.allowed) throw deniedError(decision);
    if (decision.decidedBy === "acl") scope.trail.note({ aclRequired: true });
  }
  return access;
};

const decideNeed = (
  scope: RequestScope,
  access: Access,
  { bucket, need: { action, on } }: { readonly bucket: Bucket | undefined; readonly need: Need },
): Promise<Decision> => {
  const { route } = access.request;
  if (bucket === undefined) return decideWithoutBucket(scope, access, { action, on });
  const target = { action, bucket };
  if (on !== "object") return decideOn(scope, access, target);
  const key = route.key ?? scope.trail.facts.key;
  return decideOn(scope, access, { ...target, key, versionId: route.query.get("versionId") });
};

/** What is on no bucket that is there: a list of all of them, or a new one. */
const decideWithoutBucket = async (scope: RequestScope, access: Access, { action, on }: Need): Promise<Decision> => {
  const { caller } = access.request.identified;
  const side = await callerSideOf(scope.world, caller);
  const name = on === "account" ? "*" : (access.request.route.bucket ?? "");
  const identityTags = await identityTagsFor(scope.world, { caller, policies: policiesOfSide(side) });
  const facts = s3Facts(scope, access.request, {
    fromDocument: access.document,
    resourceAccountId: caller.accountId,
    identityTags,
  });
  const { partition, accountId } = caller;
  const resource = action.startsWith("s3express:")
    ? `arn:${partition}:s3express:${facts.region}:${accountId}:bucket/${name}`
    : `arn:${partition}:s3:::${name}`;
  const question = { caller, action, resource, values: s3Values(facts) };
  return kept(scope, decide(question, { caller: side }));
};

/**
 * Decides about one action on a bucket or a key, and keeps the decision. What comes through an access point must be let through by
 * that and by the bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
 */
export const decideOn = async (scope: RequestScope, access: Access, target: AccessTarget): Promise<Decision> => {
  const { request, judging } = access;
  const { caller } = request.identified;
  const everything = judging === "everything";
  const side: CallerSide = everything ? await callerSideOf(scope.world, caller) : { identity: "everything" };
  const passage = passageTo(scope, target.bucket);
  if (passage === undefined) return decideOnBucket(scope, access, { target, side });
  const atPoint = await decideAtPoint(scope, access, { target, side, passage });
  if (!atPoint.allowed) return atPoint;
  // The bucket's account says who of others comes in: what theirs says was asked at the access point.
  const isOther = caller.accountId !== target.bucket.accountId;
  return decideOnBucket(scope, access, { target, side: isOther ? { identity: "everything" } : side, passage });
};

type Asked = { readonly target: AccessTarget; readonly side: CallerSide; readonly passage?: Passage | undefined };

const decideOnBucket = async (
  scope: RequestScope,
  access: Access,
  { target, side, passage }: Asked,
): Promise<Decision> => {
  const { request, judging } = access;
  const { caller } = request.identified;
  const writes = WRITES.has(request.operation);
  const everything = judging === "everything";
  const resource = everything
    ? await resourceSideOf(scope, { caller, target, writes, point: passage?.point })
    : await denialSideOf(scope, target);
  const policies = [...policiesOfSide(side), ...resource.policies];
  const question = await questionOf(scope, access, { target, policies, passage });
  return kept(scope, everything ? decide(question, { caller: side, resource }) : decideByDenial(question, resource));
};

/** The access point that a request comes to a bucket through: that which it names, or which it copies from. */
const passageTo = ({ trail }: RequestScope, bucket: Bucket): Passage | undefined => {
  const { passage, sourceBucket, sourcePassage } = trail.facts;
  return bucket === sourceBucket ? sourcePassage : passage;
};

const decideAtPoint = async (
  scope: RequestScope,
  access: Access,
  { target, side, passage }: Asked & { readonly passage: Passage },
): Promise<Decision> => {
  const resource = await pointSideOf(scope, passage);
  const policies = [...policiesOfSide(side), ...resource.policies];
  const { key } = target;
  const arn = passageFacts(passage).arn;
  const asked = await questionOf(scope, access, { target, policies, passage, resourceTags: passage.tags });
  const question: Question = { ...asked, resource: key === undefined ? arn : `${arn}/object/${key}` };
  const everything = access.judging === "everything";
  return kept(scope, everything ? decide(question, { caller: side, resource }) : decideByDenial(question, resource));
};

/** Operations that make an object: what they say of it is said of what is not there yet. */
const WRITES: ReadonlySet<string> = new Set(["CopyObject", "CreateMultipartUpload", "PutObject"]);

const kept = (scope: RequestScope, decision: Decision): Decision => {
  keepDecision(scope.world, scope.draw.requestId, decision);
  return decision;
};

/** Whether any policy in play asks for what stands in the request's document. */
const asksForDocument = async (
  scope: RequestScope,
  { request, judging }: Access,
  bucket: Bucket | undefined,
): Promise<boolean> => {
  const keys = documentKeys(request.operation);
  if (keys.length === 0) return false;
  const ofBucket = bucket === undefined ? undefined : await bucketPolicyOf(scope, bucket);
  const ofCaller =
    judging === "everything" ? policiesOfSide(await callerSideOf(scope.world, request.identified.caller)) : [];
  const ofPoint = scope.trail.facts.passage?.policy;
  const policies = [...ofCaller, ofBucket, ofPoint].filter((policy) => policy !== undefined);
  return policies.some(({ policy }) => keys.some((key) => policy.conditionKeys.has(key)));
};

/** The question, with what has to be read first where a policy asks for it. */
const questionOf = async (
  scope: RequestScope,
  { request, document }: Access,
  {
    target,
    policies,
    passage,
    resourceTags,
  }: {
    readonly target: AccessTarget;
    readonly policies: readonly PolicyInPlay[];
    readonly passage: Passage | undefined;
    /** Other tags than the bucket's. */
    readonly resourceTags?: readonly Tag[];
  },
): Promise<Question> => {
  const { action, bucket, key, versionId, ifMatch } = target;
  const { caller } = request.identified;
  const asksFor = (name: string): boolean => policies.some(({ policy }) => policy.conditionKeys.has(name));
  const object = asksFor("s3:existingobjecttag/") ? await targetObject(scope, target) : undefined;
  const facts = s3Facts(scope, request, {
    fromDocument: document,
    resourceAccountId: bucket.accountId,
    versionId,
    ifMatch,
    accessPoint: passage && passageFacts(passage),
    objectTags: object?.attributes.tags,
    identityTags: await identityTagsFor(scope.world, { caller, policies }),
    resourceTags: resourceTags ?? (await bucketTagsFor(scope.world, { bucket, policies })),
  });
  const arn = bucketArn(bucket);
  const values = s3Values(facts);
  if (!isDirectoryBucketName(bucket.name)) {
    return { caller, action, resource: key === undefined ? arn : `${arn}/${key}`, values };
  }
  return { caller, action: action.startsWith("s3express:") ? action : SESSION_ACTION, resource: arn, values };
};
