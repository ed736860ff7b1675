/** What the account of a bucket, and that of an object in it, let others do: policy, ACLs, ownership, public access block. */
import { aclNeedOf, findGrant, type AclFinding } from "../access/acl-grants.ts";
import type { ResourceSide } from "../access/decide.ts";
import type { PolicyInPlay } from "../access/decision.ts";
import { parsePolicy } from "../access/policy/parse-policy.ts";
import { PolicySyntaxError } from "../access/policy/syntax-error.ts";
import { isPublicPolicy } from "../access/policy/public-policy.ts";
import type { Platform } from "../platform/platform.ts";
import type { Caller } from "../protocol/caller.ts";
import { bucketAcl, objectAcl } from "../services/s3/acl-stored.ts";
import { GROUP_URIS } from "../services/s3/grants.ts";
import { presentOwner } from "../services/s3/owners.ts";
import {
  keptAccountAccessBlock,
  keptPublicAccessBlock,
  type PublicAccessBlock,
} from "../services/s3/public-access-block.ts";
import type { AccessPoint } from "../state/access-points.ts";
import { parsedConfiguration } from "../state/configuration-cache.ts";
import type { Bucket, ObjectVersion } from "../state/model.ts";
import { currentObject, findVersion } from "../state/objects.ts";
import { isVersionId } from "../state/version-ids.ts";
import type { World } from "../state/world.ts";
import type { Passage } from "./access-point.ts";

/** What the policies and objects of a question are read from: a request's scope is one. */
export type AccessScope = { readonly world: World; readonly deps: { readonly platform: Pick<Platform, "logger"> } };

/** What a question is about. */
export type AccessTarget = {
  readonly action: string;
  readonly bucket: Bucket;
  readonly key?: string | undefined;
  readonly versionId?: string | undefined;
  /** The ETag on which it depends, where that is another than the request's. */
  readonly ifMatch?: string | undefined;
};

/** Actions on what an object holds or says, which its owner grants: a bucket's owner who does not own it can only deny them. */
const OWNERS_ACTIONS: ReadonlySet<string> = new Set([
  "s3:DeleteObjectAnnotation",
  "s3:DeleteObjectTagging",
  "s3:DeleteObjectVersionAnnotation",
  "s3:DeleteObjectVersionTagging",
  "s3:GetObject",
  "s3:GetObjectAcl",
  "s3:GetObjectAnnotation",
  "s3:GetObjectAttributes",
  "s3:GetObjectTagging",
  "s3:GetObjectTorrent",
  "s3:GetObjectVersion",
  "s3:GetObjectVersionAcl",
  "s3:GetObjectVersionAnnotation",
  "s3:GetObjectVersionAttributes",
  "s3:GetObjectVersionTagging",
  "s3:GetObjectVersionTorrent",
  "s3:ListObjectAnnotations",
  "s3:ListObjectVersionAnnotations",
  "s3:PutObjectAcl",
  "s3:PutObjectAnnotation",
  "s3:PutObjectTagging",
  "s3:PutObjectVersionAcl",
  "s3:PutObjectVersionAnnotation",
  "s3:PutObjectVersionTagging",
  "s3:UpdateObjectEncryption",
]);

/** Given to new objects in headers too, where there is no owner yet. */
const OF_NEW_OBJECTS: ReadonlySet<string> = new Set(["s3:PutObjectAcl", "s3:PutObjectTagging"]);

/** What the owner's root may do whatever the policy says. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
const ROOT_ALWAYS: ReadonlySet<string> = new Set(["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"]);

/** A bucket's policy, parsed once; at once where that is known. One that an older server let in and that is none now is as none. */
export const bucketPolicyOf = (
  { world, deps }: AccessScope,
  bucket: Bucket,
): PolicyInPlay | undefined | Promise<PolicyInPlay | undefined> => {
  if (!bucket.configurations.includes("policy")) return undefined;
  return parsedConfiguration(world, bucket, {
    kind: "policy",
    parse: (document) => {
      try {
        return { name: `bucket policy of ${bucket.name}`, policy: parsePolicy(document, { kind: "resource" }) };
      } catch (error) {
        if (!(error instanceof PolicySyntaxError)) throw error;
        deps.platform.logger.warn("a bucket's policy cannot be read and is as none", { bucket: bucket.name, error });
        return undefined;
      }
    },
  });
};

/** The version that a question is about, where there is one. */
export const targetObject = async (
  { world }: AccessScope,
  { bucket, key, versionId }: AccessTarget,
): Promise<ObjectVersion | undefined> => {
  if (key === undefined || (versionId !== undefined && !isVersionId(versionId))) return undefined;
  const version = await world.read((view) =>
    versionId === undefined ? currentObject(view, bucket, key) : findVersion(view, bucket, { key, versionId }),
  );
  return version?.kind === "object" ? version : undefined;
};

const policySide = ({ action, bucket }: AccessTarget, policy: PolicyInPlay | undefined): ResourceSide => ({
  accountId: bucket.accountId,
  policies: policy === undefined ? [] : [policy],
  rootAlways: ROOT_ALWAYS.has(action),
});

/** The policy alone, for modes that ask for its denials and nothing else. */
export const denialSideOf = async (scope: AccessScope, target: AccessTarget): Promise<ResourceSide> =>
  policySide(target, await bucketPolicyOf(scope, target.bucket));

/**
 * The side of the resource's account. Objects are looked at only where they may have other owners than the bucket, and its block
 * only where something could be public.
 */
export const resourceSideOf = async (
  scope: AccessScope,
  {
    caller,
    target,
    writes,
    point,
  }: {
    readonly caller: Caller;
    readonly target: AccessTarget;
    readonly writes: boolean;
    /** The access point that the request came through. */
    readonly point?: AccessPoint | undefined;
  },
): Promise<ResourceSide> => {
  const { action, bucket, key } = target;
  const policy = await bucketPolicyOf(scope, bucket);
  const own = caller.principal.kind !== "Anonymous" && caller.accountId === bucket.accountId;
  const blocks = own && bucket.objectOwnership === "BucketOwnerEnforced" ? [] : await blocksOf(scope, bucket);
  const restrictsPublic = blocks.some((block) => block.RestrictPublicBuckets);
  const restricted = policy !== undefined && restrictsPublic && isPublicPolicy(policy.policy);
  const side: ResourceSide = { ...policySide({ action, bucket }, policy), restricted, restrictsPublic };
  if (bucket.objectOwnership === "BucketOwnerEnforced") return side;
  const object = key === undefined ? undefined : await targetObject(scope, target);
  const ownerAccountId = object === undefined ? bucket.accountId : presentOwner(bucket, object.ownerAccountId);
  const ofPoint = point === undefined ? [] : await blocksOfPoint(scope, point);
  const publicIgnored = [...blocks, ...ofPoint].some((block) => block.IgnorePublicAcls);
  const acl = await aclFinding(scope, { caller, target, object, publicIgnored });
  const ignoredAcl =
    acl === undefined && publicIgnored
      ? await aclFinding(scope, { caller, target, object, publicIgnored: false })
      : undefined;
  const isOwners = OWNERS_ACTIONS.has(action) && !(writes && OF_NEW_OBJECTS.has(action));
  if (!isOwners || ownerAccountId === bucket.accountId) return { ...side, acl, ignoredAcl };
  return { ...side, accountId: ownerAccountId, deniesOnly: true, acl, ignoredAcl };
};

/**
 * The side of an access point's account: its policy, and the blocks of public access that hold there.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html
 */
export const pointSideOf = async (scope: AccessScope, { point, policy }: Passage): Promise<ResourceSide> => {
  const restrictsPublic = (await blocksOfPoint(scope, point)).some((block) => block.RestrictPublicBuckets);
  const isPublic = policy !== undefined && point.vpcId === undefined && isPublicPolicy(policy.policy);
  return {
    accountId: point.accountId,
    policies: policy === undefined ? [] : [policy],
    restricted: restrictsPublic && isPublic,
    restrictsPublic,
  };
};

/** Those of an access point and of its account. */
const blocksOfPoint = async ({ world }: AccessScope, point: AccessPoint): Promise<PublicAccessBlock[]> => {
  const ofAccount = await keptAccountAccessBlock(world, point.accountId);
  return ofAccount === undefined ? [point.publicAccessBlock] : [point.publicAccessBlock, ofAccount];
};

/** Those of the bucket and of its account. */
const blocksOf = async ({ world }: AccessScope, bucket: Bucket): Promise<PublicAccessBlock[]> => {
  const blocks = [await keptPublicAccessBlock(world, bucket), await keptAccountAccessBlock(world, bucket.accountId)];
  return blocks.filter((block) => block !== undefined);
};

const aclFinding = async (
  { world }: AccessScope,
  {
    caller,
    target: { action, bucket },
    object,
    publicIgnored,
  }: {
    readonly caller: Caller;
    readonly target: AccessTarget;
    readonly object: ObjectVersion | undefined;
    readonly publicIgnored: boolean;
  },
): Promise<AclFinding | undefined> => {
  const needed = aclNeedOf(action);
  if (needed === undefined) return undefined;
  const { of, permission } = needed;
  const asked = { caller, permission, groups: GROUP_URIS, publicIgnored };
  if (of === "object") return object === undefined ? undefined : findGrant(objectAcl(bucket, object), asked);
  // Whoever may write into a bucket may not write over, or delete, what others own.
  if (permission === "WRITE" && object !== undefined && object.ownerAccountId !== caller.accountId) return undefined;
  const acl = await world.read((view) => bucketAcl(view, bucket));
  return findGrant(acl, asked);
};
