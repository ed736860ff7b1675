/**
 * What the public access blocks of a bucket, of its account and of an access point say, and what they refuse.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
import { callerArn, type Caller } from "../../protocol/caller.ts";
import type { AccessPoint } from "../../state/access-points.ts";
import { keptAccountBlock, readAccountBlock } from "../../state/account-block.ts";
import { getConfiguration, putConfiguration } from "../../state/buckets.ts";
import { parsedConfiguration } from "../../state/configuration-cache.ts";
import type { AclGrant, Bucket } from "../../state/model.ts";
import type { Tx, View } from "../../state/view.ts";
import type { World } from "../../state/world.ts";
import { S3Error } from "./errors.ts";
import { grantsPublicly } from "./grants.ts";

/** The four settings, by AWS's names. */
export type PublicAccessBlock = {
  readonly BlockPublicAcls: boolean;
  readonly IgnorePublicAcls: boolean;
  readonly BlockPublicPolicy: boolean;
  readonly RestrictPublicBuckets: boolean;
};

/** What a bucket has that says nothing else. */
const NEW_BUCKETS: PublicAccessBlock = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** A bucket's block; undefined where it was deleted, or the bucket made as they were before there was one. */
export const readPublicAccessBlock = async (view: View, bucket: Bucket): Promise<PublicAccessBlock | undefined> => {
  const document = await getConfiguration(view, bucket, "publicAccessBlock");
  return document === undefined ? NEW_BUCKETS : parseBlock(document);
};

const parseBlock = (document: string): PublicAccessBlock | undefined =>
  (JSON.parse(document) as PublicAccessBlock | null) ?? undefined;

/** As {@link readPublicAccessBlock}, at once where it is known; `bucket` is as it was looked up. */
export const keptPublicAccessBlock = (
  world: World,
  bucket: Bucket,
): PublicAccessBlock | undefined | Promise<PublicAccessBlock | undefined> =>
  bucket.configurations.includes("publicAccessBlock")
    ? parsedConfiguration(world, bucket, { kind: "publicAccessBlock", parse: parseBlock })
    : NEW_BUCKETS;

/** Keeps a bucket's block, or (undefined) that it has none. `bucket` is as `requireBucket` gave it. */
export const storePublicAccessBlock = (tx: Tx, bucket: Bucket, block: PublicAccessBlock | undefined): Promise<Bucket> =>
  putConfiguration(tx, bucket, { kind: "publicAccessBlock", document: JSON.stringify(block ?? null) });

/** An account's block as it is kept; undefined where it has none. */
export const parseAccountBlock = (document: string | undefined): PublicAccessBlock | undefined =>
  document === undefined ? undefined : (JSON.parse(document) as PublicAccessBlock);

/** The block of a whole account, at once where it is known. */
export const keptAccountAccessBlock = (
  world: World,
  accountId: string,
): PublicAccessBlock | undefined | Promise<PublicAccessBlock | undefined> => {
  const document = keptAccountBlock(world, accountId);
  return document instanceof Promise ? document.then(parseAccountBlock) : parseAccountBlock(document);
};

const accountBlocks = async (view: View, accountId: string, setting: keyof PublicAccessBlock): Promise<boolean> =>
  parseAccountBlock(await readAccountBlock(view, accountId))?.[setting] === true;

/** Whether a setting holds for a bucket: its own block or its account's says so. */
const isBlocked = async (view: View, bucket: Bucket, setting: keyof PublicAccessBlock): Promise<boolean> =>
  (await readPublicAccessBlock(view, bucket))?.[setting] === true || accountBlocks(view, bucket.accountId, setting);

/** Whether a setting holds for an access point: its own block or its account's says so. */
const isPointBlocked = async (view: View, point: AccessPoint, setting: keyof PublicAccessBlock): Promise<boolean> =>
  point.publicAccessBlock[setting] || accountBlocks(view, point.accountId, setting);

/** What a request wanted to do, in the words of policies. */
type Attempt = { readonly action: string; readonly key?: string };

type NewAcl = {
  readonly bucket: Bucket;
  readonly caller: Caller;
  /** The access point that the request came through. */
  readonly accessPoint?: AccessPoint | undefined;
  readonly grants: readonly AclGrant[];
  readonly attempt: Attempt;
};

type Refused = Omit<NewAcl, "accessPoint" | "grants"> & { readonly because: string };

const PUBLIC_POLICY = "public policies are prevented by the BlockPublicPolicy";

/** AWS says why to callers of the bucket's own account only. */
const refused = ({ bucket, caller, attempt: { action, key }, because }: Refused): S3Error => {
  if (caller.accountId !== bucket.accountId) return new S3Error("AccessDenied");
  const resource = `arn:${bucket.partition}:s3:::${bucket.name}${key === undefined ? "" : `/${key}`}`;
  return refusedOn(resource, { caller, action, because });
};

const refusedOn = (
  resource: string,
  { caller, action, because }: { readonly caller: Caller; readonly action: string; readonly because: string },
): S3Error => {
  const message = `User: ${callerArn(caller)} is not authorized to perform: ${action} on resource: "${resource}" because ${because} setting in S3 Block Public Access.`;
  return new S3Error("AccessDenied", {}, { message });
};

/**
 * Holds a new ACL against the blocks of the bucket, its account and the access point on the way, which are read only if the ACL is public.
 * Errors: AccessDenied.
 */
export const assertAclNotBlocked = async (view: View, acl: NewAcl): Promise<void> => {
  if (!grantsPublicly(acl.grants)) return;
  const { bucket, accessPoint } = acl;
  const ofPoint = accessPoint !== undefined && (await isPointBlocked(view, accessPoint, "BlockPublicAcls"));
  if (ofPoint || (await isBlocked(view, bucket, "BlockPublicAcls")))
    throw refused({ ...acl, because: "public ACLs are prevented by the BlockPublicAcls" });
};

/**
 * Holds a new policy that is public against the blocks of the bucket and its account.
 * Errors: AccessDenied.
 */
export const assertPublicPolicyNotBlocked = async (
  view: View,
  { bucket, caller }: { readonly bucket: Bucket; readonly caller: Caller },
): Promise<void> => {
  if (!(await isBlocked(view, bucket, "BlockPublicPolicy"))) return;
  const attempt = { action: "s3:PutBucketPolicy" };
  throw refused({ bucket, caller, attempt, because: PUBLIC_POLICY });
};

/**
 * Holds a new policy of an access point that is public against its own block and its account's.
 * Errors: AccessDenied.
 */
export const assertPointPolicyNotBlocked = async (
  view: View,
  { point, arn, caller }: { readonly point: AccessPoint; readonly arn: string; readonly caller: Caller },
): Promise<void> => {
  if (!(await isPointBlocked(view, point, "BlockPublicPolicy"))) return;
  throw refusedOn(arn, { caller, action: "s3:PutAccessPointPolicy", because: PUBLIC_POLICY });
};
