/**
 * What the names of canned ACLs stand for.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
 */
import { canonicalOwnerId } from "../../protocol/caller.ts";
import type { AclGrant, AclGrantee, AclPermission } from "../../state/model.ts";
import { GROUP_URIS } from "./grants.ts";

/** The account of an object or a bucket, and that of the bucket. */
export type AclOwners = { readonly ownerAccountId: string; readonly bucketAccountId: string };

/** The canonical id of the account through which Amazon EC2 reads the bundles of machine images. */
const EC2_ID = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

const grant = (grantee: AclGrantee, permission: AclPermission): AclGrant => ({ grantee, permission });
const toAccount = (accountId: string, permission: AclPermission): AclGrant =>
  grant({ id: canonicalOwnerId(accountId) }, permission);

/** What a bucket's owner gets beside the owner of an object; its own objects are its own already. */
const toBucketOwner = ({ ownerAccountId, bucketAccountId }: AclOwners, permission: AclPermission): AclGrant[] =>
  ownerAccountId === bucketAccountId ? [] : [toAccount(bucketAccountId, permission)];

/** The grants beside the owner's full control. */
const CANNED = {
  private: () => [],
  "public-read": () => [grant({ uri: GROUP_URIS.allUsers }, "READ")],
  "public-read-write": () => [
    grant({ uri: GROUP_URIS.allUsers }, "READ"),
    grant({ uri: GROUP_URIS.allUsers }, "WRITE"),
  ],
  "authenticated-read": () => [grant({ uri: GROUP_URIS.authenticatedUsers }, "READ")],
  "aws-exec-read": () => [grant({ id: EC2_ID }, "READ")],
  "bucket-owner-read": (owners) => toBucketOwner(owners, "READ"),
  "bucket-owner-full-control": (owners) => toBucketOwner(owners, "FULL_CONTROL"),
  "log-delivery-write": () => [
    grant({ uri: GROUP_URIS.logDelivery }, "WRITE"),
    grant({ uri: GROUP_URIS.logDelivery }, "READ_ACP"),
  ],
} as const satisfies Readonly<Record<string, (owners: AclOwners) => AclGrant[]>>;

/** The name of a canned ACL. */
export type CannedAcl = keyof typeof CANNED;

export const isCannedAcl = (name: string): name is CannedAcl => Object.hasOwn(CANNED, name);

/** The grants that a canned ACL stands for. */
export const grantsOfCanned = (canned: CannedAcl, owners: AclOwners): AclGrant[] => [
  toAccount(owners.ownerAccountId, "FULL_CONTROL"),
  ...CANNED[canned](owners),
];
