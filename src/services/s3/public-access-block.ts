/**
 * What a bucket's public access block says, and what it refuses.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
import { callerArn, type Caller } from "../../protocol/caller.ts";
import { getConfiguration, putConfiguration } from "../../state/buckets.ts";
import type { AclGrant, Bucket } from "../../state/model.ts";
import type { Tx, View } from "../../state/view.ts";
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
  if (document === undefined) return NEW_BUCKETS;
  return (JSON.parse(document) as PublicAccessBlock | null) ?? undefined;
};

/** Keeps a bucket's block, or (undefined) that it has none. `bucket` is as `requireBucket` gave it. */
export const storePublicAccessBlock = (tx: Tx, bucket: Bucket, block: PublicAccessBlock | undefined): Promise<Bucket> =>
  putConfiguration(tx, bucket, { kind: "publicAccessBlock", document: JSON.stringify(block ?? null) });

/** What a request wanted to do, in the words of policies. */
type Attempt = { readonly action: string; readonly key?: string };

type NewAcl = {
  readonly bucket: Bucket;
  readonly caller: Caller;
  readonly grants: readonly AclGrant[];
  readonly attempt: Attempt;
};

/** AWS says why to callers of the bucket's own account only. */
const refusedPublicAcl = ({ bucket, caller, attempt: { action, key } }: NewAcl): S3Error => {
  if (caller.accountId !== bucket.accountId) return new S3Error("AccessDenied");
  const resource = `arn:${bucket.partition}:s3:::${bucket.name}${key === undefined ? "" : `/${key}`}`;
  const message = `User: ${callerArn(caller)} is not authorized to perform: ${action} on resource: "${resource}" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`;
  return new S3Error("AccessDenied", {}, { message });
};

/**
 * Holds a new ACL against the bucket's block, which is read only if the ACL is public.
 * Errors: AccessDenied.
 */
export const assertAclNotBlocked = async (view: View, acl: NewAcl): Promise<void> => {
  if (!grantsPublicly(acl.grants)) return;
  const block = await readPublicAccessBlock(view, acl.bucket);
  if (block?.BlockPublicAcls === true) throw refusedPublicAcl(acl);
};
