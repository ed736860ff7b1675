/** ACLs as the state keeps them: resolved, and only where they say more than that the owner has full control. */
import { canonicalOwnerId } from "../../protocol/caller.ts";
import { deleteConfiguration, getConfiguration, putConfiguration } from "../../state/buckets.ts";
import type { Acl, AclGrant, Bucket, ObjectVersion } from "../../state/model.ts";
import type { Tx, View } from "../../state/view.ts";
import { presentOwner } from "./owners.ts";

const ownerOnly = (ownerAccountId: string): Acl => ({
  ownerAccountId,
  grants: [{ grantee: { id: canonicalOwnerId(ownerAccountId) }, permission: "FULL_CONTROL" }],
});

/** The grants to keep; undefined where they are what no ACL means too. */
export const grantsToStore = (grants: readonly AclGrant[], ownerAccountId: string): readonly AclGrant[] | undefined => {
  const [only] = grants;
  const bare =
    grants.length === 1 && only?.permission === "FULL_CONTROL" && only.grantee.id === canonicalOwnerId(ownerAccountId);
  return bare ? undefined : grants;
};

/** Who may do what with an object. Where the bucket's owner owns all that is in it, ACLs wait until that ends. */
export const objectAcl = (bucket: Bucket, object: ObjectVersion): Acl => {
  const { attributes } = object;
  const ownerAccountId = presentOwner(bucket, object.ownerAccountId);
  if (bucket.objectOwnership === "BucketOwnerEnforced") return ownerOnly(ownerAccountId);
  return attributes.acl === undefined ? ownerOnly(ownerAccountId) : { ownerAccountId, grants: attributes.acl };
};

type Document = { readonly grants: readonly AclGrant[] };

/** Who may do what with a bucket. */
export const bucketAcl = async (view: View, bucket: Bucket): Promise<Acl> => {
  const document = await getConfiguration(view, bucket, "acl");
  if (document === undefined) return ownerOnly(bucket.accountId);
  return { ownerAccountId: bucket.accountId, grants: (JSON.parse(document) as Document).grants };
};

/** Keeps a bucket's ACL. `bucket` is as `requireBucket` gave it. */
export const storeBucketAcl = async (tx: Tx, bucket: Bucket, grants: readonly AclGrant[]): Promise<Bucket> => {
  const kept = grantsToStore(grants, bucket.accountId);
  if (kept === undefined) return deleteConfiguration(tx, bucket, "acl");
  const document: Document = { grants: kept };
  return putConfiguration(tx, bucket, { kind: "acl", document: JSON.stringify(document) });
};
